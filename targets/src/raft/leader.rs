//! The leader's side: order, ship, commit.

use super::bugs::{
    ACK_BEFORE_MAJORITY, COMMIT_EARLIER_TERM, LEADER_SELF_EARLY, LEARNER_COUNTS, QUORUM_OFF_BY_ONE,
    REFUSAL_IGNORED, REMOVED_COUNTS,
};
use super::lead::quorum_of;
use super::node::Part;
use super::timing::{HEARTBEAT_EVERY, Out, Timer};
use super::{Command, Entry, Message, Place, Raft, Record};
use crate::{Answer, Caller, FailCode, KvOp, NodeId, Now, RequestId};

/// Most entries in one message.
const BATCH_ENTRIES: usize = 64;

impl Raft {
    pub(super) fn on_heartbeat_timer(&mut self, now: Now, term: u64, out: &mut Out<'_>) {
        if term != self.term {
            return; // Of a term that is over.
        }
        self.ask_again_or_give_up(now);
        self.give_up_slow_joining(now);
        let majority = self.majority();
        let Part::Leader(lead) = &mut self.part else { return };
        lead.beat += 1;
        lead.sent_at(lead.answered_by(majority)); // Forgets what is older.
        self.broadcast(now, out);
        out.set_timer(Timer::Heartbeat(term), HEARTBEAT_EVERY);
    }

    /// Proposes what a client asks.
    pub(super) fn propose(
        &mut self,
        now: Now,
        id: RequestId,
        (op, caller): (KvOp, Option<Caller>),
        out: &mut Out<'_>,
    ) {
        if self.handover.is_some() {
            return out.reply_without_waiting_for_disk(id, Answer::fail(FailCode::NotReady));
        }
        let reads = op.is_read();
        let op = match self.compare_early(op) {
            Ok(op) => op,
            Err(answer) => return out.reply(id, answer),
        };
        let op = self.split(op, out);
        self.dequeue_early(&op);
        self.append(Command::Op { op, caller }, out);
        if self.members.in_force().len() > 1 && self.bugs.hit(ACK_BEFORE_MAJORITY) {
            let answer = self.foretell();
            out.reply(id, answer);
        } else {
            self.waiting.insert(self.last().index, (id, reads));
        }
        self.broadcast(now, out);
    }

    /// The planted bug: what the last entry will return if all before it are committed.
    fn foretell(&self) -> Answer {
        let mut machine = self.machine.clone();
        let answers = self.log.after(self.applied, usize::MAX);
        let last = answers.iter().filter_map(|entry| machine.apply(&entry.command)).last();
        last.unwrap_or_else(Answer::done)
    }

    /// Adds an entry of this term to the log, in memory and on disk.
    pub(super) fn append(&mut self, command: Command, out: &mut Out<'_>) {
        let entry = Entry { term: self.term, command };
        if let Command::Members(members) = &entry.command {
            self.members.append(self.last().index + 1, members);
        }
        self.log.push(entry.clone());
        let id = out.persist(Record::Append(entry));
        self.persisting.push_back((id, self.last().index));
    }

    /// Sends everybody what is next for them, or a heartbeat.
    pub(super) fn broadcast(&mut self, now: Now, out: &mut Out<'_>) {
        let Part::Leader(lead) = &mut self.part else { return };
        if lead.sent.back().is_none_or(|&(beat, _)| beat < lead.beat) {
            lead.sent.push_back((lead.beat, now));
        }
        let peers: Vec<NodeId> = lead.peers.keys().copied().collect();
        for node in peers {
            self.ship_to(node, out);
        }
        self.advance(out); // A leader without others has its majority already.
    }

