//! The family's planted bugs.

use crate::{PlantedBug, raft};

/// The primary acknowledges a write before its record is durable.
pub const ACK_BEFORE_FSYNC: PlantedBug = PlantedBug {
    name: "pr-ack-before-fsync",
    summary: "primary-replica: the primary acknowledges before fsync; a kill loses acknowledged writes",
};

/// A read is answered from records that are not yet durable.
pub const READ_EXPOSES_UNDURABLE: PlantedBug = PlantedBug {
    name: "read-exposes-undurable",
    summary: "primary-replica: reads see records that are not durable; a kill undoes what was read",
};

/// The primary acknowledges before enough replicas have the write.
pub const ACK_BEFORE_QUORUM: PlantedBug = PlantedBug {
    name: "ack-before-quorum",
    summary: "primary-replica semi-sync or sync: the primary acknowledges alone; replicas may miss an acknowledged write",
};

/// Those of the shipping protocol.
pub(super) const SHIPPING: &[PlantedBug] =
    &[ACK_BEFORE_FSYNC, READ_EXPOSES_UNDURABLE, ACK_BEFORE_QUORUM];

/// Those, and those of Raft.
pub(super) const ALL: &[PlantedBug] = &{
    let mut all = [ACK_BEFORE_FSYNC; SHIPPING.len() + raft::BUGS.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = if at < SHIPPING.len() { SHIPPING[at] } else { raft::BUGS[at - SHIPPING.len()] };
        at += 1;
    }
    all
};
