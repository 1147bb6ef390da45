//! Where operations come from.

use std::collections::VecDeque;

use rashomon_checker::Time;

use super::{Context, Generator, Next};
use crate::{Op, Rng, Seed};

/// Operations made one by one by a function, each for a random free process.
pub struct Source<M> {
    make: M,
    rng: Rng,
}

impl<M: FnMut(&mut Rng) -> Op> Source<M> {
    /// Operations as `make` makes them.
    pub fn new(seed: Seed, make: M) -> Self {
        Self { make, rng: seed.rng() }
    }
}

impl<M: FnMut(&mut Rng) -> Op> Generator for Source<M> {
    fn next(&mut self, context: &Context<'_>) -> Next {
        let Some(process) = context.any_free(&mut self.rng) else {
            return Next::Pending(Time(u64::MAX));
        };
        Next::Invoke { process, op: (self.make)(&mut self.rng) }
    }
}

/// A list of operations, each for the first free process.
#[derive(Clone, Debug)]
pub struct Script {
    ops: VecDeque<Op>,
}

impl Script {
    /// These, first to last.
    pub fn new(ops: impl IntoIterator<Item = Op>) -> Self {
        Self { ops: ops.into_iter().collect() }
    }
}

impl Generator for Script {
    fn next(&mut self, context: &Context<'_>) -> Next {
        if self.ops.is_empty() {
            return Next::Done;
        }
        let Some(&process) = context.free.first() else { return Next::Pending(Time(u64::MAX)) };
        match self.ops.pop_front() {
            Some(op) => Next::Invoke { process, op },
            None => Next::Done,
        }
    }
}
