//! The family's planted bugs.

use super::{Failover, PrimaryReads};
use crate::bug::hunt;
use crate::{PlantedBug, Switch, raft};

/// The primary acknowledges a write before its record is durable.
pub const ACK_BEFORE_FSYNC: PlantedBug = PlantedBug::new(
    "pr-ack-before-fsync",
    "primary-replica: the primary acknowledges before fsync; a kill loses acknowledged writes",
)
.sought(&[hunt("lost-element", "primary-replica --workload set --faults kill")]);

/// A read is answered from records that are not yet durable.
pub const READ_EXPOSES_UNDURABLE: PlantedBug = PlantedBug::new(
    "read-exposes-undurable",
    "primary-replica: reads see records that are not durable; a kill undoes what was read",
)
.sought(&[hunt("stale-read", "primary-replica --faults kill")]);

/// The primary acknowledges before enough replicas have the write.
pub const ACK_BEFORE_QUORUM: PlantedBug = PlantedBug::new(
    "ack-before-quorum",
    "primary-replica semi-sync or sync: the primary acknowledges alone; replicas may miss an acknowledged write",
).sought(&[hunt("stale-read", "primary-replica --replication sync --faults none")]);

/// A compare-and-set compares with what is applied when it is asked.
pub(super) const CAS_AT_PROPOSAL: PlantedBug = PlantedBug::new(
    "pr-cas-at-proposal",
    "primary-replica, failover none or naive: compare-and-set compares when it is asked, not when it is \
              applied; two succeed",
)
.sought(&[hunt(
    "double-cas",
    "primary-replica --replication sync --workload users --faults none --time 2s",
)]);

/// A replica answers at once, whatever the session has seen.
pub(super) const SESSION_TOKEN_IGNORED: PlantedBug = PlantedBug::new(
    "session-token-ignored",
    "primary-replica, session tokens: a replica answers a read before it has what the session has seen; a client \
              does not see its own write",
)
.sought(&[hunt(
    "read-your-writes-violation",
    "primary-replica --reads any --session-tokens on --workload session-roam --faults messages",
)]);

/// A read gives back the token that it was sent, and not one of what it has seen.
pub(super) const TOKEN_OF_OWN_WRITES: PlantedBug = PlantedBug::new(
    "session-token-of-writes-only",
    "primary-replica, session tokens: a token tells what a session has written, and not what it has read; reads \
              go back",
)
.sought(&[hunt(
    "non-monotonic-read",
    "primary-replica --reads any --session-tokens on --workload session-roam --faults messages",
)]);

/// A replica applies the entries that it has at once in the wrong order.
pub(super) const APPLY_OUT_OF_ORDER: PlantedBug = PlantedBug::new(
    "apply-out-of-order",
    "primary-replica, failover none or naive: a replica applies the entries of one message last first; \
              replicas stay apart",
)
.sought(&[
    hunt("divergence", "primary-replica --faults none --time 2s"),
    hunt("divergence", "primary-replica --workload append --faults none --time 2s"),
]);

/// A transaction compares with what is applied when it is asked.
pub(super) const TRANSACTION_COMPARES_EARLY: PlantedBug = PlantedBug::new(
    "transaction-compares-early",
    "primary-replica, failover external or lease: a transaction compares when it is asked, not when it is \
              applied; money is made and lost",
)
.sought(&[
    hunt("wrong-total", "primary-replica --failover external --workload bank --faults none --time 2s"),
    hunt("wrong-total", "primary-replica --failover lease --workload bank --faults none --time 2s"),
]);

/// A read is confirmed by answers to what was sent before it.
pub(super) const READ_CONFIRMED_EARLY: PlantedBug = PlantedBug::new(
    "read-confirmed-early",
    "primary-replica, failover lease: answers to what was sent before a read confirm it; stale reads",
)
.sought(&[hunt("stale-read", "primary-replica --failover lease --faults partition,pause")]);

/// A replica takes entries from a primary whatever its fencing number.
pub(super) const NO_FENCING: PlantedBug = PlantedBug::new(
    "no-fencing",
    "primary-replica, failover external: replicas take entries of a primary whose session is over; \
              acknowledged writes are lost",
)
.sought(&[hunt("lost-write", "primary-replica --failover external --faults pause --time 16s")]);

