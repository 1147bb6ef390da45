//! What each configuration promises.

use super::Config;
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
    let (registers, because) = if config.write_back {
        (
            Promise::Linearizable,
            if config.every_replica_is_mended() {
                "a read makes a write quorum hold what it returns before it returns (ABD)"
            } else {
                "a read makes a write quorum hold what it returns before it returns (ABD), but \
                 nobody mends a replica that a read had no need of"
            },
        )
    } else if config.quorums_meet() {
        (
            Promise::Regular,
            "read and write quorums meet, but two reads during a write may see the new value \
             and then the old one",
        )
    } else {
        (Promise::Eventual, "read and write quorums need not meet, so a read may miss a write")
    };
    Claim {
        registers,
        // A version with a later time stamp may overwrite one that was acknowledged after it.
        durable: true,
        converges: config.every_replica_is_mended(),
        under: UNDER.to_vec(),
        because: because.to_owned(),
    }
}
