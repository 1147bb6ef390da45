//! What each configuration promises.

use super::{Config, Failover, PrimaryReads, Reads, Replication};
use crate::{Claim, ConcurrentWrites, FaultKind, Promise, SafetyProperty, raft};

/// The faults under which the promises were thought through. A new fault is not among them before
/// it has been considered: a corrupted message is refused by its checksum, so it is a lost one.
const UNDER: [FaultKind; 15] = [
    FaultKind::Partition,
    FaultKind::Messages,
    FaultKind::Kill,
    FaultKind::Pause,
    FaultKind::Corrupt,
    FaultKind::ClockSkew, // No protocol of the family looks at the date.
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
    let (registers, durable, because) = match (config.failover, config.reads, config.replication) {
        (Failover::Naive, _, _) => (
            Promise::Nothing,
            false,
            "a replica promotes itself without a vote, so there can be two primaries, and one of them loses acknowledged writes",
        ),
        (Failover::External, _, _) => of_external(config.primary_reads),
        (Failover::Lease, _, _) => of_lease(config.primary_reads),
        (Failover::Raft, _, _) => of_raft(config.raft_reads),
        (Failover::None, Reads::Primary, _) => (
            Promise::Linearizable,
            true,
            "one node orders all operations and returns only durable values",
        ),
        (Failover::None, Reads::Any, Replication::Sync) => (
            Promise::Regular,
            true,
            "every replica has an acknowledged write, but before that one may return it \
             and another may not",
        ),
        (Failover::None, Reads::Replica | Reads::Any, _) => (
            Promise::Prefix,
            true,
            "replicas return a prefix of the log, and may lag behind acknowledged writes",
        ),
    };
    Claim {
        registers,
        sets: registers,
        counters: registers,
        concurrent_writes: ConcurrentWrites::OneWins,
        sessions: config.session_tokens,
        durable,
        converges: true,
        under: under(config),
        registers_only_converge_under: Vec::new(),
        safety: safety(config.failover),
        because: if config.session_tokens {
            format!("{because}; a read waits for what its session has seen")
        } else {
            because.to_owned()
        },
    }
}

/// Who answers reads by a lease counts on clocks that run at the same rate.
fn under(config: Config) -> Vec<FaultKind> {
    let has_lease = match config.failover {
        Failover::None | Failover::Naive => false,
        Failover::External | Failover::Lease => config.primary_reads == PrimaryReads::Lease,
        Failover::Raft => config.raft_reads == raft::Reads::Lease,
    };
    let breaks = |kind: &FaultKind| has_lease && *kind == FaultKind::ClockDrift;
    let changes = (config.failover == Failover::Raft).then_some(FaultKind::Membership);
    UNDER.into_iter().chain(changes).filter(|kind| !breaks(kind)).collect()
}

/// What never happens inside: each epoch has one primary, which begins with all that is committed.
fn safety(failover: Failover) -> Vec<SafetyProperty> {
    match failover {
        Failover::None | Failover::Naive => vec![SafetyProperty::Progress],
        Failover::External | Failover::Lease => vec![
            SafetyProperty::ElectionSafety,
            SafetyProperty::StateMachineSafety,
            SafetyProperty::LeaderCompleteness,
            SafetyProperty::Progress,
        ],
        Failover::Raft => raft::SAFETY.to_vec(),
    }
}

/// What a primary promises that holds the lock of a coordination service.
fn of_external(reads: PrimaryReads) -> (Promise, bool, &'static str) {
    let because = match reads {
        PrimaryReads::Confirmed => {
            "replicas refuse a primary whose fencing number is not the latest, and a majority \
             confirms each read"
        }
        PrimaryReads::Lease => {
            "replicas refuse a primary whose fencing number is not the latest, and nobody else is \
             given the lock while its session lasts, as long as clocks run at the same rate"
        }
    };
    (Promise::Linearizable, true, because)
}

/// What a primary promises that a majority has promised to follow.
fn of_lease(reads: PrimaryReads) -> (Promise, bool, &'static str) {
    let because = match reads {
        PrimaryReads::Confirmed => {
            "who takes over has the longest log of a majority, and a majority confirms each read"
        }
        PrimaryReads::Lease => {
            "who takes over has the longest log of a majority, which follows nobody else while a \
             lease holds, as long as clocks run at the same rate"
        }
    };
    (Promise::Linearizable, true, because)
}

/// What Raft promises: of writes always the same, of reads what the way to answer them allows.
fn of_raft(reads: raft::Reads) -> (Promise, bool, &'static str) {
    let (registers, because) = match reads {
        raft::Reads::Log => (
            Promise::Linearizable,
            "reads and writes are entries of one log, durable at a majority",
        ),
        raft::Reads::ReadIndex | raft::Reads::FollowerIndex => (
            Promise::Linearizable,
            "a read returns what was committed at its invocation, by a leader that a majority \
             confirmed since then",
        ),
        raft::Reads::Lease => (
            Promise::Linearizable,
            "while a leader holds a lease no other is elected, as long as clocks run at the same \
             rate",
        ),
        raft::Reads::LeaderLocal => {
            (Promise::Prefix, "a leader that was replaced may not know it yet")
        }
        raft::Reads::FollowerLocal => {
            (Promise::Prefix, "a node returns what it has applied, and may lag behind")
        }
    };
    (registers, true, because)
}
