//! What each configuration promises.

use crate::{Claim, FaultKind, Promise};

/// The faults under which the promises were thought through.
const UNDER: [FaultKind; 5] = [
    FaultKind::Partition,
    FaultKind::Messages,
    FaultKind::Kill,
    FaultKind::Pause,
    FaultKind::Corrupt,
];

/// What every topology promises.
pub(super) fn of_any() -> Claim {
    Claim {
        registers: Promise::Eventual,
        counters: Promise::Eventual,
        // A write with a later stamp may overwrite one that was acknowledged after it.
        durable: true,
        converges: true,
        under: UNDER.to_vec(),
        because: "a leader acknowledges a write before any other leader has heard of it, and the later stamp wins everywhere".to_owned(),
    }
}
