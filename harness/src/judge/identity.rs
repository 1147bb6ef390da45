//! What tells one anomaly from another, and which is shown first: the same for reports, campaigns and shrinking.

use rashomon_checker::{Anomaly, AnomalyClass, WitnessOp};

/// The kind of the operation that has no place, as a history calls it: of the one that is stuck, or else of the last
/// that shows it.
pub(crate) fn operation(anomaly: &Anomaly) -> &str {
    let ops = &anomaly.witness.operations;
    let is_stuck = |op: &&WitnessOp| Some(op.index) == anomaly.witness.stuck;
    ops.iter().find(is_stuck).or(ops.last()).map_or("none", |op| &*op.f)
}

/// The least of several is shown first: lost writes come first, then witnesses with the fewest operations.
pub(crate) fn weight(anomaly: &Anomaly) -> (bool, usize) {
    let lost = matches!(anomaly.class, AnomalyClass::LostWrite | AnomalyClass::LostElement);
    (!lost, anomaly.witness.operations.len())
}
