//! Changes of the members, one node at a time (thesis, chapter 4).
//!
//! Majorities of two lists that differ in one node have a node in common. That holds for a list and the one before
//! it only: so a leader begins no change before the last one is committed, nor before it has committed an entry of
//! its own term. Without the second a change that an earlier leader had begun, and of which this one does not know,
//! may come to hold beside it (Ongaro, "bug in single-server membership changes", raft-dev, July 2015).
//!
//! A node that is to be added catches up first, and does not count meanwhile: rounds, each of what the leader's log
//! had at its beginning, until one takes less than the least time of an election. A leader that is removed
//! leads until that is committed, without counting itself.

use super::begun::Joining;
use super::bugs::{LEARNER_COUNTS, REMOVED_COUNTS, SINGLE_SERVER_2015, TWO_CHANGES};
use super::lead::{Progress, Voice};
use super::node::Part;
use super::timing::{ELECTION_AFTER, Out};
use super::{Command, Raft, Record};
use crate::{FailCode, Nanos, NodeId, Now};

/// Rounds after which a node is not added: it will not catch up.
const ROUNDS: u32 = 10;
/// A node that has not caught up by then, or does not answer, is not added.
const JOINS_WITHIN: Nanos = 10 * ELECTION_AFTER;

impl Raft {
    /// Has a node catch up, so as to become a member.
    pub(super) fn add(
        &mut self,
        now: Now,
        node: NodeId,
        out: &mut Out<'_>,
    ) -> Result<(), FailCode> {
        let is_joining = self.joining.is_some_and(|it| it.node == node);
        if !self.leads() {
            return Err(FailCode::NotPrimary);
        }
        if self.members.has(node) || is_joining {
            return Ok(());
        }
        if !self.members.is_known(node) || !self.may_change() {
            return Err(FailCode::NotReady);
        }
        let last = self.last().index;
        let counts = self.bugs.has(LEARNER_COUNTS);
        let Part::Leader(lead) = &mut self.part else { return Err(FailCode::NotPrimary) };
        let voice = if counts { Voice::Counts } else { Voice::Silent };
        // What it answers to earlier beats may be about a log that it has thrown away.
        lead.beat += 1;
        let since_beat = lead.beat;
        let peer = Progress { since_beat, voice, ..Progress::new(last, now) };
        lead.peers.insert(node, peer);
        let round = (now.monotonic, last);
        self.joining = Some(Joining { node, since: now.monotonic, round, rounds: 0 });
        self.broadcast(now, out);
        Ok(())
    }

    /// Begins to remove a member.
    pub(super) fn remove(
        &mut self,
        now: Now,
        node: NodeId,
        out: &mut Out<'_>,
    ) -> Result<(), FailCode> {
        if !self.leads() {
            return Err(FailCode::NotPrimary);
        }
        if self.joining.is_some_and(|it| it.node == node) {
            self.give_up_joining();
        }
        if !self.members.has(node) {
            return Ok(());
        }
        if self.members.in_force().len() == 1 || !self.may_change() {
            return Err(FailCode::NotReady);
        }
        self.change(now, self.members.without(node), out);
        Ok(())
    }

    /// Whether the leader may begin a change.
    fn may_change(&self) -> bool {
        let is_busy = self.handover.is_some() || self.joining.is_some();
        let waits = self.members.is_changing() && !self.bugs.has(TWO_CHANGES);
        !is_busy && !waits && (self.knows_what_holds() || self.bugs.has(SINGLE_SERVER_2015))
    }

    /// Whether the leader has committed an entry of its own term, and so knows of all that was before it.
    fn knows_what_holds(&self) -> bool {
        self.log.term_at(self.commit) == Some(self.term)
    }

    fn change(&mut self, now: Now, members: Vec<NodeId>, out: &mut Out<'_>) {
        // Only here does it matter whether it might have been begun.
        if self.members.is_changing() {
            self.bugs.hit(TWO_CHANGES);
        }
        if !self.knows_what_holds() {
            self.bugs.hit(SINGLE_SERVER_2015);
        }
        self.append(Command::Members(members), out);
        self.give_voices(now);
        self.broadcast(now, out);
    }

