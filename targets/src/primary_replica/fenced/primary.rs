//! The primary's side: order, ship, commit, acknowledge.

use super::super::bugs::{SEMI_SYNC_FALLBACK, TRANSACTION_COMPARES_EARLY};
use super::Message;
use super::node::{Duty, Fenced, GRANT, Out};
use super::takeover::BATCH_ENTRIES;
use crate::raft::{Command, Entry, Place, quorum_of};
use crate::{Answer, FailCode, KvOp, Micro, Nanos, NodeId, Now, RequestId, Returned};

/// The planted bug waits for a majority for this long.
const FALLS_BACK_AFTER: Nanos = 100_000_000;

impl Fenced {
    pub(super) fn on_write(
        &mut self,
        now: Now,
        id: RequestId,
        command: Command,
        out: &mut Out<'_>,
    ) {
        if !self.knows_what_is_committed() {
            return out.reply_without_waiting_for_disk(id, Answer::fail(FailCode::NotReady));
        }
        let majority = self.majority();
        let Duty::Lead(lead) = &self.duty else { return };
        if lead.heard_within(now, GRANT) < majority {
            // Nothing has been written or sent, so this is a definite failure.
            return out.reply_without_waiting_for_disk(id, Answer::fail(FailCode::NoQuorum));
        }
        let command = match self.compare_early(command) {
            Ok(command) => command,
            Err(answer) => return out.reply(id, answer),
        };
        self.append(Entry { term: self.epoch, command }, out);
        self.waiting.insert(self.log.last().index, (id, now.monotonic));
        self.broadcast(now, out);
    }

    /// The planted bug: a transaction compares with what is applied, and then only reads what it was to
    /// compare.
    fn compare_early(&mut self, command: Command) -> Result<Command, Answer> {
        let is_to_be = self.bugs.has(TRANSACTION_COMPARES_EARLY);
        let Command::Op { op: KvOp::Transaction { parts }, caller } = command else {
            return Ok(command);
        };
        if !is_to_be || !parts.iter().any(|part| matches!(part, Micro::Compare { .. })) {
            return Ok(Command::Op { op: KvOp::Transaction { parts }, caller });
        }
        if self.log.last().index > self.applied {
            self.bugs.hit(TRANSACTION_COMPARES_EARLY);
        }
        let holds = |part: &Micro| match part {
            Micro::Compare { key, expected } => {
                let held = self.machine.read(&KvOp::Get { key: key.clone() });
                held == Answer::Ok { returned: Returned::Value(*expected) }
            }
            Micro::Read { .. } | Micro::Write { .. } | Micro::Append { .. } => true,
        };
        if !parts.iter().all(holds) {
            return Err(Answer::fail(FailCode::CasMismatch));
        }
        let without = parts.into_iter().map(|part| match part {
            Micro::Compare { key, .. } => Micro::Read { key },
            part => part,
        });
        Ok(Command::Op { op: KvOp::Transaction { parts: without.collect() }, caller })
    }

    /// Whether an entry of its own is committed, and so all that earlier primaries committed.
    pub(super) fn knows_what_is_committed(&self) -> bool {
        self.log.term_at(self.commit) == Some(self.epoch)
    }

    /// Tells everybody that it is primary, and asks them to confirm it.
    pub(super) fn beat(&mut self, now: Now, out: &mut Out<'_>) {
        let majority = self.majority();
        let Duty::Lead(lead) = &mut self.duty else { return };
        lead.beat += 1;
        lead.sent_at(lead.answered_by(majority)); // Forgets what is older.
        self.broadcast(now, out);
        self.fall_back(now, out);
    }

    /// Sends everybody what is next for them, or a heartbeat.
    pub(super) fn broadcast(&mut self, now: Now, out: &mut Out<'_>) {
        let Duty::Lead(lead) = &mut self.duty else { return };
        if lead.sent.back().is_none_or(|&(beat, _)| beat < lead.beat) {
            lead.sent.push_back((lead.beat, now));
        }
        for node in self.others() {
            self.ship_to(node, out);
        }
        self.advance(out); // A primary without others has its majority already.
    }

    /// Sends a replica the entries that are next for it. They need not be on this disk, which does not
    /// count before they are.
    fn ship_to(&mut self, node: NodeId, out: &mut Out<'_>) {
        let Duty::Lead(lead) = &mut self.duty else { return };
        let Some(peer) = lead.peers.get_mut(&node) else { return };
        let previous = self.log.place(peer.next - 1).unwrap_or_default();
        let entries = self.log.after(previous.index, BATCH_ENTRIES);
        // What is sent is taken to arrive. A heartbeat finds out if it does not.
        peer.next = previous.index + entries.len() as u64 + 1;
        let (epoch, commit, beat) = (self.epoch, self.commit, lead.beat);
        let message = Message::Append { epoch, previous, entries, commit, beat };
        out.send_without_waiting_for_disk(node, message);
    }

    pub(super) fn on_ack(
        &mut self,
        now: Now,
        from: NodeId,
        (epoch, matched, beat): (u64, u64, u64),
        out: &mut Out<'_>,
    ) {
        let last = self.log.last().index;
        let Duty::Lead(lead) = &mut self.duty else { return };
        let Some(peer) = lead.peers.get_mut(&from) else { return };
        if epoch != self.epoch {
            return; // An answer to an earlier primary.
        }
        peer.heard = now.monotonic;
        let is_behind = peer.acknowledge((matched, beat), last);
        self.advance(out);
        self.answer_confirmed(out);
        if is_behind {
            self.ship_to(from, out);
        }
    }

    pub(super) fn on_reject(
        &mut self,
        now: Now,
        from: NodeId,
        (epoch, shares, beat): (u64, Place, u64),
        out: &mut Out<'_>,
    ) {
        if epoch > self.epoch {
            return self.step_down(now, epoch, None, out);
        }
        let Duty::Lead(lead) = &mut self.duty else { return };
        let Some(peer) = lead.peers.get_mut(&from) else { return };
        if epoch != self.epoch {
            return;
        }
        peer.heard = now.monotonic;
        let next = self.log.up_to(shares).map_or(1, |place| place.index + 1);
        let goes_back = peer.refuse((next, beat));
        self.answer_confirmed(out);
        if goes_back {
            self.ship_to(from, out);
        }
    }

    /// Commits what a majority has on disk.
    pub(super) fn advance(&mut self, out: &mut Out<'_>) {
        let Duty::Lead(lead) = &self.duty else { return };
        let matched = lead.peers.values().map(|peer| peer.matched);
        let held = quorum_of(matched.chain([self.on_disk]), self.majority());
        // An entry of an earlier epoch may still be replaced by a later primary.
        if held > self.commit && self.log.term_at(held) == Some(self.epoch) {
            self.commit = held;
            self.apply(out);
        }
    }

    /// The planted bug: where a majority does not answer in time, this disk alone is enough.
    fn fall_back(&mut self, now: Now, out: &mut Out<'_>) {
        let waits =
            |&(_, since): &(_, Nanos)| since.saturating_add(FALLS_BACK_AFTER) < now.monotonic;
        let late = self.waiting.values().any(waits) && self.on_disk > self.commit;
        if late && self.knows_what_is_committed() && self.bugs.hit(SEMI_SYNC_FALLBACK) {
            self.commit = self.on_disk;
            self.apply(out);
        }
    }
}
