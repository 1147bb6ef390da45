//! What each configuration promises.

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

/// What every topology promises.
pub(super) fn of_any() -> Claim {
    Claim {
        registers: Promise::Eventual,
        sets: Promise::Eventual,
        counters: Promise::Eventual,
        // A write with a later stamp may overwrite one that was acknowledged after it.
        concurrent_writes: ConcurrentWrites::OneWins,
        durable: true,
        converges: true,
        sessions: false,
        under: UNDER.to_vec(),
        // The later timestamp is that of the clock that is ahead, whichever write came first.
        registers_only_converge_under: vec![
            FaultKind::ClockSkew,
            FaultKind::ClockStrobe,
            FaultKind::ClockDrift,
        ],
        safety: vec![SafetyProperty::Progress],
        because: "a leader acknowledges a write before any other leader has received it, and the later timestamp wins everywhere".to_owned(),
    }
}
