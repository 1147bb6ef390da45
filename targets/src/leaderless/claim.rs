//! What each configuration promises.

use super::{Config, Hints};
use crate::{Claim, FaultKind, Promise, SafetyProperty};

/// The faults under which the promises were thought through. A new fault is not among them before
/// it has been considered: a corrupted message is refused by its checksum, so it is a lost one.
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

/// What these settings promise.
pub(super) fn of(config: Config) -> Claim {
    let (registers, because) = if config.write_back {
        (
            Promise::Linearizable,
            if config.every_replica_is_mended() {
                "a read stores what it returns at a write quorum before it returns (ABD)"
            } else {
                "a read stores what it returns at a write quorum before it returns (ABD), but a replica that no read needs is never repaired"
            },
        )
    } else if config.quorums_meet() {
        (
            Promise::Regular,
            "read and write quorums overlap, but two reads during a write may see the new value and then the old one",
        )
    } else {
        let because = if config.hints == Hints::Counted {
            "a write may be stored only by nodes that no read asks, so a read may miss it"
        } else {
            "read and write quorums may not overlap, so a read may miss a write"
        };
        (Promise::Eventual, because)
    };
    Claim {
        registers,
        sets: registers,
        // Two reads may each see what the other does not.
        counters: Promise::Eventual,
        // A version with a later time stamp may overwrite one that was acknowledged after it.
        durable: true,
        converges: config.every_replica_is_mended(),
        under: UNDER.to_vec(),
        registers_only_converge_under: if config.write_back {
            Vec::new() // Versions come from quorums.
        } else {
            vec![FaultKind::ClockSkew, FaultKind::ClockStrobe, FaultKind::ClockDrift]
        },
        safety: vec![SafetyProperty::Progress],
        because: because.to_owned(),
    }
}
