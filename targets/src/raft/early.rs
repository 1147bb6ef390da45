//! Planted bugs: what is decided when an operation is proposed, and is to be decided when it is applied.

use super::bugs::{CAS_AT_PROPOSAL, DEQUEUE_AT_PROPOSAL, TRANSACTION_IN_PARTS};
use super::timing::Out;
use super::{Command, Entry, Raft};
use crate::{Answer, FailCode, Key, KvOp, Micro, Returned};

impl Raft {
    /// A compare-and-set compares with what is applied, and then overwrites.
    pub(super) fn compare_early(&mut self, op: KvOp) -> Result<KvOp, Answer> {
        if !self.bugs.has(CAS_AT_PROPOSAL) {
            return Ok(op);
        }
        let KvOp::Cas { key, old, new } = op else { return Ok(op) };
        if self.is_pending(&key) {
            self.bugs.hit(CAS_AT_PROPOSAL);
        }
        let held = self.machine.read(&KvOp::Get { key: key.clone() });
        if held == (Answer::Ok { returned: Returned::Value(Some(old)) }) {
            Ok(KvOp::Put { key, value: new })
        } else {
            Err(Answer::fail(FailCode::CasMismatch))
        }
    }

    /// A dequeue returns what is first by what is applied.
    pub(super) fn dequeue_early(&mut self, op: &KvOp) {
        if !self.bugs.has(DEQUEUE_AT_PROPOSAL) {
            return;
        }
        let KvOp::Dequeue { key } = op else { return };
        if self.is_pending(key) {
            self.bugs.hit(DEQUEUE_AT_PROPOSAL);
        }
        let first = self.machine.clone().apply(&Command::Op { op: op.clone(), caller: None });
        if let Some(first) = first {
            self.foretold.insert(self.last().index + 1, first);
        }
    }

    /// The first write of a transaction is an entry of its own; the rest of it, which is returned, is another.
    pub(super) fn split(&mut self, op: KvOp, out: &mut Out<'_>) -> KvOp {
        let KvOp::Transaction { parts } = op else { return op };
        let is_write = |part: &Micro| matches!(part, Micro::Write { .. });
        let first = parts.iter().position(is_write);
        let several = parts.iter().filter(|part| is_write(part)).count() > 1;
        let Some(at) = first.filter(|_| several && self.bugs.hit(TRANSACTION_IN_PARTS)) else {
            return KvOp::Transaction { parts };
        };
        // Nobody waits for the first, and it must not count as the whole.
        let (first, rest) = parts.split_at(at + 1);
        self.append(
            Command::Op { op: KvOp::Transaction { parts: first.to_vec() }, caller: None },
            out,
        );
        // One answer for each part that was asked.
        let asked = first.iter().map(|part| Micro::Read { key: part.key().clone() });
        KvOp::Transaction { parts: asked.chain(rest.iter().cloned()).collect() }
    }

    /// Whether an entry that is not applied yet is about a key.
    fn is_pending(&self, key: &Key) -> bool {
        let is_about = |entry: &Entry| match &entry.command {
            Command::Op { op, .. } => op.keys().any(|it| it == key),
            Command::Members(_) | Command::Begin => false,
        };
        self.log.after(self.applied, usize::MAX).iter().any(is_about)
    }
}
