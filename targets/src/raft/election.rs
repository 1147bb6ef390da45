//! Elections: who leads a term.

use std::collections::BTreeSet;

use super::bugs::{
    DEPOSES_AT_ONCE, LEASE_GRANT_FORGOTTEN, QUORUM_OFF_BY_ONE, VOTE_STALE_LOG, VOTE_VOLATILE,
};
use super::lead::Lead;
use super::node::Part;
use super::timing::{ELECTION_AFTER, Out, Timer};
use super::{Command, Message, Place, Raft, Round};
use crate::{Nanos, NodeId, Now, TraceEvent};

impl Raft {
    /// A follower misses its leader, or a leader its majority.
    pub(super) fn on_election_timer(&mut self, now: Now, out: &mut Out<'_>) {
        self.give_up_held(now, out);
        if now.monotonic >= self.deadline {
            let quorum = self.quorum();
            match &self.part {
                Part::Leader(lead) if lead.heard_within(now, ELECTION_AFTER) >= quorum => {
                    self.wait_anew(now, out);
                }
                Part::Leader(_) if self.bugs.has(DEPOSES_AT_ONCE) => self.wait_anew(now, out),
                Part::Leader(_) => self.step_down(now, self.term, None, out),
                Part::Follower | Part::Asking(_) | Part::Candidate { .. } => {
                    self.wait_anew(now, out);
                    if self.may_lead() {
                        self.ask_before(now, out);
                    } else {
                        (self.part, self.leader) = (Part::Follower, None);
                    }
                }
            }
        }
        out.set_timer(Timer::Election, self.deadline.saturating_sub(now.monotonic));
    }

    /// Whether it asks to be elected. A node that is neither in the list in force nor in the one before it would
    /// disturb the others.
    pub(super) fn may_lead(&self) -> bool {
        self.members.may_need(self.me) && !self.is_newcomer()
    }

    /// Asks who would elect it, before it disturbs anybody with a new term.
    fn ask_before(&mut self, now: Now, out: &mut Out<'_>) {
        self.part = Part::Asking(BTreeSet::from([self.me]));
        self.leader = None;
        let (term, last) = (self.term + 1, self.last());
        for node in self.others() {
            let round = Round::Before;
            out.send_without_waiting_for_disk(node, Message::Ask { round, term, last });
        }
        self.count_votes(now, out);
    }

    /// Begins a term and asks for votes.
    pub(super) fn campaign(&mut self, round: Round, out: &mut Out<'_>) {
        self.term += 1;
        self.vote = Some(self.me);
        self.leader = None;
        let own = self.persist_term(self.vote, out);
        self.part = Part::Candidate { votes: BTreeSet::new(), own };
        let (term, last) = (self.term, self.last());
        for node in self.others() {
            out.send(node, Message::Ask { round, term, last });
        }
    }

    pub(super) fn on_ask(
        &mut self,
        now: Now,
        from: NodeId,
        (round, term, last): (Round, u64, Place),
        out: &mut Out<'_>,
    ) {
        if term < self.term {
            let refusal = Message::Vote { round, term: self.term, granted: false };
            return out.send(from, refusal);
        }
        let is_handed_over = round == Round::Handover && term > self.term;
        if !is_handed_over && self.has_leader(now) {
            return; // A node does not help to replace a leader that it still hears.
        }
        if round == Round::Before {
            let granted = term > self.term && !self.is_newcomer() && self.is_behind(last);
            let term = if granted { term } else { self.term };
            return out.send(from, Message::Vote { round, term, granted });
        }
        if term > self.term {
            self.step_down(now, term, None, out);
        }
        let may_vote = !self.is_newcomer() && self.vote.is_none_or(|node| node == from);
        let granted = may_vote && self.is_behind(last);
        if granted {
            self.grant(from, out);
            self.wait_anew(now, out);
        }
        out.send(from, Message::Vote { round, term: self.term, granted });
    }

    /// Votes for a node, if it has not yet.
    fn grant(&mut self, node: NodeId, out: &mut Out<'_>) {
        if self.vote.is_some() {
            return;
        }
        self.vote = Some(node);
        let volatile = self.bugs.hit(VOTE_VOLATILE);
        self.persist_term(if volatile { None } else { self.vote }, out);
    }

    /// Whether a log that ends at `last` has all that may be committed here.
    fn is_behind(&mut self, last: Place) -> bool {
        last.is_up_to_date_with(self.last()) || self.bugs.hit(VOTE_STALE_LOG)
    }

    /// Whether there is a leader as far as this node knows: it leads a majority, or has heard of one.
    fn has_leader(&mut self, now: Now) -> bool {
        if self.bugs.has(DEPOSES_AT_ONCE) {
            return false;
        }
        let quorum = self.quorum();
        match &self.part {
            Part::Leader(lead) => lead.heard_within(now, ELECTION_AFTER) >= quorum,
            Part::Follower | Part::Asking(_) | Part::Candidate { .. } => {
                let lately = |heard: Nanos| now.monotonic < heard.saturating_add(ELECTION_AFTER);
                if let Some(heard) = self.heard {
                    return lately(heard);
                }
                // Asked only where it matters: a lease may still hold.
                let forgets = self.bugs.has(LEASE_GRANT_FORGOTTEN) && lately(self.started);
                forgets && !self.bugs.hit(LEASE_GRANT_FORGOTTEN)
            }
        }
    }

    pub(super) fn on_vote(
        &mut self,
        now: Now,
        from: NodeId,
        (round, term, granted): (Round, u64, bool),
        out: &mut Out<'_>,
    ) {
        match &mut self.part {
            Part::Asking(would) if granted && round == Round::Before && term == self.term + 1 => {
                would.insert(from);
                self.count_votes(now, out);
            }
            Part::Candidate { votes, .. }
                if granted && round != Round::Before && term == self.term =>
            {
                votes.insert(from);
                out.trace(TraceEvent::Counts { epoch: term, voter: from });
                self.count_votes(now, out);
            }
            // What was granted before an election is about a term that nobody may ever begin.
            _ if !granted && term > self.term => self.step_down(now, term, None, out),
            _ => {}
        }
    }

    pub(super) fn count_votes(&mut self, now: Now, out: &mut Out<'_>) {
        let quorum = self.quorum();
        let count =
            |votes: &BTreeSet<NodeId>| votes.iter().filter(|&&it| self.members.has(it)).count();
        match &self.part {
            Part::Asking(would) if count(would) >= quorum => self.campaign(Round::Vote, out),
            Part::Candidate { votes, .. } if count(votes) >= quorum => {
                if count(votes) < self.majority() {
                    self.bugs.hit(QUORUM_OFF_BY_ONE);
                }
                self.lead(now, out);
            }
            Part::Asking(_) | Part::Candidate { .. } | Part::Follower | Part::Leader(_) => {}
        }
    }

    /// Leads the term that it was elected for.
    fn lead(&mut self, now: Now, out: &mut Out<'_>) {
        let Place { index, term } = self.last();
        out.trace(TraceEvent::Leads { epoch: self.term, last: (index, term) });
        self.leader = Some(self.me);
        self.part = Part::Leader(Lead::new(self.others(), self.last().index, now));
        self.give_voices(now);
        self.append(Command::Begin, out);
        self.wait_anew(now, out);
        self.on_heartbeat_timer(now, self.term, out);
    }
}
