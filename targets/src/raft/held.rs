//! What waits at a follower for the leader.

use std::collections::VecDeque;

use crate::{KvOp, Nanos, RequestId};

/// A read at a follower that waits for the leader's word, or for the log to be applied so far.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) number: u64,
    /// Up to where, once the leader has said.
    pub(super) index: Option<u64>,
    pub(super) id: RequestId,
    pub(super) op: KvOp,
    pub(super) since: Nanos,
}

/// The reads of a follower.
#[derive(Clone, Debug, Default)]
pub(super) struct HeldReads {
    pub(super) next: u64,
    pub(super) reads: VecDeque<Held>,
}

impl HeldReads {
    pub(super) fn is_empty(&self) -> bool {
        self.reads.is_empty()
    }
}

/// A write that was passed on.
#[derive(Clone, Debug)]
pub(super) struct Forwarded {
    pub(super) id: RequestId,
    pub(super) op: KvOp,
    /// How often it was sent.
    pub(super) tries: u32,
}
