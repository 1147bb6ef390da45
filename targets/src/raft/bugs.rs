//! The planted bugs of the core.

use super::Writes;
use crate::PlantedBug;

macro_rules! bugs {
    ($($name:ident = $text:literal: $summary:literal;)+) => {
        $(
            #[doc = $summary]
            pub(super) const $name: PlantedBug = PlantedBug { name: $text, summary: $summary };
        )+
        /// All of them.
        pub(crate) const ALL: &[PlantedBug] = &[$($name,)+];
    };
}

bugs! {
    VOTE_VOLATILE = "raft-vote-volatile":
        "raft: a vote is not on disk, so a node that restarts can vote twice; two leaders in a term";
    VOTE_STALE_LOG = "raft-vote-stale-log":
        "raft: a vote does not require a log as up to date as the voter's; acknowledged writes may be lost";
    QUORUM_OFF_BY_ONE = "raft-quorum-off-by-one":
        "raft: half of the members count as a majority; two leaders";
    PREVIOUS_UNCHECKED = "raft-previous-unchecked":
        "raft: a follower accepts entries without checking the previous one; logs differ";
    COMMIT_UNCLAMPED = "raft-commit-unclamped":
        "raft: a follower commits all of its log, not only the part that matches the leader's; logs differ";
    COMMIT_EARLIER_TERM = "raft-commit-earlier-term":
        "raft: entries of earlier terms are committed by counting replicas; acknowledged writes may be lost";
    FOLLOWER_ACK_EARLY = "raft-follower-ack-early":
        "raft: a follower acknowledges before its disk has the entries; acknowledged writes may be lost";
    LEADER_SELF_EARLY = "raft-leader-self-early":
        "raft: the leader counts itself before its disk has the entry; acknowledged writes may be lost";
    ACK_BEFORE_MAJORITY = "raft-ack-before-majority":
        "raft: the leader acknowledges before a majority has the entry; acknowledged writes may be lost";
    SNAPSHOT_DROPS_TAIL = "raft-snapshot-drops-tail":
        "raft: a follower that takes a snapshot forgets the entries after it; acknowledged writes may be lost";
    CAS_AT_PROPOSAL = "raft-cas-at-proposal":
        "raft: compare-and-set compares when it is proposed, not when it is applied; two succeed";
    LOCAL_READ = "raft-local-read":
        "raft: the leader answers reads without confirming that it still leads; stale reads";
    READ_INDEX_NO_TERM = "raft-read-index-no-term":
        "raft: a new leader answers reads before it knows what is committed; stale reads";
    LEASE_WALL_CLOCK = "raft-lease-wall-clock":
        "raft: the lease is measured by the wall clock; stale reads if that steps back";
    LEASE_GRANT_FORGOTTEN = "raft-lease-grant-forgotten":
        "raft: a node that restarts votes at once, though it follows a leader with a lease; stale reads";
    RETRY_APPLIES_TWICE = "raft-retry-applies-twice":
        "raft, writes at any node: a resent write is applied again; it undoes later writes";
}

/// Those that have a place where writes are taken so: only followers send a write again.
pub(crate) fn bugs_of(writes: Writes) -> Vec<PlantedBug> {
    let has_place = |bug: &PlantedBug| writes.at_any_node() || *bug != RETRY_APPLIES_TWICE;
    ALL.iter().copied().filter(has_place).collect()
}
