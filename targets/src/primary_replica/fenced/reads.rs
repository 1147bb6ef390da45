//! Reads at the primary: once a majority has confirmed it, or under a lease.

use super::super::PrimaryReads;
use super::super::bugs::{LEASE_WALL_CLOCK, READ_CONFIRMED_EARLY, SESSION_WALL_CLOCK};
use super::node::{Authority, Duty, Fenced, GRANT, Out};
use crate::raft::{Reader, Unconfirmed};
use crate::{Answer, FailCode, KvOp, Nanos, Now, RequestId};

/// A lease lasts for less than the time for which it is granted, by as much as clocks may drift apart
/// meanwhile: a sixth.
const LEASE: Nanos = GRANT / 6 * 5;

impl Fenced {
    pub(super) fn on_read(&mut self, now: Now, id: RequestId, op: KvOp, out: &mut Out<'_>) {
        if !self.knows_what_is_committed() {
            return out.reply_without_waiting_for_disk(id, Answer::fail(FailCode::NotReady));
        }
        if self.reads == PrimaryReads::Lease && self.holds_lease(now) {
            return self.answer_read(id, &op, out);
        }
        let (index, majority) = (self.commit, self.majority());
        let Duty::Lead(lead) = &mut self.duty else { return };
        lead.beat += 1;
        let early = self.bugs.hit(READ_CONFIRMED_EARLY);
        let beat = if early { lead.answered_by(majority) } else { lead.beat };
        let reader = Reader::Client(id);
        lead.unconfirmed.push_back(Unconfirmed { beat, index, reader, op: Some(op) });
        self.broadcast(now, out);
        self.answer_confirmed(out); // A primary without others is sure at once.
    }

    /// Answers the reads that answers to its beats have confirmed.
    pub(super) fn answer_confirmed(&mut self, out: &mut Out<'_>) {
        let majority = self.majority();
        while let Duty::Lead(lead) = &mut self.duty {
            let confirmed = lead.answered_by(majority);
            if lead.unconfirmed.front().is_none_or(|read| read.beat > confirmed) {
                return;
            }
            let read = lead.unconfirmed.pop_front();
            if let Some(Unconfirmed { reader: Reader::Client(id), op: Some(op), .. }) = read {
                self.answer_read(id, &op, out);
            }
        }
    }

    /// Whether nobody else can be primary before later than now: a majority has promised it, or the
    /// session lasts.
    pub(super) fn holds_lease(&mut self, now: Now) -> bool {
        let majority = self.majority();
        let Duty::Lead(lead) = &mut self.duty else { return false };
        let (sent, bug) = match &self.authority {
            Authority::Replicas => (lead.sent_at(lead.answered_by(majority)), LEASE_WALL_CLOCK),
            Authority::Session(sent) => (*sent, SESSION_WALL_CLOCK),
        };
        let Some(sent) = sent else { return false };
        let valid = now.monotonic < sent.monotonic.saturating_add(LEASE);
        if !self.bugs.has(bug) {
            return valid;
        }
        let believed = now.wall < sent.wall.saturating_add(LEASE);
        if believed != valid {
            self.bugs.hit(bug);
        }
        believed
    }

    /// The primary's session was sure to last when this was asked.
    pub(in crate::primary_replica) fn renew(&mut self, asked: Now) {
        if let Authority::Session(sent) = &mut self.authority
            && sent.is_none_or(|sent| sent.monotonic < asked.monotonic)
        {
            *sent = Some(asked);
        }
    }

    /// The session is lost: this node does not hold the lock.
    pub(in crate::primary_replica) fn resign(&mut self, now: Now, out: &mut Out<'_>) {
        if let Authority::Session(sent) = &mut self.authority {
            *sent = None;
        }
        if matches!(self.duty, Duty::Lead(_) | Duty::TakeOver(_)) {
            self.step_down(now, self.epoch, None, out);
        }
    }

    /// The epoch of which it is primary, or is to be.
    pub(in crate::primary_replica) fn leads(&self) -> Option<u64> {
        matches!(self.duty, Duty::Lead(_) | Duty::TakeOver(_)).then_some(self.epoch)
    }
}
