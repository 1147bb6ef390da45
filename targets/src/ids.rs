//! Names of things: nodes, requests, records, instants.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A duration or an instant in nanoseconds.
pub type Nanos = u64;

/// How many times a node has started. Bumped and made durable by the driver before the node serves.
pub type Incarnation = u64;

/// A member of a cluster, numbered from 1; written `n1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub u16);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n{}", self.0)
    }
}

/// A client request in flight at one node; unique within a node's incarnation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// A record given to the disk. Grows by one with every record; 0 is before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersistId(pub u64);

/// The only time a node ever sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// Nanoseconds that never go back within an incarnation.
    pub monotonic: Nanos,
    /// Nanoseconds as this node's wall clock has them; may be skewed or jump.
    pub wall: Nanos,
}
