//! What a leader has begun beside its log.

use crate::{Nanos, NodeId};

/// A handover under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handover {
    pub(super) to: NodeId,
    /// When the leader goes on.
    pub(super) until: Nanos,
    /// Whether the other node was asked since the last heartbeat.
    pub(super) was_asked: bool,
}

/// A node that catches up to become a member.
#[derive(Clone, Copy, Debug)]
pub(super) struct Joining {
    pub(super) node: NodeId,
    /// When it began.
    pub(super) since: Nanos,
    /// The round under way: when it began, and the end of the leader's log at that time.
    pub(super) round: (Nanos, u64),
    /// How many rounds are over.
    pub(super) rounds: u32,
}
