//! Pace: how much time lies between operations.

use rashomon_checker::{Event, Time};

use super::{Context, Generator, Next};
use crate::{Rng, Seed};

/// Another generator with random gaps.
///
/// Operations come in bursts, so that they overlap at any mean: a gap is nothing, or else equally
/// distributed up to as much as keeps the mean.
#[derive(Clone, Debug)]
pub struct Stagger<G> {
    mean: Time,
    burst: u64,
    due: Option<Time>,
    rng: Rng,
    inner: G,
}

impl<G> Stagger<G> {
    /// `inner` with gaps of `mean` on average, over all processes together, in bursts of so many
    /// operations on average; 0 counts as 1, which is no bursts.
    pub fn new(seed: Seed, mean: Time, burst: u64, inner: G) -> Self {
        Self { mean, burst: burst.max(1), due: None, rng: seed.rng(), inner }
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
            let ends = self.rng.below(self.burst) == 0;
            let gap = if ends { self.rng.between(0, 2 * self.burst * self.mean.0) } else { 0 };
            self.due = Some(Time(due.0 + gap));
        }
        next
    }

    fn observe(&mut self, event: &Event) {
        self.inner.observe(event);
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

    fn observe(&mut self, event: &Event) {
        self.inner.observe(event);
    }
}
