//! What the family promises.

use crate::{Claim, FaultKind, Promise};

/// The faults under which the promises were thought through.
const UNDER: [FaultKind; 5] = [
    FaultKind::Partition,
    FaultKind::Messages,
    FaultKind::Kill,
    FaultKind::Pause,
    FaultKind::Corrupt,
];

pub(super) fn of_any() -> Claim {
    Claim {
        registers: Promise::Linearizable,
        counters: Promise::Linearizable,
        durable: true,
        converges: true,
        under: UNDER.to_vec(),
        because: "one node does every operation, and answers when its disk has it".to_owned(),
    }
}
