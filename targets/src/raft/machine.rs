//! What the log makes: the store.

use serde::{Deserialize, Serialize};

use super::entry::Command;
use crate::{Answer, Digest, KvOp, Store};

/// The replicated state machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Machine {
    store: Store,
}

impl Machine {
    /// Does what a committed entry says; what its client is to be told, if it has one.
    pub(super) fn apply(&mut self, command: &Command) -> Option<Answer> {
        match command {
            Command::Begin => None,
            Command::Op(op) => Some(self.store.apply(op)),
        }
    }

    /// Answers a read.
    pub(super) fn read(&self, op: &KvOp) -> Answer {
        self.store.read(op)
    }

    /// A hash of what is replicated.
    pub(super) fn digest(&self) -> Digest {
        self.store.digest()
    }
}
