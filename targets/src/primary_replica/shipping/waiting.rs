//! Reads that wait at a node: data.

use crate::{KvOp, Nanos, RequestId};

/// A read that waits for entries that its session has seen.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) id: RequestId,
    pub(super) op: KvOp,
    /// How many entries the session has seen.
    pub(super) seen: u64,
    pub(super) since: Nanos,
}
