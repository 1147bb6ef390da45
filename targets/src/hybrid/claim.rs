//! What each configuration promises: of each namespace what its protocol does, and nothing across.

use super::Config;
use crate::{Claim, ConcurrentWrites, FaultKind, Promise, raft};

/// The faults under which the promises were thought through. Neither elections nor sets and counters
/// look at the date.
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
    let (registers, records) = match config.raft_reads {
        raft::Reads::FollowerLocal => (
            Promise::Prefix,
            "registers are records: entries of a log on the disks of a majority, read from what a node has \
             applied",
        ),
        _ => (
            Promise::Linearizable,
            "registers are records: entries of a log on the disks of a majority, read once what was \
             committed is applied",
        ),
    };
    let sets = if config.logs.quorums_meet() { Promise::Regular } else { Promise::Eventual };
    Claim {
        registers,
        sets,
        counters: Promise::Eventual,
        concurrent_writes: ConcurrentWrites::OneWins,
        durable: true,
        // Logs must be mended too.
        converges: config.logs.every_replica_is_mended(),
        sessions: false,
        under: under(config.raft_reads),
        registers_only_converge_under: Vec::new(),
        safety: raft::SAFETY.to_vec(), // Of records.
        because: format!(
            "{records}; sets and counters are logs, held by {} of {} replicas before they are \
             acknowledged; nothing orders records with logs",
            config.logs.w, config.logs.n
        ),
    }
}

/// Who answers reads by a lease counts on clocks that run at the same rate.
fn under(reads: raft::Reads) -> Vec<FaultKind> {
    let breaks = |kind: &FaultKind| reads == raft::Reads::Lease && *kind == FaultKind::ClockDrift;
    UNDER.into_iter().filter(|kind| !breaks(kind)).collect()
}
