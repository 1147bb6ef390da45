//! The requests of clients to nodes, and the responses.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Caller, NodeId, Operation, Tokens};

/// A key, such as `k3`. Cheap to clone.
pub type Key = Arc<str>;

/// A stored value.
pub type Value = i64;

/// One operation on a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "lowercase")]
pub enum KvOp {
    /// Read a register.
    Get {
        /// Which.
        key: Key,
    },
    /// Overwrite a register.
    Put {
        /// Which.
        key: Key,
        /// With what.
        value: Value,
    },
    /// Overwrite a register if it holds `old`.
    Cas {
        /// Which.
        key: Key,
        /// What it must hold.
        old: Value,
        /// What it then holds.
        new: Value,
    },
    /// Add an element to a grow-only set.
    Add {
        /// Which set.
        key: Key,
        /// What.
        element: Value,
    },
    /// Read a whole set.
    Elements {
        /// Which.
        key: Key,
    },
    /// Add to a counter, which begins at 0.
    Increment {
        /// Which.
        key: Key,
        /// How much; may be negative.
        by: Value,
    },
    /// Read a counter.
    Count {
        /// Which.
        key: Key,
    },
    /// Read all values of a multi-value register.
    Values {
        /// Which.
        key: Key,
    },
    /// Overwrite those values of a multi-value register that the context of the request has seen, and no
    /// others.
    Assign {
        /// Which.
        key: Key,
        /// With what.
        value: Value,
    },
    /// Add an element to an observed-remove set.
    Insert {
        /// Which set.
        key: Key,
        /// What.
        element: Value,
    },
    /// Take away those additions of an element of an observed-remove set that are observed, and no others.
    Remove {
        /// Which set.
        key: Key,
        /// What.
        element: Value,
    },
    /// Read a whole observed-remove set.
    Members {
        /// Which.
        key: Key,
    },
    /// Put an item at the end of a list.
    Append {
        /// Which list.
        key: Key,
        /// What.
        item: Value,
    },
    /// Read a whole list.
    Items {
        /// Which.
        key: Key,
    },
    /// Put an item at the end of a queue.
    Enqueue {
        /// Which queue.
        key: Key,
        /// What.
        item: Value,
    },
    /// Take the first item of a queue.
    Dequeue {
        /// Which.
        key: Key,
    },
    /// Acquire a lock, if nobody holds it.
    Acquire {
        /// Which.
        key: Key,
        /// Who is to hold it.
        owner: Value,
    },
    /// Release a lock, if this owner holds it.
    Release {
        /// Which.
        key: Key,
        /// Who holds it.
        owner: Value,
    },
    /// Do all parts in their order, or none.
    Transaction {
        /// The parts.
        parts: Vec<Micro>,
    },
}

/// A part of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "lowercase")]
pub enum Micro {
    /// Go on only if a register held this before the transaction. Otherwise no part is done.
    Compare {
        /// Which register.
        key: Key,
        /// What it must hold; `None`: it was never written.
        expected: Option<Value>,
    },
    /// Read a list, if there is one of that key, or else a register.
    Read {
        /// Which.
        key: Key,
    },
    /// Overwrite a register.
    Write {
        /// Which.
        key: Key,
        /// With what.
        value: Value,
    },
    /// Put an item at the end of a list.
    Append {
        /// Which list.
        key: Key,
        /// What.
        item: Value,
    },
}

impl Micro {
    /// The key it is about.
    pub fn key(&self) -> &Key {
        match self {
            Self::Compare { key, .. }
            | Self::Read { key }
            | Self::Write { key, .. }
            | Self::Append { key, .. } => key,
        }
    }
}

impl KvOp {
    /// Which kind it is.
    pub fn operation(&self) -> Operation {
        match self {
            Self::Get { .. } => Operation::Get,
            Self::Put { .. } => Operation::Put,
            Self::Cas { .. } => Operation::Cas,
            Self::Add { .. } => Operation::Add,
            Self::Elements { .. } => Operation::Elements,
            Self::Increment { .. } => Operation::Increment,
            Self::Count { .. } => Operation::Count,
            Self::Values { .. } => Operation::Values,
            Self::Assign { .. } => Operation::Assign,
            Self::Insert { .. } => Operation::Insert,
            Self::Remove { .. } => Operation::Remove,
            Self::Members { .. } => Operation::Members,
            Self::Append { .. } => Operation::Append,
            Self::Items { .. } => Operation::Items,
            Self::Enqueue { .. } => Operation::Enqueue,
            Self::Dequeue { .. } => Operation::Dequeue,
            Self::Acquire { .. } => Operation::Acquire,
            Self::Release { .. } => Operation::Release,
            Self::Transaction { .. } => Operation::Transaction,
        }
    }

    /// The key it is about; nothing of a transaction, which may be about several.
    pub fn key(&self) -> Option<&Key> {
        match self {
            Self::Get { key }
            | Self::Put { key, .. }
            | Self::Cas { key, .. }
            | Self::Add { key, .. }
            | Self::Elements { key }
            | Self::Increment { key, .. }
            | Self::Count { key }
            | Self::Values { key }
            | Self::Assign { key, .. }
            | Self::Insert { key, .. }
            | Self::Remove { key, .. }
            | Self::Members { key }
            | Self::Append { key, .. }
            | Self::Items { key }
            | Self::Enqueue { key, .. }
            | Self::Dequeue { key }
            | Self::Acquire { key, .. }
            | Self::Release { key, .. } => Some(key),
            Self::Transaction { .. } => None,
        }
    }

