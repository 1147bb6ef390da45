//! Pace: how much time lies between operations.

use rashomon_checker::Time;

use super::{Context, Generator, Next};
use crate::{Completion, Op, Rng, Seed};

/// Another generator in bursts of random size, at a mean rate that it keeps exactly.
///
/// Operations of a burst overlap at any rate. A burst starts when the operations before it are
/// due, so the last of n operations comes about n times the mean after the first.
#[derive(Clone, Debug)]
pub struct Bursts<G> {
    mean: Time,
    size: u64,
    started: Option<Time>,
    invoked: u64,
    left: u64,
    rng: Rng,
    inner: G,
}

impl<G> Bursts<G> {
    /// `inner` with `mean` between operations on average, over all processes together, in bursts of
    /// up to twice `size` operations; 0 counts as 1.
    pub fn new(seed: Seed, mean: Time, size: u64, inner: G) -> Self {
        let size = size.max(1);
        Self { mean, size, started: None, invoked: 0, left: 0, rng: seed.rng(), inner }
    }
}

impl<G: Generator> Generator for Bursts<G> {
    fn next(&mut self, context: &Context<'_>) -> Next {
        let started = *self.started.get_or_insert(context.now);
        let due = Time(started.0 + self.invoked * self.mean.0);
        if self.left == 0 && context.now < due {
            return Next::Pending(due);
        }
        let next = self.inner.next(context);
        if matches!(next, Next::Invoke { .. }) {
            self.invoked += 1;
            self.left = match self.left {
                0 => self.rng.between(0, 2 * self.size - 2),
                left => left - 1,
            };
        }
        next
    }

    fn observe(&mut self, op: &Op, completion: &Completion) {
        self.inner.observe(op, completion);
    }
}

/// Another generator with random gaps, equally distributed between nothing and twice the mean.
#[derive(Clone, Debug)]
pub struct Stagger<G> {
    mean: Time,
    due: Option<Time>,
    rng: Rng,
    inner: G,
}

impl<G> Stagger<G> {
    /// `inner` with gaps of `mean` on average, over all processes together.
    pub fn new(seed: Seed, mean: Time, inner: G) -> Self {
        Self { mean, due: None, rng: seed.rng(), inner }
    }
}

impl<G: Generator> Generator for Stagger<G> {
    fn next(&mut self, context: &Context<'_>) -> Next {
        let due = *self.due.get_or_insert(context.now);
        if context.now < due {
            return Next::Pending(due);
        }
        let next = self.inner.next(context);
        if matches!(next, Next::Invoke { .. }) {
            // From when it was due, not from now: what was late does not slow down what follows.
            self.due = Some(Time(due.0 + self.rng.between(0, 2 * self.mean.0)));
        }
        next
    }

    fn observe(&mut self, op: &Op, completion: &Completion) {
        self.inner.observe(op, completion);
    }
}

/// Another generator at a fixed rate.
#[derive(Clone, Debug)]
pub struct Rate<G> {
    gap: Time,
    due: Option<Time>,
    inner: G,
}

impl<G> Rate<G> {
    /// `inner` at most `per_second` times a second; 0 counts as 1.
    pub fn new(per_second: u64, inner: G) -> Self {
        Self { gap: Time(1_000_000_000 / per_second.max(1)), due: None, inner }
    }
}

impl<G: Generator> Generator for Rate<G> {
    fn next(&mut self, context: &Context<'_>) -> Next {
        let due = *self.due.get_or_insert(context.now);
        if context.now < due {
            return Next::Pending(due);
        }
        let next = self.inner.next(context);
        if matches!(next, Next::Invoke { .. }) {
            self.due = Some(Time(due.0 + self.gap.0));
        }
        next
    }

    fn observe(&mut self, op: &Op, completion: &Completion) {
        self.inner.observe(op, completion);
    }
}
