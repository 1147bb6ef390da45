//! What each configuration promises.

use super::{Config, Conflict, Hints};
use crate::{Claim, ConcurrentWrites, FaultKind, Promise, SafetyProperty};

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
    let registers = registers(config);
    let sets = if config.quorums_meet() { Promise::Regular } else { Promise::Eventual };
    // Dots are counted, and contexts come from clients: no clock is looked at.
    let by_clock = !config.write_back && config.conflict != Conflict::Siblings;
    Claim {
        registers,
        // Two reads may each see what the other does not, also while one of them writes back what it saw.
        sets,
        counters: Promise::Eventual,
        concurrent_writes: match config.conflict {
            Conflict::Lww | Conflict::Hlc => ConcurrentWrites::OneWins,
            Conflict::Siblings => ConcurrentWrites::AllSurvive,
        },
        // A version with a later time stamp may overwrite one that was acknowledged after it.
        durable: true,
        converges: config.every_replica_is_mended(),
        sessions: false,
        under: UNDER.to_vec(),
        registers_only_converge_under: if by_clock {
            vec![FaultKind::ClockSkew, FaultKind::ClockStrobe, FaultKind::ClockDrift]
        } else {
            Vec::new()
        },
        safety: vec![SafetyProperty::Progress],
        because: because(config).to_owned(),
    }
}

/// What is promised of registers.
fn registers(config: Config) -> Promise {
    if config.write_back {
        Promise::Linearizable
    } else if config.quorums_meet() && config.conflict != Conflict::Siblings {
        Promise::Regular
    } else {
        Promise::Eventual
    }
}

/// The reason for it, or why no more is promised.
fn because(config: Config) -> &'static str {
    if config.conflict == Conflict::Siblings {
        "a write overwrites what its client had read, by the context that the read gave, and nothing else; \
         no order is promised of reads"
    } else if config.write_back && config.every_replica_is_mended() {
        "a read stores what it returns at a write quorum before it returns (ABD)"
    } else if config.write_back {
        "a read stores what it returns at a write quorum before it returns (ABD), but a replica that no read \
         needs is never repaired"
    } else if config.quorums_meet() {
        "read and write quorums overlap, but two reads during a write may see the new value and then the old \
         one"
    } else if config.hints == Hints::Counted {
        "a write may be stored only by nodes that no read asks, so a read may miss it"
    } else {
        "read and write quorums may not overlap, so a read may miss a write"
    }
}
