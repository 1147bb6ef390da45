//! What each configuration promises.

use super::{Config, Failover, Reads, Replication};
use crate::{Claim, FaultKind, Promise};

/// The faults under which the promises were thought through. A new fault is not among them before
/// somebody has thought about it: a corrupted message is refused by its checksum, so it is a lost one.
const UNDER: [FaultKind; 5] = [
    FaultKind::Partition,
    FaultKind::Messages,
    FaultKind::Kill,
    FaultKind::Pause,
    FaultKind::Corrupt,
];

/// What these settings promise.
pub(super) fn of(config: Config) -> Claim {
    let (registers, durable, because) = match (config.failover, config.reads, config.replication) {
        (Failover::Naive, _, _) => (
            Promise::Nothing,
            false,
            "a replica promotes itself without a vote, so there can be two primaries, and one of them loses acknowledged writes",
        ),
        (Failover::None, Reads::Primary, _) => (
            Promise::Linearizable,
            true,
            "one node orders everything and shows only what its disk has",
        ),
        (Failover::None, Reads::Any, Replication::Sync) => (
            Promise::Regular,
            true,
            "every replica has an acknowledged write, but before that one may show it and \
             another not",
        ),
        (Failover::None, Reads::Replica | Reads::Any, _) => (
            Promise::Prefix,
            true,
            "replicas show a prefix of the log, and may lag behind acknowledged writes",
        ),
    };
    Claim {
        registers,
        durable,
        converges: true,
        under: UNDER.to_vec(),
        because: because.to_owned(),
    }
}