    /// Every key it is about.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        let parts = if let Self::Transaction { parts } = self { &parts[..] } else { &[] };
        self.key().into_iter().chain(parts.iter().map(Micro::key))
    }

    /// Whether it changes nothing. A dequeue takes what it returns, so it is no read.
    pub fn is_read(&self) -> bool {
        match self {
            Self::Get { .. }
            | Self::Elements { .. }
            | Self::Count { .. }
            | Self::Values { .. }
            | Self::Members { .. }
            | Self::Items { .. } => true,
            Self::Transaction { parts } => {
                parts.iter().all(|part| matches!(part, Micro::Read { .. }))
            }
            Self::Put { .. }
            | Self::Cas { .. }
            | Self::Add { .. }
            | Self::Increment { .. }
            | Self::Assign { .. }
            | Self::Insert { .. }
            | Self::Remove { .. }
            | Self::Append { .. }
            | Self::Enqueue { .. }
            | Self::Dequeue { .. }
            | Self::Acquire { .. }
            | Self::Release { .. } => false,
        }
    }
}

/// Where a read is answered from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReadLevel {
    /// As the target is configured.
    #[default]
    Default,
    /// From what the asked node itself holds, even if stale: used to read every replica after a run.
    Local,
}

/// A client's request.
///
/// Written without what it does not say, and read so: a request of a client that names itself to nobody
/// is taken, but a node cannot tell whether it was asked before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What is asked.
    pub op: KvOp,
    /// Where a read is answered from.
    #[serde(default)]
    pub read: ReadLevel,
    /// The client and its operation, if the client names them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// The tokens that nodes gave to the client before.
    #[serde(flatten)]
    pub tokens: Tokens,
}

impl Request {
    /// The request of a client that does not name itself.
    pub fn of_nobody(op: KvOp) -> Self {
        Self { op, read: ReadLevel::Default, caller: None, tokens: Tokens::default() }
    }
}

/// What an operation that took effect returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Returned {
    /// A write, CAS, add, append, enqueue or release was done.
    Done,
    /// The register holds this, or the dequeue took it; `None` if the register was never written, or the
    /// queue was empty.
    Value(Option<Value>),
    /// The set holds these, in ascending order.
    Elements(Vec<Value>),
    /// The sum of the counter.
    Count(Value),
    /// The multi-value register holds these, in ascending order: none of their writes had seen another.
    Values(Vec<Value>),
    /// The list holds these, in its order.
    Items(Vec<Value>),
    /// The lock is acquired, and this is the number of the acquisition: greater than that of every earlier
    /// one, so that what the lock guards can refuse who lost it.
    Acquired(Value),
    /// What each part of the transaction returned.
    Transaction(Vec<MicroReturned>),
}

/// What a part of a transaction returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MicroReturned {
    /// A comparison held, or a write or an append was done.
    Done,
    /// The register holds this; `None` if it was never written, and nor was a list of that key.
    Value(Option<Value>),
    /// The list holds these.
    Items(Vec<Value>),
}

/// Why an operation certainly had, and will have, no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailCode {
    /// The register, or one of those of a transaction, did not hold the expected value.
    CasMismatch,
    /// Another holds the lock that was to be acquired, or the owner does not hold the one it would release.
    LockRefused,
    /// This node does not take such requests; ask the hinted one.
    NotPrimary,
    /// Too few replicas were reachable, and nothing had been sent to any.
    NoQuorum,
    /// The node has started but not yet caught up, or it has not what the client has seen before.
    NotReady,
    /// The element that was to be removed was not observed, so nothing was.
    NotObserved,
    /// This node holds no copy of the key, and was asked for its own.
    NotReplica,
    /// A token of the request is none that a node of this target gave.
    BadToken,
    /// This target has no such operation.
    Unsupported,
}

/// A node's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "out", rename_all = "lowercase")]
pub enum Answer {
    /// It took effect.
    Ok {
        /// And returned this.
        returned: Returned,
    },
    /// It had no effect and never will.
    Fail {
        /// Why.
        code: FailCode,
        /// The node to ask instead.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hint: Option<NodeId>,
    },
    /// The outcome is unknown: it may take effect at any later time, or never.
    Indeterminate {
        /// Why.
        reason: String,
    },
}

/// All that a client receives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The outcome of the operation.
    #[serde(flatten)]
    pub answer: Answer,
    /// The tokens to send with the next requests.
    #[serde(flatten)]
    pub tokens: Tokens,
}

impl From<Answer> for Response {
    fn from(answer: Answer) -> Self {
        Self { answer, tokens: Tokens::default() }
    }
}

impl Answer {
    /// The answer to a write that was done.
    pub fn done() -> Self {
        Self::Ok { returned: Returned::Done }
    }

    /// A definite failure without a hint.
    pub fn fail(code: FailCode) -> Self {
        Self::Fail { code, hint: None }
    }
}
