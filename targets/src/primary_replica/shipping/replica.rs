//! A replica's side: make its log equal to the primary's, and miss it when it is away.

use super::super::Failover;
use super::super::bugs::APPLY_OUT_OF_ORDER;
use super::node::Out;
use super::{Entry, Message, Record, Shipping};
use crate::{NodeId, Now, Role, TraceEvent};

impl Shipping {
    pub(super) fn on_append(
        &mut self,
        now: Now,
        from: NodeId,
        epoch: u64,
        previous: (u64, u64),
        entries: Vec<Entry>,
        out: &mut Out<'_>,
    ) {
        if epoch < self.epoch || (epoch == self.epoch && self.role == Role::Primary) {
            out.send(from, Message::Reject { epoch: self.epoch, len: self.log.len() });
            return;
        }
        if epoch > self.epoch {
            self.step_down(now, epoch, Some(from), out);
        }
        self.primary = Some(from);
        self.follows = true;
        self.heard_primary = now.monotonic;
        let (previous, previous_epoch) = previous;
        if self.log.epoch_at(previous) != Some(previous_epoch) {
            let len = self.log.may_share(previous);
            out.send(from, Message::Reject { epoch, len });
            return;
        }
        let matched = previous + entries.len() as u64;
        self.adopt(previous, entries, out);
        out.send(from, Message::Ack { epoch, matched });
    }

    /// Makes the log continue after `previous` with `entries`, cutting what contradicts them.
    fn adopt(&mut self, previous: u64, entries: Vec<Entry>, out: &mut Out<'_>) {
        for (index, entry) in (previous + 1..).zip(entries) {
            match self.log.epoch_at(index) {
                Some(epoch) if epoch == entry.epoch => {} // Had it already.
                Some(_) => {
                    self.cut(index - 1, out);
                    self.append(entry, out);
                }
                None => self.append(entry, out),
            }
        }
    }

    /// Forgets entries beyond `len`, which another primary has overwritten.
    fn cut(&mut self, len: u64, out: &mut Out<'_>) {
        self.log.truncate(len);
        out.trace(TraceEvent::Forgot { len });
        for (_, makes) in &mut self.persisting {
            *makes = (*makes).min(len); // What these records added beyond is gone.
        }
        let id = out.persist(Record::Truncate(len));
        self.persisting.push_back((id, len));
        self.durable = self.durable.min(len);
        self.committed = self.committed.min(len);
        if self.applied > len {
            self.rebuild(len);
        }
    }

    /// A replica shows what its own disk has.
    pub(super) fn apply_durable(&mut self, out: &mut Out<'_>) {
        let several = self.durable > self.applied + 1;
        if self.role == Role::Replica && several && self.bugs.hit(APPLY_OUT_OF_ORDER) {
            for index in (self.applied + 1..=self.durable).rev() {
                if let Some(op) = self.log.get(index).and_then(|entry| entry.op.as_ref()) {
                    self.store.apply(op);
                }
            }
            self.applied = self.durable;
            return self.answer_readers(out);
        }
        self.apply(self.durable, out);
    }

    pub(super) fn maybe_promote(&mut self, now: Now, out: &mut Out<'_>) {
        let silence = now.monotonic.saturating_sub(self.heard_primary);
        if self.config.failover == Failover::Naive && silence > self.patience {
            self.promote(out);
            self.announce(out);
        }
    }
}
