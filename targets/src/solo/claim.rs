//! What the family promises.

use crate::{Claim, ConcurrentWrites, FaultKind, Promise, SafetyProperty};

/// The faults under which the promises were thought through.
const UNDER: [FaultKind; 15] = [
    FaultKind::Partition,
    FaultKind::Messages,
    FaultKind::Kill,
    FaultKind::Pause,
    FaultKind::Corrupt,
    FaultKind::ClockSkew,
    FaultKind::ClockStrobe,
    FaultKind::ClockDrift,
    FaultKind::Slow,
    FaultKind::RateLimit,
    FaultKind::Swizzle,
    FaultKind::SlowDisk,
    // A node that cannot trust its disk ends, and is then one that was killed.
    FaultKind::DiskError,
    FaultKind::TornWrite,
    FaultKind::BitFlip,
];

pub(super) fn of_any() -> Claim {
    Claim {
        registers: Promise::Linearizable,
        sets: Promise::Linearizable,
        counters: Promise::Linearizable,
        concurrent_writes: ConcurrentWrites::OneWins,
        durable: true,
        converges: true,
        sessions: false,
        under: UNDER.to_vec(),
        registers_only_converge_under: Vec::new(),
        safety: vec![SafetyProperty::Progress],
        because: "one node does every operation, and answers when its disk has it".to_owned(),
    }
}
