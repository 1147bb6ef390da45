//! Reads that leave no entry in the log.
//!
//! Thesis, section 6.4. A leader knows what is committed once an entry of its own term is. A read may
//! be answered from there as soon as a majority has answered a message that was sent after the read
//! arrived: no later leader can have acknowledged a write before that.

use std::collections::VecDeque;

use super::bugs::{LEASE_WALL_CLOCK, LOCAL_READ, READ_BEFORE_APPLIED, READ_INDEX_NO_TERM};
use super::held::Held;
use super::lead::{Reader, Unconfirmed};
use super::node::Part;
use super::timing::{ELECTION_AFTER, Out};
use super::{Message, Raft, Reads};
use crate::{Answer, Caller, FailCode, Incarnation, KvOp, Nanos, NodeId, Now, RequestId};

/// A lease lasts for less than the time for which nobody helps to replace a leader, by as much as
/// clocks may drift apart meanwhile: a sixth.
const LEASE: Nanos = ELECTION_AFTER / 6 * 5;

impl Raft {
    pub(super) fn on_read(
        &mut self,
        now: Now,
        id: RequestId,
        (op, caller): (KvOp, Option<Caller>),
        out: &mut Out<'_>,
    ) {
        match self.config {
            Reads::FollowerLocal => self.answer_read(id, &op, out),
            Reads::FollowerIndex if !self.leads() => self.ask_index(now, id, op, out),
            _ if !self.leads() => self.refuse(id, out),
            Reads::Log => self.propose(now, id, (op, caller), out),
            Reads::LeaderLocal => self.answer_read(id, &op, out),
            Reads::ReadIndex | Reads::Lease | Reads::FollowerIndex => {
                self.confirm(now, Reader::Client(id), Some(op), out);
            }
        }
    }

    /// Answers from what is applied, which is committed: no crash takes it back.
    pub(super) fn answer_read(&self, id: RequestId, op: &KvOp, out: &mut Out<'_>) {
        out.reply_without_waiting_for_disk(id, self.machine.read(op));
    }

    /// The leader: answers once it is sure to lead.
    fn confirm(&mut self, now: Now, reader: Reader, op: Option<KvOp>, out: &mut Out<'_>) {
        let knows = self.log.term_at(self.commit) == Some(self.term);
        if !knows && !self.bugs.hit(READ_INDEX_NO_TERM) {
            return self.tell(reader, Err(FailCode::NotReady), op.as_ref(), out);
        }
        if self.bugs.hit(LOCAL_READ) || self.config == Reads::Lease && knows && self.has_lease(now)
        {
            return self.tell(reader, Ok(self.commit), op.as_ref(), out);
        }
        let index = self.commit;
        let Part::Leader(lead) = &mut self.part else { return };
        lead.beat += 1;
        let beat = lead.beat;
        lead.unconfirmed.push_back(Unconfirmed { beat, index, reader, op });
        self.broadcast(now, out);
        self.answer_confirmed(out); // A leader without others is sure at once.
    }

    /// Answers the reads that answers to its beats have confirmed.
    pub(super) fn answer_confirmed(&mut self, out: &mut Out<'_>) {
        let quorum = self.quorum();
        loop {
            let Part::Leader(lead) = &mut self.part else { return };
            let confirmed = lead.answered_by(quorum);
            if lead.unconfirmed.front().is_none_or(|read| read.beat > confirmed) {
                return;
            }
            let Some(read) = lead.unconfirmed.pop_front() else { return };
            self.tell(read.reader, Ok(read.index), read.op.as_ref(), out);
        }
    }

    /// Tells a reader up to where it must read, or why it cannot. What is committed is applied here.
    fn tell(
        &mut self,
        reader: Reader,
        index: Result<u64, FailCode>,
        op: Option<&KvOp>,
        out: &mut Out<'_>,
    ) {
        match (reader, index, op) {
            (Reader::Client(id), Ok(_), Some(op)) => self.answer_read(id, op, out),
            (Reader::Client(id), Err(code), _) => {
                out.reply_without_waiting_for_disk(id, Answer::fail(code));
            }
            (Reader::Follower(node, read), Ok(index), _) => {
                out.send_without_waiting_for_disk(node, Message::Index { read, index });
                self.ship_to(node, out); // It may not know yet that this is committed.
            }
            // A follower that hears nothing gives up by itself.
            (Reader::Follower(..), Err(_), _) | (Reader::Client(_), Ok(_), None) => {}
        }
    }

    /// Whether a majority has promised to help no other leader until later than now.
    fn has_lease(&mut self, now: Now) -> bool {
        let quorum = self.quorum();
        let by_wall = self.bugs.has(LEASE_WALL_CLOCK);
        let Part::Leader(lead) = &mut self.part else { return false };
        if self.gave_up_lease_in == self.term {
            return false;
        }
        let Some(sent) = lead.sent_at(lead.answered_by(quorum)) else { return false };
        let valid = now.monotonic < sent.monotonic.saturating_add(LEASE);
        if !by_wall {
            return valid;
        }
        let believed = now.wall < sent.wall.saturating_add(LEASE);
        if believed != valid {
            self.bugs.hit(LEASE_WALL_CLOCK);
        }
        believed
    }

    /// A follower: asks the leader up to where it must have applied the log.
    fn ask_index(&mut self, now: Now, id: RequestId, op: KvOp, out: &mut Out<'_>) {
        let Some(leader) = self.leader else {
            return out.reply_without_waiting_for_disk(id, Answer::fail(FailCode::NotReady));
        };
        let number = self.held.next;
        self.held.next += 1;
        self.held.reads.push_back(Held { number, index: None, id, op, since: now.monotonic });
        let read = (self.incarnation, number);
        out.send_without_waiting_for_disk(leader, Message::AskIndex { read });
    }

    pub(super) fn on_ask_index(
        &mut self,
        now: Now,
        from: NodeId,
        read: (Incarnation, u64),
        out: &mut Out<'_>,
    ) {
        if self.leads() {
            self.confirm(now, Reader::Follower(from, read), None, out);
        }
    }

    pub(super) fn on_index(&mut self, read: (Incarnation, u64), index: u64, out: &mut Out<'_>) {
        if read.0 != self.incarnation {
            return; // Asked by a former life.
        }
        for held in self.held.reads.iter_mut().filter(|held| held.number == read.1) {
            held.index = held.index.or(Some(index));
        }
        self.answer_held(out);
    }

    /// Answers the reads that waited for what is applied now.
    pub(super) fn answer_held(&mut self, out: &mut Out<'_>) {
        let applied = self.applied;
        let is_early = |held: &Held| held.index.is_some_and(|index| index > applied);
        let early = self.held.reads.iter().any(is_early) && self.bugs.hit(READ_BEFORE_APPLIED);
        let is_ready = |held: &Held| held.index.is_some_and(|index| early || index <= applied);
        if !self.held.reads.iter().any(is_ready) {
            return;
        }
        let (ready, rest) = std::mem::take(&mut self.held.reads).into_iter().partition(is_ready);
        self.held.reads = rest;
        let ready: VecDeque<Held> = ready;
        for held in ready {
            self.answer_read(held.id, &held.op, out);
        }
    }

    /// Gives up the reads that have waited for an election's time: the question or its answer is lost.
    pub(super) fn give_up_held(&mut self, now: Now, out: &mut Out<'_>) {
        while let Some(held) = self.held.reads.front()
            && held.since.saturating_add(ELECTION_AFTER) <= now.monotonic
        {
            out.reply_without_waiting_for_disk(held.id, Answer::fail(FailCode::NotReady));
            self.held.reads.pop_front();
        }
    }
}
