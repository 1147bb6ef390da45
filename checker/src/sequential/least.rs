//! The least part of what sessions did that has no order.

use super::decide::{Decided, decide};
use crate::halved::{Halved, halved};
use crate::weak::{Breach, Sessions};
use crate::{Budget, Consistency};

/// A part of more operations than this is not made smaller one by one.
const LEAST_MAX: usize = 2_000;

/// Configurations that each attempt to leave something out may take, and all together. What took more
/// to decide may take twice that again.
const ATTEMPT_MAX: u64 = 200_000;
const ATTEMPTS_MAX: u64 = 5_000_000;

/// Makes operations, which have no order by themselves, as few as possible.
pub(super) struct Least<'a> {
    sessions: &'a Sessions,
    /// In which order the operations began, or nothing.
    rank: &'a [u32],
    /// Of this, the bytes and the way to stop.
    budget: &'a Budget,
    attempt_max: u64,
    left: u64,
}

impl<'a> Least<'a> {
    /// Of `sessions`, which took `spent` configurations to decide with this `rank`.
    pub(super) fn new(
        sessions: &'a Sessions,
        rank: &'a [u32],
        budget: &'a Budget,
        spent: u64,
    ) -> Self {
        let attempt_max = spent.saturating_mul(2).max(ATTEMPT_MAX);
        Self {
            sessions,
            rank,
            budget,
            attempt_max,
            left: attempt_max.saturating_mul(2).max(ATTEMPTS_MAX),
        }
    }

    /// The least part of `ops`, which come with the writes that they read and have no order.
    pub(super) fn breach(mut self, ops: Vec<u32>) -> Breach {
        let ops = halved(ops, LEAST_MAX, |ops, gone| {
            if self.left == 0 || self.budget.is_stopped() {
                return Halved::Spent;
            }
            let rest = self.sessions.without(ops, gone);
            if self.has_no_order(&rest) { Halved::Enough(rest) } else { Halved::Needed }
        });
        Breach { model: Consistency::Sequential, ops }
    }

    /// Whether `ops` are known to have no order by themselves.
    pub(super) fn has_no_order(&mut self, ops: &[u32]) -> bool {
        let configurations = self.attempt_max.min(self.left);
        let budget = Budget { configurations, ..self.budget.clone() };
        let rank: Vec<u32> =
            ops.iter().filter_map(|&op| self.rank.get(op as usize).copied()).collect();
        let (decided, spent) = decide(&self.sessions.only(ops), &rank, &budget);
        // To look at them takes something even where that shows a circle at once.
        let looked = ops.len() as u64 / 64 + 1;
        self.left = self.left.saturating_sub(spent.max(looked));
        matches!(decided, Decided::Circle(_) | Decided::NoOrder(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Stop;
    use crate::weak::sessions_of;

    /// The second and the last session are not needed.
    const MORE_THAN_IT_TAKES: &str = "wx1 ry_ | wz1 rz1 | wy1 rx_ | rz1";

    fn left_of(change: impl FnOnce(&mut Least<'_>), budget: &Budget) -> usize {
        let sessions = sessions_of(MORE_THAN_IT_TAKES);
        let mut least = Least::new(&sessions, &[], budget, 1);
        change(&mut least);
        least.breach((0..sessions.len()).collect()).ops.len()
    }

    #[test]
    fn nothing_is_left_out_once_the_configurations_are_spent() {
        assert_eq!(left_of(|_| {}, &Budget::default()), 4);
        assert_eq!(left_of(|it| it.left = 0, &Budget::default()), 7);
    }

    #[test]
    fn nothing_is_left_out_once_it_is_to_stop() {
        let stopped = Budget { stop: Some(Stop::when(|| true)), ..Budget::default() };
        assert_eq!(left_of(|_| {}, &stopped), 7);
    }

    #[test]
    fn an_attempt_may_take_twice_what_the_verdict_took() {
        let (sessions, budget) = (sessions_of("wx1"), Budget::default());
        assert_eq!(Least::new(&sessions, &[], &budget, 1).attempt_max, ATTEMPT_MAX);
        assert_eq!(Least::new(&sessions, &[], &budget, 3_000_000).attempt_max, 6_000_000);
    }
}
