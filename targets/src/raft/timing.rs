//! What a node waits for, and for how long.

use super::Reads;
use super::message::{Message, Record};
use crate::{Caller, Nanos, Outbox};

/// Where this node puts its effects.
pub(super) type Out<'a> = Outbox<'a, Message, Record, Timer>;

/// What a node has itself woken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// A follower may have missed its leader, a leader its majority. One is set at any time.
    Election,
    /// The leader of this term tells that it leads.
    Heartbeat(u64),
    /// A write that was passed on may be lost.
    Retry(Caller),
}

/// How often a leader tells that it leads.
pub(super) const HEARTBEAT_EVERY: Nanos = 50_000_000;
/// A follower that has heard of no leader for this long helps to elect another.
pub(super) const ELECTION_AFTER: Nanos = 200_000_000;
/// It asks to be elected after up to this much longer, each node after another time.
pub(super) const ELECTION_SPREAD: Nanos = 200_000_000;
/// The longest that a majority in touch is without a leader, if the first candidate is elected.
pub(crate) const ELECTED_WITHIN: Nanos = ELECTION_AFTER + ELECTION_SPREAD;

/// The same, where that majority may just have started: before a lease may be over, nobody votes.
pub(crate) fn elected_within(reads: Reads) -> Nanos {
    if reads == Reads::Lease { ELECTION_AFTER + ELECTED_WITHIN } else { ELECTED_WITHIN }
}