/// The next primary keeps the log it happens to have.
pub(super) const PROMOTE_ANY_REPLICA: PlantedBug = PlantedBug::new(
    "promote-any-replica",
    "primary-replica, failover external or lease: who takes over does not take the longest log of a \
              majority; acknowledged writes are lost",
).sought(&[hunt("stale-read", "primary-replica --failover external --faults partition"), hunt("lost-write", "primary-replica --failover lease --faults partition")]);

/// The primary acknowledges alone what no majority has in time.
pub(super) const SEMI_SYNC_FALLBACK: PlantedBug = PlantedBug::new(
    "semi-sync-fallback",
    "primary-replica, failover external or lease: what a majority does not have in 100 ms is \
              acknowledged without it; acknowledged writes may be lost",
)
.sought(&[
    hunt("lost-write", "primary-replica --failover external --faults partition"),
    hunt("lost-write", "primary-replica --failover lease --faults partition"),
]);

/// The session is counted on the wall clock.
pub(super) const SESSION_WALL_CLOCK: PlantedBug = PlantedBug::new(
    "session-wall-clock",
    "primary-replica, failover external, reads under a lease: the primary counts its session on the \
              wall clock; stale reads if that steps back",
).sought(&[hunt(
    "stale-read",
    "primary-replica --failover external --primary-reads lease --faults clock,partition,pause --time 8s",
)]);

/// The lease is counted on the wall clock.
pub(super) const LEASE_WALL_CLOCK: PlantedBug = PlantedBug::new(
    "lease-wall-clock",
    "primary-replica, failover lease, reads under it: the lease is counted on the wall clock; stale \
              reads if that steps back",
).sought(&[hunt("stale-read", "primary-replica --failover lease --primary-reads lease --faults clock,partition,pause --time 8s")]);

/// A node does not wait after a restart.
pub(super) const LEASE_GRANT_FORGOTTEN: PlantedBug = PlantedBug::new(
    "lease-grant-forgotten",
    "primary-replica, failover lease, reads under it: a node that restarts follows another primary at \
              once, though it had promised not to; stale reads",
).needs("a plan that cuts a primary off from one replica and restarts another");

/// Those of the shipping protocol.
pub(super) const SHIPPING: &[PlantedBug] = &[
    ACK_BEFORE_FSYNC,
    READ_EXPOSES_UNDURABLE,
    ACK_BEFORE_QUORUM,
    CAS_AT_PROPOSAL,
    APPLY_OUT_OF_ORDER,
    SESSION_TOKEN_IGNORED,
    TOKEN_OF_OWN_WRITES,
];

/// Those of a primary that nobody elects, with session tokens or without.
pub(super) fn shipping(session_tokens: Switch) -> Vec<PlantedBug> {
    let has_place = |bug: &PlantedBug| {
        session_tokens == Switch::On || ![SESSION_TOKEN_IGNORED, TOKEN_OF_OWN_WRITES].contains(bug)
    };
    SHIPPING.iter().copied().filter(has_place).collect()
}

/// Those of a primary that others are fenced off from.
const FENCED: &[PlantedBug] = &[
    NO_FENCING,
    PROMOTE_ANY_REPLICA,
    SEMI_SYNC_FALLBACK,
    SESSION_WALL_CLOCK,
    LEASE_WALL_CLOCK,
    LEASE_GRANT_FORGOTTEN,
    TRANSACTION_COMPARES_EARLY,
    READ_CONFIRMED_EARLY,
];

/// Those of them that these settings have a place for.
pub(super) fn fenced(failover: Failover, reads: PrimaryReads) -> Vec<PlantedBug> {
    let leases = reads == PrimaryReads::Lease;
    let has_place = |bug: &PlantedBug| match *bug {
        NO_FENCING => failover == Failover::External,
        SESSION_WALL_CLOCK => failover == Failover::External && leases,
        LEASE_WALL_CLOCK | LEASE_GRANT_FORGOTTEN => failover == Failover::Lease && leases,
        READ_CONFIRMED_EARLY => failover == Failover::Lease && !leases,
        _ => true,
    };
    FENCED.iter().copied().filter(has_place).collect()
}

/// All of them, and those of Raft.
pub(super) const ALL: &[PlantedBug] = &{
    let mut all = [ACK_BEFORE_FSYNC; SHIPPING.len() + FENCED.len() + raft::BUGS.len()];
    let parts = [SHIPPING, FENCED, raft::BUGS];
    let (mut part, mut at) = (0, 0);
    while part < parts.len() {
        let mut place = 0;
        while place < parts[part].len() {
            all[at] = parts[part][place];
            (at, place) = (at + 1, place + 1);
        }
        part += 1;
    }
    all
};
