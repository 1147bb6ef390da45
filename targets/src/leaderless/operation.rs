//! An operation under way at its coordinator: data.

use super::{Context, Item};
use crate::{Answer, Key, KvOp, Nanos, NodeId, PersistId, RequestId};

/// An unanswered request is sent again this often.
pub(super) const RETRY_EVERY: Nanos = 100_000_000;
/// A coordinator gives up after this long.
pub(super) const DEADLINE: Nanos = 600_000_000;

/// An operation under way.
#[derive(Clone, Debug)]
pub(super) struct Coordinated {
    pub(super) op: KvOp,
    /// The writes of the key that the client had seen.
    pub(super) context: Context,
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
    Querying { answers: Answers },
    /// Having replicas hold `item`; then the client is answered with `answer`.
    Storing {
        item: Item,
        answer: Answer,
        /// Who has acknowledged it, each once.
        acks: Vec<NodeId>,
        /// This node holds it too once this record is durable.
        own: Option<PersistId>,
    },
}

/// What replicas hold, in the order of their names. They are few: a vector takes less than a map.
pub(super) type Answers = Vec<(NodeId, Option<Item>)>;

/// Notes what a replica holds; the last answer counts.
pub(super) fn note(answers: &mut Answers, from: NodeId, item: Option<Item>) {
    match answers.binary_search_by_key(&from, |(node, _)| *node) {
        Ok(at) => answers[at].1 = item,
        Err(at) => answers.insert(at, (from, item)),
    }
}

/// The join of all that replicas hold.
pub(super) fn join(answers: &Answers) -> Option<Item> {
    let mut held = answers.iter().filter_map(|(_, item)| item.as_ref());
    let mut joined = held.next()?.clone();
    for item in held {
        joined.join(item);
    }
    Some(joined)
}
