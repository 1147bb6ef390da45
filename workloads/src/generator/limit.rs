//! Ends of a generator: a number of operations, or a duration.

use rashomon_checker::Time;

use super::{Context, Generator, Next};
use crate::{Completion, Op};

/// The first operations of another generator, up to a limit.
#[derive(Clone, Debug)]
pub struct Limit<G> {
    left: u64,
    inner: G,
}

impl<G> Limit<G> {
    /// At most `ops` operations of `inner`.
    pub fn new(ops: u64, inner: G) -> Self {
        Self { left: ops, inner }
    }
}

impl<G: Generator> Generator for Limit<G> {
    fn next(&mut self, context: &Context<'_>) -> Next {
        if self.left == 0 {
            return Next::Done;
        }
        let next = self.inner.next(context);
        if matches!(next, Next::Invoke { .. }) {
            self.left -= 1;
        }
        next
    }

    fn observe(&mut self, op: &Op, completion: &Completion) {
        self.inner.observe(op, completion);
    }
}

/// Another generator until so long after its first question.
#[derive(Clone, Debug)]
pub struct TimeLimit<G> {
    lasts: Time,
    until: Option<Time>,
    inner: G,
}

impl<G> TimeLimit<G> {
    /// `inner` for as long as `lasts`.
    pub fn new(lasts: Time, inner: G) -> Self {
        Self { lasts, until: None, inner }
    }
}

impl<G: Generator> Generator for TimeLimit<G> {
    fn next(&mut self, context: &Context<'_>) -> Next {
        let until = *self.until.get_or_insert(Time(context.now.0 + self.lasts.0));
        if context.now >= until {
            return Next::Done;
        }
        match self.inner.next(context) {
            Next::Pending(wake) => Next::Pending(wake.min(until)),
            next @ (Next::Invoke { .. } | Next::Done) => next,
        }
    }

    fn observe(&mut self, op: &Op, completion: &Completion) {
        self.inner.observe(op, completion);
    }
}