    /// Sends a follower the entries that are next for it, or what stands for them.
    ///
    /// They need not be on the leader's disk: it does not count itself before they are.
    pub(super) fn ship_to(&mut self, node: NodeId, out: &mut Out<'_>) {
        let last = self.last().index;
        let Part::Leader(lead) = &mut self.part else { return };
        let Some(peer) = lead.peers.get_mut(&node) else { return };
        let (term, beat) = (self.term, lead.beat);
        let Some(previous) = self.log.place(peer.next - 1) else {
            peer.next = self.snapshot.place.index + 1;
            let snapshot = Box::new(self.snapshot.clone());
            let message = Message::Snapshot { term, snapshot, beat };
            return out.send_without_waiting_for_disk(node, message);
        };
        let entries = self.log.after(previous.index, BATCH_ENTRIES);
        // What is sent is taken to arrive. A heartbeat finds out if it does not.
        peer.next = last.min(previous.index + entries.len() as u64) + 1;
        let message = Message::Append { term, previous, entries, commit: self.commit, beat };
        out.send_without_waiting_for_disk(node, message);
    }

    /// A follower answers, in this term or a later one.
    pub(super) fn on_answer(&mut self, now: Now, from: NodeId, term: u64, out: &mut Out<'_>) {
        if term > self.term {
            return self.step_down(now, term, None, out);
        }
        if let Part::Leader(lead) = &mut self.part
            && term == self.term
            && let Some(peer) = lead.peers.get_mut(&from)
        {
            peer.heard = now.monotonic;
        }
    }

    pub(super) fn on_ack(
        &mut self,
        from: NodeId,
        (term, matched, beat): (u64, u64, u64),
        out: &mut Out<'_>,
    ) {
        let last = self.last().index;
        let Part::Leader(lead) = &mut self.part else { return };
        let Some(peer) = lead.peers.get_mut(&from) else { return };
        if term != self.term || beat < peer.since_beat {
            return;
        }
        let is_behind = peer.acknowledge((matched, beat), last);
        self.advance(out);
        self.answer_confirmed(out);
        if is_behind {
            self.ship_to(from, out);
        }
    }

    pub(super) fn on_refuse(
        &mut self,
        from: NodeId,
        (term, shares, beat): (u64, Place, u64),
        out: &mut Out<'_>,
    ) {
        let Part::Leader(lead) = &mut self.part else { return };
        let Some(peer) = lead.peers.get_mut(&from) else { return };
        if term != self.term || beat < peer.since_beat {
            return;
        }
        // Where nothing that is kept is shared, what is next is not kept: a snapshot stands for it.
        let next = self.log.up_to(shares).map_or(self.log.base().index, |place| place.index + 1);
        if self.bugs.hit(REFUSAL_IGNORED) {
            return;
        }
        let goes_back = peer.refuse((next, beat));
        self.answer_confirmed(out);
        if goes_back {
            self.ship_to(from, out);
        }
    }

    /// Commits what a majority has on disk.
    pub(super) fn advance(&mut self, out: &mut Out<'_>) {
        let quorum = self.quorum();
        let early = self.bugs.has(LEADER_SELF_EARLY);
        let last = self.last().index;
        let Part::Leader(lead) = &self.part else { return };
        let matched = self.members.in_force().iter().map(|&node| match lead.peers.get(&node) {
            Some(peer) => peer.matched,
            None => self.on_disk, // Its own.
        });
        let honest = quorum_of(matched, self.majority());
        let held = lead.matched_by(if early { last } else { self.on_disk }, quorum);
        if held <= self.commit {
            return;
        }
        let is_own = self.log.term_at(held) == Some(self.term);
        if !is_own && !self.bugs.hit(COMMIT_EARLIER_TERM) {
            return; // Section 5.4.2: another leader may still replace it.
        }
        if held > honest {
            // One of them is planted.
            let bugs = [LEADER_SELF_EARLY, QUORUM_OFF_BY_ONE, REMOVED_COUNTS, LEARNER_COUNTS];
            for bug in bugs {
                self.bugs.hit(bug);
            }
        }
        self.commit = held;
        self.apply(out);
    }
}
