//! What the log makes: the store, and what each client did last.

use serde::{Deserialize, Serialize};

use super::entry::Command;
use super::sessions::LastWrites;
use crate::{Answer, Caller, Digest, KvOp, Store};

/// The replicated state machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Machine {
    store: Store,
    last: LastWrites,
}

impl Machine {
    /// Does what a committed entry says, unless it was done before; what its client is to be told, if it
    /// has one.
    pub(crate) fn apply(&mut self, command: &Command) -> Option<Answer> {
        self.done(command).or_else(|| self.apply_anew(command))
    }

    /// Applies an entry, even one that was applied before.
    pub(crate) fn apply_anew(&mut self, command: &Command) -> Option<Answer> {
        let Command::Op { op, caller } = command else { return None };
        let answer = self.store.apply(op);
        // Reads change nothing, so that a second one does no harm.
        if let Some(caller) = caller.filter(|_| !op.is_read()) {
            self.last.note(caller, answer.clone());
        }
        Some(answer)
    }

    /// What an entry was answered before, if it asks for what was done.
    pub(crate) fn done(&self, command: &Command) -> Option<Answer> {
        match command {
            Command::Op { op, caller: Some(caller) } if !op.is_read() => self.answer(*caller),
            Command::Op { .. } | Command::Members(_) | Command::Begin => None,
        }
    }

    /// What a write was answered, if it was applied.
    pub(crate) fn answer(&self, caller: Caller) -> Option<Answer> {
        self.last.answer(caller)
    }

    /// What a planted bug does in place of a release that is refused: the owner releases the lock.
    pub(crate) fn released_by_anyone(&self, command: &Command) -> Option<Command> {
        let Command::Op { op: KvOp::Release { key, owner }, caller } = command else { return None };
        let holder = self.store.owner(key).filter(|holder| holder != owner)?;
        let op = KvOp::Release { key: key.clone(), owner: holder };
        Some(Command::Op { op, caller: *caller })
    }

    /// Answers a read.
    pub(crate) fn read(&self, op: &KvOp) -> Answer {
        self.store.read(op)
    }

    /// A hash of what clients can read.
    pub(crate) fn digest(&self) -> Digest {
        self.store.digest()
    }
}
