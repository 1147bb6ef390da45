//! The node: a state machine that a driver steps.

use std::fmt::Debug;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Incarnation, Input, NodeId, Now, Outbox};

/// What a node is started with.
#[derive(Clone, Debug)]
pub struct Boot {
    /// Who it is.
    pub me: NodeId,
    /// All members, itself included, in ascending order.
    pub members: Vec<NodeId>,
    /// How often it has started, this time included; 1 at first.
    pub incarnation: Incarnation,
}

/// A replicated key-value node.
///
/// Deterministic: equal nodes given equal inputs at equal times, with equal chance, end equal and
/// ask for equal effects. Never blocks, never panics on any input.
pub trait Node: Sized {
    /// What nodes say to each other.
    type Message: Clone + Debug + Serialize + DeserializeOwned + Send + 'static;
    /// What a node writes to its disk.
    type Record: Clone + Debug + Serialize + DeserializeOwned + Send + 'static;
    /// What a node has itself woken for.
    type Timer: Copy + Debug + Ord + Send + 'static;
    /// The configuration that a node is created with, the same for all nodes of a cluster.
    type Config: Clone;

    /// The node as its disk has it: `records` are those that survived, in the order they were
    /// persisted.
    fn recover(
        config: &Self::Config,
        boot: Boot,
        records: impl IntoIterator<Item = Self::Record>,
    ) -> Self;

    /// Advances by one input, putting what it wants done into `out`.
    fn handle(
        &mut self,
        now: Now,
        input: Input<Self::Message, Self::Timer>,
        out: &mut Outbox<'_, Self::Message, Self::Record, Self::Timer>,
    );

    /// What the node is about, for the harness to watch. Never used by a protocol.
    fn status(&self) -> Status;

    /// A few words for a drawing: `append 3`, `ack 7`. Where nobody writes any: the beginning of what
    /// `Debug` makes of the message, at most 60 bytes of it.
    fn describe(message: &Self::Message) -> String {
        let mut words = format!("{message:?}");
        words.truncate(words.floor_char_boundary(60));
        words
    }

    /// What a message is sent for: a fault that met no message of an operation tested nothing. Where nobody
    /// says, an operation.
    fn purpose(message: &Self::Message) -> Purpose {
        let _ = message;
        Purpose::Operation
    }
}

/// What a message is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// An operation of a client: it asks for a part of it, carries what it wrote, or answers such a message.
    /// So does an answer that does not tell what it answers.
    Operation,
    /// The cluster itself: it is sent though no client asks for anything, as heartbeats, votes and comparisons of
    /// states are.
    Upkeep,
}

/// What a node takes itself to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Takes writes and ships them.
    Primary,
    /// Receives what a primary ships.
    Replica,
    /// One of many equals.
    Peer,
}

/// A hash of a node's replicated state: equal digests, equal states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(pub u64);

/// A node's own view of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// What it takes itself to be.
    pub role: Role,
    /// The epoch it is in; 0 where the protocol has none.
    pub epoch: u64,
    /// Whether it has nothing under way: no operation pending, nothing left to ship, nothing not
    /// yet durable. A cluster whose nodes are all settled and stay so is quiescent.
    pub settled: bool,
    /// A hash of its replicated state.
    pub digest: Digest,
    /// How often a planted bug changed what happened.
    pub bug_hits: u64,
    /// The members, as far as it knows for certain, in ascending order; `None` where they never change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<NodeId>>,
}

impl Status {
    /// Of a node in this state that has nothing under way, without epochs and planted bugs.
    pub fn settled(role: Role, digest: Digest) -> Self {
        Self { role, epoch: 0, settled: true, digest, bug_hits: 0, members: None }
    }
}
