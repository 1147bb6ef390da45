//! The beginning of a history that was held, told again step by step.

use super::flights::FlightStep;
use crate::{EventKind, History, OpIndex, Outcome, Position, WitnessOp};

/// What happened at a place. Where one operation ends and another begins no two can be the same,
/// but one that was given up ends where it began: what it did may be seen for ever after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Boundary {
    Begun,
    Ended,
}

impl Boundary {
    /// What an event is of its operation.
    pub(super) fn of(kind: EventKind) -> Self {
        match kind {
            EventKind::Invoke => Self::Begun,
            EventKind::Ok | EventKind::Fail | EventKind::Info => Self::Ended,
        }
    }
}

/// Every step of these operations, in order. Those that nobody has given up do not end.
///
/// Memory O(n): 12 bytes a step. Time O(n log n).
pub(super) fn steps(history: &History) -> impl Iterator<Item = (Boundary, FlightStep)> {
    let mut moments: Vec<(Position, Boundary, OpIndex)> = Vec::with_capacity(2 * history.len());
    for index in history.indices() {
        let begun = history.invoked[index.get()];
        moments.push((begun, Boundary::Begun, index));
        if let Some(ended) = history.completed_at(index) {
            moments.push((ended, Boundary::Ended, index));
        } else if history.is_given_up(index) {
            moments.push((begun, Boundary::Ended, index));
        }
    }
    moments.sort_unstable();
    moments.into_iter().map(|(at, moment, index)| {
        let whole = WitnessOp::new(&history.operation(index));
        let mut op = WitnessOp { index: history.place_in_whole(index), ..whole };
        if moment == Boundary::Begun {
            (op.outcome, op.completed, op.complete_time) = (Outcome::Indeterminate, None, None);
        }
        let is_final = op.is_final;
        (moment, FlightStep { op, at, is_final })
    })
}
