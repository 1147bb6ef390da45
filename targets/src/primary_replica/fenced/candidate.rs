//! What a node knows that is to be primary: data.

use std::collections::BTreeMap;

use crate::raft::Place;
use crate::{Nanos, NodeId, PersistId};

/// What a node knows that is to be primary.
#[derive(Clone, Debug)]
pub(in crate::primary_replica) struct Takeover {
    /// Since when.
    pub(super) since: Nanos,
    /// The record of its own promise.
    pub(super) own: PersistId,
    /// Who has promised, and where their logs end.
    pub(super) fenced: BTreeMap<NodeId, Place>,
    /// Whose log it takes, and where that ends, once a majority has promised.
    pub(super) source: Option<(NodeId, Place)>,
}
