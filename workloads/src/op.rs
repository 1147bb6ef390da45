//! What is asked of a store.

use std::sync::Arc;

use rashomon_checker::Value;

/// Which node is to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Whichever the process is used to.
    Any,
    /// The node of this number, counted from 1, following the target's own rules.
    Node(u16),
    /// The node of this number, which is to answer from what it holds itself.
    Local(u16),
}

/// One operation, without process or time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// The function: `read`, `write`, `cas`, `add`.
    pub f: Arc<str>,
    /// The object.
    pub key: Arc<str>,
    /// The argument; `cas` carries `[old new]`, a read nothing.
    pub value: Value,
    /// Which node is asked.
    pub place: Place,
}

impl Op {
    /// Whether it is one of the reads that look at every replica after a run.
    pub fn is_final(&self) -> bool {
        matches!(self.place, Place::Local(_))
    }
}
