//! A replica's side: hold what the primary holds, and take nothing from an earlier one.

use super::super::bugs::NO_FENCING;
use super::node::{Duty, Fenced, GRANT, Out};
use super::{Message, Record};
use crate::raft::{Entry, Machine, Place};
use crate::{NodeId, Now, TraceEvent};

impl Fenced {
    /// Follows the primary of `epoch`, unless it was shown a later one. Whether it follows it.
    pub(super) fn follow(&mut self, now: Now, from: NodeId, epoch: u64, out: &mut Out<'_>) -> bool {
        let earlier = epoch < self.epoch;
        if earlier && !self.bugs.hit(NO_FENCING) {
            // Beats are numbered within an epoch: of this one, the rejection answers none.
            let shares = self.log.last();
            out.send(from, Message::Reject { epoch: self.epoch, shares, beat: 0 });
            return false;
        }
        let follows = matches!(self.duty, Duty::Follow { .. }) && self.primary == Some(from);
        if epoch != self.epoch || !follows {
            self.step_down(now, epoch, Some(from), out);
        }
        self.duty = Duty::Follow { heard: true };
        self.grant(now, from);
        self.wait_anew(now, out);
        true
    }

    /// Follows nobody else for a while.
    pub(super) fn grant(&mut self, now: Now, node: NodeId) {
        self.granted = Some((Some(node), now.monotonic.saturating_add(GRANT)));
    }

    pub(super) fn on_append(
        &mut self,
        (previous, entries, commit): (Place, Vec<Entry>, u64),
        beat: u64,
        out: &mut Out<'_>,
    ) {
        let Some(primary) = self.primary else { return };
        let matched = previous.index + entries.len() as u64;
        if !self.shares(previous) {
            let shares = self.log.up_to(previous).unwrap_or_default();
            return out.send(primary, Message::Reject { epoch: self.epoch, shares, beat });
        }
        self.take(previous, entries, out);
        self.commit = self.commit.max(commit.min(matched));
        self.apply(out);
        out.send(primary, Message::Ack { epoch: self.epoch, matched, beat });
    }

    /// Whether this log has the same entry at a place, and so all before it.
    pub(super) fn shares(&self, place: Place) -> bool {
        self.log.term_at(place.index) == Some(place.term)
    }

    /// Makes the log continue after a place that it shares, in place of what contradicts that.
    pub(super) fn take(&mut self, previous: Place, entries: Vec<Entry>, out: &mut Out<'_>) {
        for (index, entry) in (previous.index + 1..).zip(entries) {
            let here = self.log.term_at(index);
            if here == Some(entry.term) {
                continue; // Had it already.
            }
            if here.is_some() {
                self.cut(index - 1, out);
            }
            self.append(entry, out);
        }
    }

    /// Forgets the entries after `len`, which another primary has overwritten.
    fn cut(&mut self, len: u64, out: &mut Out<'_>) {
        self.log.truncate(len);
        let id = out.persist(Record::Truncate(len));
        for (_, held) in &mut self.persisting {
            *held = len.min(*held);
        }
        self.on_disk = len.min(self.on_disk);
        self.persisting.push_back((id, self.on_disk));
        out.trace(TraceEvent::Forgot { len });
        if len < self.applied {
            self.unapply(len); // A planted bug has it so: what is committed is not overwritten.
        }
    }

    /// Makes the store what the first `len` entries make it.
    fn unapply(&mut self, len: u64) {
        self.machine = Machine::default();
        for index in 1..=len {
            if let Some(entry) = self.log.get(index) {
                self.machine.apply(&entry.command);
            }
        }
        (self.applied, self.commit) = (len, len);
    }
}
