//! The planted bugs of the core.

use super::{Reads, Writes};
use crate::PlantedBug;
use crate::bug::hunt;

macro_rules! bugs {
    ($($name:ident = $text:literal: $summary:literal, $sought:ident($where:expr);)+) => {
        $(
            #[doc = $summary]
            pub(super) const $name: PlantedBug =
                PlantedBug::new($text, $summary).$sought($where);
        )+
        /// All of them.
        pub(crate) const ALL: &[PlantedBug] = &[$($name,)+];
    };
}

bugs! {
    VOTE_VOLATILE = "raft-vote-volatile":
        "raft: a vote is not on disk, so a node that restarts can vote twice; two leaders in a term",
        needs("a plan that kills a voter between two candidates of one term");
    VOTE_STALE_LOG = "raft-vote-stale-log":
        "raft: a vote does not require a log as up to date as the voter's; acknowledged writes may be lost",
        sought(&[hunt("stale-read", "primary-replica --failover raft --faults partition,kill")]);
    QUORUM_OFF_BY_ONE = "raft-quorum-off-by-one":
        "raft: half of the members count as a majority; two leaders",
        sought(&[hunt("lost-write", "primary-replica --failover raft --faults partition")]);
    PREVIOUS_UNCHECKED = "raft-previous-unchecked":
        "raft: a follower accepts entries without checking the previous one; logs differ",
        sought(&[hunt("divergence", "primary-replica --failover raft --faults partition,kill")]);
    COMMIT_UNCLAMPED = "raft-commit-unclamped":
        "raft: a follower commits all of its log, not only the part that matches the leader's; logs differ",
        needs("a plan in which an old refusal has a leader send again what a longer log already has");
    COMMIT_EARLIER_TERM = "raft-commit-earlier-term":
        "raft: entries of earlier terms are committed by counting replicas; acknowledged writes may be lost",
        needs("a plan that kills leaders in turn, each before its entries are committed (figure 8 of the paper)");
    FOLLOWER_ACK_EARLY = "raft-follower-ack-early":
        "raft: a follower acknowledges before its disk has the entries; acknowledged writes may be lost",
        sought(&[hunt("state-machine-safety", "primary-replica --failover raft --faults kill --time 4s --processes 24")]);
    LEADER_SELF_EARLY = "raft-leader-self-early":
        "raft: the leader counts itself before its disk has the entry; acknowledged writes may be lost",
        needs("a plan that kills a leader and cuts off a follower within one write to a disk");
    ACK_BEFORE_MAJORITY = "raft-ack-before-majority":
        "raft: the leader acknowledges before a majority has the entry; acknowledged writes may be lost",
        sought(&[hunt("lost-write", "primary-replica --failover raft --faults partition,kill")]);
    SNAPSHOT_DROPS_TAIL = "raft-snapshot-drops-tail":
        "raft: a follower that takes a snapshot forgets the entries after it; acknowledged writes may be lost",
        needs("a plan in which a snapshot overtakes later entries");
    SINGLE_SERVER_2015 = "raft-single-server-2015":
        "raft: a leader changes the members before it has committed an entry of its term; two changes hold side by side, and acknowledged writes may be lost",
        needs("a plan that changes the members at two leaders in turn, the second of which is just elected, and cuts it off");
    TWO_CHANGES = "raft-two-changes-at-once":
        "raft: a leader changes the members before the last change is committed; majorities need not meet, and acknowledged writes may be lost",
        needs("a plan that cuts a leader off and has it remove two nodes within the time of an election");
    REMOVED_COUNTS = "raft-removed-counts":
        "raft: a node that was removed still counts in majorities; acknowledged writes may be lost",
        sought(&[hunt("progress", "primary-replica --failover raft --nodes 4 --faults membership,partition --time 4s --ops 600")]);
    LEARNER_COUNTS = "raft-learner-counts":
        "raft: a node that is to become a member counts in majorities while it catches up; acknowledged writes may be lost",
        sought(&[hunt("state-machine-safety", "primary-replica --failover raft --nodes 4 --faults membership,partition,messages --time 4s --ops 600")]);
    SNAPSHOT_FORGETS_MEMBERS = "raft-snapshot-forgets-members":
        "raft: a snapshot does not say who the members are; a node that starts from one counts those that were removed",
        needs("a plan that removes two of five nodes, and restarts another from a snapshot beside them, apart from the rest");
    CAS_AT_PROPOSAL = "raft-cas-at-proposal":
        "raft: compare-and-set compares when it is proposed, not when it is applied; two succeed",
        sought(&[hunt("non-linearizable", "primary-replica --failover raft --faults none --time 2s")]);
    LOCAL_READ = "raft-local-read":
        "raft: the leader answers reads without confirming that it still leads; stale reads",
        sought(&[hunt("stale-read", "primary-replica --failover raft --faults partition,pause")]);
    READ_INDEX_NO_TERM = "raft-read-index-no-term":
        "raft: a new leader answers reads before it knows what is committed; stale reads",
        sought(&[hunt("stale-read", "primary-replica --failover raft --faults kill,partition")]);
    LEASE_WALL_CLOCK = "raft-lease-wall-clock":
        "raft: the lease is measured by the wall clock; stale reads if that steps back",
        needs("a plan that sets back the clock of a leader while it is cut off");
    LEASE_GRANT_FORGOTTEN = "raft-lease-grant-forgotten":
        "raft: a node that restarts votes at once, though it follows a leader with a lease; stale reads",
        needs("a plan that cuts a leader off from one follower and restarts another");
    REFUSAL_IGNORED = "raft-refusal-ignored":
        "raft: a leader does not go back when a follower refuses its entries, which never catches up; no progress",
        sought(&[hunt("progress", "primary-replica --failover raft --faults messages,kill")]);
    DEPOSES_AT_ONCE = "raft-deposes-at-once":
        "raft: a leader that was replaced campaigns at once, and everybody helps; two nodes depose each other for ever",
        sought(&[hunt("progress", "primary-replica --failover raft --faults partition")]);
    RETRY_APPLIES_TWICE = "raft-retry-applies-twice":
        "raft, writes at any node: a resent write is applied again; it undoes later writes",
        sought(&[
            hunt("stale-read", "primary-replica --failover raft --raft-writes any --faults messages"),
            hunt("duplicate-element", "primary-replica --failover raft --raft-writes any --workload append --faults messages --time 3s"),
            hunt("duplicate-element", "primary-replica --failover raft --raft-writes any --workload queue --faults messages --time 3s"),
        ]);
    SESSION_LOST_ON_FAILOVER = "session-lost-on-failover":
        "raft, writes at any node: only the leader's memory knows what was proposed before; after a failover a resent write is applied again",
        sought(&[hunt("duplicate-element", "primary-replica --failover raft --raft-writes any --workload append --faults partition,kill")]);
    DEQUEUE_AT_PROPOSAL = "raft-dequeue-at-proposal":
        "raft: a dequeue returns what is first when it is proposed, not when it is applied; an item is taken twice",
        sought(&[hunt("duplicate-element", "primary-replica --failover raft --workload queue --faults none --time 2s")]);
    TRANSACTION_IN_PARTS = "raft-transaction-in-parts":
        "raft: the writes of a transaction are entries of their own; a part of it is seen, or done, without the others",
        sought(&[hunt("wrong-total", "primary-replica --failover raft --workload bank --faults none --time 2s")]);
    LOCK_OWNER_UNCHECKED = "raft-lock-owner-unchecked":
        "raft: a release of a lock by another than its owner succeeds; two processes hold it",
        sought(&[hunt("double-acquire", "primary-replica --failover raft --workload lock --faults none --time 2s")]);
    READ_BEFORE_APPLIED = "raft-read-before-applied":
        "raft, reads follower-index: a follower answers before it has applied what the leader said is committed; stale reads",
        sought(&[hunt("stale-read", "primary-replica --failover raft --raft-reads follower-index --faults none --time 2s")]);
}

/// Those that have a place where reads are answered and writes are taken so: only followers send a write
/// again, and wait for what a leader says is committed.
pub(crate) fn bugs_of(reads: Reads, writes: Writes) -> Vec<PlantedBug> {
    let has_place = |bug: &PlantedBug| match *bug {
        RETRY_APPLIES_TWICE | SESSION_LOST_ON_FAILOVER => writes.at_any_node(),
        READ_BEFORE_APPLIED => reads == Reads::FollowerIndex,
        _ => true,
    };
    ALL.iter().copied().filter(has_place).collect()
}
