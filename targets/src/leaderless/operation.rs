//! An operation under way at its coordinator: data.

use std::collections::{BTreeMap, BTreeSet};

use super::Item;
use crate::{Answer, Key, KvOp, Nanos, NodeId, PersistId, RequestId};

/// An unanswered request is sent again this often.
pub(super) const RETRY_EVERY: Nanos = 100_000_000;
/// A coordinator gives up after this long.
pub(super) const DEADLINE: Nanos = 600_000_000;

/// An operation under way.
#[derive(Clone, Debug)]
pub(super) struct Coordinated {
    pub(super) op: KvOp,
    pub(super) key: Key,
    pub(super) replicas: Vec<NodeId>,
    /// The client; `None` once answered, while a read goes on to repair.
    pub(super) client: Option<RequestId>,
    pub(super) deadline: Nanos,
    pub(super) phase: Phase,
}

/// How far it is.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// Asking what replicas hold.
    Querying { answers: BTreeMap<NodeId, Option<Item>> },
    /// Having replicas hold `item`; then the client is answered with `answer`.
    Storing {
        item: Item,
        answer: Answer,
        acks: BTreeSet<NodeId>,
        /// This node holds it too once this record is durable.
        own: Option<PersistId>,
    },
}

/// The join of all that replicas hold.
pub(super) fn join(answers: &BTreeMap<NodeId, Option<Item>>) -> Option<Item> {
    let mut held = answers.values().flatten();
    let mut joined = held.next()?.clone();
    for item in held {
        joined.join(item);
    }
    Some(joined)
}