    /// Those in force count, and no others; the leader knows of all of them.
    pub(super) fn give_voices(&mut self, now: Now) {
        let last = self.last().index;
        let removed_count = self.bugs.has(REMOVED_COUNTS);
        let Part::Leader(lead) = &mut self.part else { return };
        let voice_of = |node| {
            if self.members.has(node) || removed_count { Voice::Counts } else { Voice::Silent }
        };
        lead.voice = voice_of(self.me);
        for (node, peer) in &mut lead.peers {
            peer.voice = voice_of(*node);
        }
        for &node in self.members.in_force().iter().filter(|&&node| node != self.me) {
            lead.peers.entry(node).or_insert_with(|| Progress::new(last, now));
        }
    }

    /// What the leader does of a change whenever something has happened.
    pub(super) fn go_on_changing(&mut self, now: Now, out: &mut Out<'_>) {
        self.add_if_caught_up(now, out);
        let Part::Leader(lead) = &self.part else { return };
        let stays =
            |node: NodeId| self.members.has(node) || self.joining.is_some_and(|it| it.node == node);
        if self.members.is_changing() || stays(self.me) && lead.peers.keys().all(|&it| stays(it)) {
            return;
        }
        // A removal is committed. Those that were removed hear of it once more, if they are reached.
        let gone: Vec<NodeId> = lead.peers.keys().copied().filter(|&it| !stays(it)).collect();
        if !self.members.has(self.me) {
            self.broadcast(now, out);
            return self.step_down(now, self.term, None, out);
        }
        if self.bugs.has(REMOVED_COUNTS) {
            return;
        }
        for node in gone {
            self.ship_to(node, out);
            if let Part::Leader(lead) = &mut self.part {
                lead.peers.remove(&node);
            }
        }
    }

    /// Adds the node that catches up, or begins another round, or gives it up.
    fn add_if_caught_up(&mut self, now: Now, out: &mut Out<'_>) {
        let last = self.last().index;
        let (Some(joining), Part::Leader(lead)) = (&mut self.joining, &self.part) else { return };
        let (began, until) = joining.round;
        if lead.peers.get(&joining.node).is_none_or(|peer| peer.matched < until) {
            return;
        }
        joining.rounds += 1;
        if now.monotonic < began.saturating_add(ELECTION_AFTER) {
            let members = self.members.with(joining.node);
            self.joining = None;
            self.change(now, members, out);
        } else if joining.rounds < ROUNDS {
            joining.round = (now.monotonic, last);
        } else {
            self.give_up_joining();
        }
    }

    /// At a heartbeat: the node that catches up may never do so.
    pub(super) fn give_up_slow_joining(&mut self, now: Now) {
        let is_over = |it: Joining| now.monotonic >= it.since.saturating_add(JOINS_WITHIN);
        if self.joining.is_some_and(is_over) {
            self.give_up_joining();
        }
    }

    fn give_up_joining(&mut self) {
        if let (Some(joining), Part::Leader(lead)) = (self.joining.take(), &mut self.part) {
            lead.peers.remove(&joining.node);
        }
    }

    /// Throws away the log and what it made. It has no vote until its log reaches as far as the old one did: then it
    /// knows again what it had acknowledged. That, its term and its vote are kept: a machine that has lost these,
    /// too, must not come back under its old name.
    pub(super) fn reset(&mut self, now: Now, out: &mut Out<'_>) -> Result<(), FailCode> {
        if self.leads() || self.members.may_need(self.me) {
            return Err(FailCode::NotReady);
        }
        let reaches = self.lacks_up_to.max(self.last().index);
        self.step_down(now, self.term, None, out);
        self.forget_all(reaches);
        let id = out.persist(Record::Reset(reaches));
        self.persisting.push_back((id, 0));
        Ok(())
    }

    /// Whether what this node had acknowledged is not all in its log any more.
    pub(super) fn is_newcomer(&self) -> bool {
        self.last().index < self.lacks_up_to
    }
}
