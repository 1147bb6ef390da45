//! Entries of the log, and their places.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Caller, KvOp, NodeId};

/// A place in the log, and the term of the entry there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Which entry, from 1; 0 is before the first.
    pub index: u64,
    /// The term in which it was made; 0 before the first.
    pub term: u64,
}

impl Place {
    /// Whether a log that ends here has all that is committed as far as one that ends at `other`
    /// can tell (section 5.4.1 of the paper).
    pub(super) fn is_up_to_date_with(self, other: Self) -> bool {
        (self.term, self.index) >= (other.term, other.index)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}t{}", self.index, self.term)
    }
}

/// What an entry does once it is committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Nothing. It is the first of a term.
    Begin,
    /// Nothing. From its place on these are the members, in ascending order.
    Members(Vec<NodeId>),
    /// An operation of a client.
    Op {
        /// Which.
        op: KvOp,
        /// Whose, if it said so. An entry with the caller of an earlier one is a retry.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caller: Option<Caller>,
    },
}

/// One place of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The term of the leader that appended it.
    pub term: u64,
    /// What it does.
    pub command: Command,
}
