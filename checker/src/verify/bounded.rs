//! Whether operations stay without an order when reads may have begun earlier.

use super::semantics::only_reads;
use super::{Refused, linearizable_violates};
use crate::{ModelKind, Position, WitnessOp};

/// Checks that no order of `operations` is one of `model`, even if each read had begun `by` nanoseconds
/// earlier.
pub(super) fn violates(model: ModelKind, by: u64, operations: &[WitnessOp]) -> Result<(), Refused> {
    let ended = |op: &WitnessOp| op.complete_time.filter(|_| op.completed.is_some());
    if let Some(op) = operations.iter().find(|op| op.completed.is_some() != ended(op).is_some()) {
        return Err(Refused::Malformed(op.index));
    }
    // Of events at the same time the beginnings of reads come first, then as they were in the history.
    let mut moments: Vec<(u64, Option<Position>, usize, bool)> = Vec::new();
    for (at, op) in operations.iter().enumerate() {
        let begun = op.invoke_time.0;
        moments.push(if only_reads(op) {
            (begun.saturating_sub(by), None, at, false)
        } else {
            (begun, Some(op.invoked), at, false)
        });
        moments.extend(ended(op).map(|time| (time.0, op.completed, at, true)));
    }
    moments.sort_unstable();
    let mut moved = operations.to_vec();
    for (place, (_, _, at, is_end)) in (0u32..).zip(moments) {
        let op = &mut moved[at];
        if is_end {
            op.completed = Some(Position(place));
        } else {
            op.invoked = Position(place);
        }
    }
    moved.sort_by_key(|op| op.invoked);
    linearizable_violates(model, &moved)
}
