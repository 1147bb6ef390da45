//! The sender of a request: what a request carries besides its operation, and the tokens of a
//! reply.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A client, and the number of its operation. A request that is sent again, by the client or by a
/// node, is the same operation and has the same caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Caller {
    /// The client. It has one operation at a time under way.
    pub client: u64,
    /// Grows by one with each of its operations, from 1.
    pub seq: u64,
}

/// An opaque token that a node gives to a client and gets back. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(pub Arc<str>);

/// The tokens of a reply, which the client sends back. A node that needs none gives none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Of the session: how much the client has seen. It comes with every request after the reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Token>,
    /// Of a key: which of its versions the client has read. It comes with the requests about that key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Token>,
}
