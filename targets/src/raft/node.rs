//! The state machine: what the roles have in common.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::begun::{Handover, Joining};
use super::bugs::{DEPOSES_AT_ONCE, LEASE_GRANT_FORGOTTEN, QUORUM_OFF_BY_ONE};
use super::held::{Forwarded, HeldReads};
use super::lead::Lead;
use super::levels::{Reads, Writes};
use super::log::Log;
use super::machine::Machine;
use super::members::Members;
use super::timing::{ELECTION_AFTER, ELECTION_SPREAD, Out, Timer};
use super::{Message, Place, Record, Round, Snapshot};
use crate::{
    Answer, Boot, Bugs, Caller, FailCode, Incarnation, Input, Nanos, Node, NodeId, Now, PersistId,
    PlantedBug, Purpose, ReadLevel, Request, RequestId, Role, Status, TraceEvent,
};

/// What a node is at present.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// It follows the leader of its term, if there is one.
    Follower,
    /// It asks who would elect it; these would.
    Asking(BTreeSet<NodeId>),
    /// It asks for votes; these have voted for it. Its own counts once it is on disk.
    Candidate { votes: BTreeSet<NodeId>, own: PersistId },
    /// It leads.
    Leader(Lead),
}

/// A member of a cluster that runs Raft.
#[derive(Clone, Debug)]
pub struct Raft {
    pub(super) config: Reads,
    pub(super) writes: Writes,
    pub(super) bugs: Bugs,
    pub(super) me: NodeId,
    pub(super) incarnation: Incarnation,
    pub(super) members: Members,
    pub(super) part: Part,
    pub(super) term: u64,
    pub(super) vote: Option<NodeId>,
    /// Who leads the term, as far as is known.
    pub(super) leader: Option<NodeId>,
    /// When it last heard of that leader; at first, when it started.
    pub(super) heard: Option<Nanos>,
    /// When it started.
    pub(super) started: Nanos,
    /// When it acts if it hears of none, and how long it waits after it has heard of one.
    pub(super) deadline: Nanos,
    pub(super) patience: Nanos,
    pub(super) log: Log,
    /// Records that are not durable yet, and how much of the log is once they are.
    pub(super) persisting: VecDeque<(PersistId, u64)>,
    /// Entries on this node's disk.
    pub(super) on_disk: u64,
    /// Entries that are committed, as far as is known.
    pub(super) commit: u64,
    /// Entries in `machine`.
    pub(super) applied: u64,
    pub(super) machine: Machine,
    /// What stands for the entries that are not kept.
    pub(super) snapshot: Snapshot,
    /// Clients that wait for an entry to be committed; whether they read.
    pub(super) waiting: BTreeMap<u64, (RequestId, bool)>,
    pub(super) held: HeldReads,
    /// Writes of clients of this node that it has passed on.
    pub(super) forwarded: BTreeMap<Caller, Forwarded>,
    /// The leader has a node catch up.
    pub(super) joining: Option<Joining>,
    /// The number of entries up to which the log of this node must reach before it votes: it had them, and has thrown
    /// them away.
    pub(super) lacks_up_to: u64,
    /// The leader hands over.
    pub(super) handover: Option<Handover>,
    /// The last term in which this node led, and asked another to take over; 0 if there is none.
    pub(super) gave_up_lease_in: u64,
    /// What planted bugs remember: the answers that they will give for entries, and what a leader was asked.
    pub(super) foretold: BTreeMap<u64, Answer>,
    pub(super) proposed: BTreeSet<Caller>,
}

impl Node for Raft {
    type Message = Message;
    type Record = Record;
    type Timer = Timer;
    type Config = ((Reads, Writes), Vec<PlantedBug>);

    fn recover(
        ((config, writes), bugs): &Self::Config,
        boot: Boot,
        records: impl IntoIterator<Item = Record>,
    ) -> Self {
        let mut disk = Disk::default();
        records.into_iter().for_each(|record| disk.replay(record));
        let Disk { term, vote, log, snapshot, lacks_up_to } = disk;
        let applied = snapshot.place.index;
        let members = Members::new(boot.members, snapshot.members.clone(), (&log, applied));
        Self {
            config: *config,
            writes: *writes,
            bugs: Bugs::new(bugs.clone()),
            me: boot.me,
            incarnation: boot.incarnation,
            members,
            part: Part::Follower,
            term,
            vote,
            leader: None,
            heard: None,
            started: 0,
            deadline: 0,
            patience: ELECTION_AFTER,
            on_disk: log.last().index,
            log,
            persisting: VecDeque::new(),
            commit: applied,
            applied,
            machine: snapshot.machine.clone(),
            snapshot,
            waiting: BTreeMap::new(),
            held: HeldReads::default(),
            forwarded: BTreeMap::new(),
            joining: None,
            lacks_up_to,
            handover: None,
            gave_up_lease_in: 0,
            foretold: BTreeMap::new(),
            proposed: BTreeSet::new(),
        }
    }

    fn handle(&mut self, now: Now, input: Input<Message, Timer>, out: &mut Out<'_>) {
        match input {
            Input::Start => self.start(now, out),
            Input::Timer(Timer::Election) => self.on_election_timer(now, out),
            Input::Timer(Timer::Heartbeat(term)) => self.on_heartbeat_timer(now, term, out),
            Input::Timer(Timer::Retry(caller)) => self.on_retry_timer(now, caller, out),
            Input::Durable(id) => self.on_durable(now, id, out),
            Input::Admin(admin) => self.on_admin(now, admin, out),
            Input::Request { id, request } => self.on_request(now, id, request, out),
            Input::Message { from, message } => self.on_message(now, from, message, out),
        }
        self.go_on_changing(now, out);
        self.go_on_handing_over(out);
    }

    fn status(&self) -> Status {
        let last = self.log.last().index;
        let (role, at_rest) = match &self.part {
            Part::Leader(lead) => (Role::Primary, self.commit == last && lead.is_at_rest(last)),
            Part::Follower => (Role::Replica, self.leader.is_some() && self.applied == last),
            Part::Asking(_) | Part::Candidate { .. } => (Role::Replica, false),
        };
        let idle = self.persisting.is_empty()
            && self.waiting.is_empty()
            && self.held.is_empty()
            && self.handover.is_none()
            && self.joining.is_none()
            && self.forwarded.is_empty();
        Status {
            role,
            epoch: self.term,
            settled: idle && at_rest,
            digest: self.machine.digest(),
            bug_hits: self.bugs.hits(),
            members: Some(self.members.applied().to_vec()),
        }
    }

    fn describe(message: &Message) -> String {
        message.to_string()
    }

    fn purpose(message: &Message) -> Purpose {
        message.purpose()
    }
}

/// What a disk holds.
#[derive(Default)]
struct Disk {
    term: u64,
    vote: Option<NodeId>,
    log: Log,
    snapshot: Snapshot,
    lacks_up_to: u64,
}

impl Disk {
    fn replay(&mut self, record: Record) {
        match record {
            Record::Term(term, vote) => (self.term, self.vote) = (term, vote),
            Record::Append(entry) => self.log.push(entry),
            Record::Truncate(len) => self.log.truncate(len),
            Record::Compact(snapshot) => {
                self.log.compact(kept_from(snapshot.place.index, &self.log));
                self.snapshot = *snapshot;
            }
            Record::Reset(len) => {
                (self.log, self.snapshot) = (Log::default(), Snapshot::default());
                self.lacks_up_to = len;
            }
            Record::Install(snapshot) => {
                self.log = Log::since(snapshot.place);
                self.snapshot = *snapshot;
            }
        }
    }
}

/// Entries before a snapshot that are kept, so that a member that lags a little needs no snapshot.
const KEPT: u64 = 32;

/// The base of a log whose first `index` entries are in a snapshot.
pub(super) fn kept_from(index: u64, log: &Log) -> u64 {
    index.saturating_sub(KEPT).max(log.base().index)
}

impl Raft {
    fn start(&mut self, now: Now, out: &mut Out<'_>) {
        self.started = now.monotonic;
        // A former life may have granted a lease.
        if self.config == Reads::Lease && !self.bugs.has(LEASE_GRANT_FORGOTTEN) {
            self.heard = Some(now.monotonic);
        }
        self.wait_anew(now, out);
        out.set_timer(Timer::Election, self.deadline.saturating_sub(now.monotonic));
    }

    fn on_message(&mut self, now: Now, from: NodeId, message: Message, out: &mut Out<'_>) {
        match message {
            Message::Ask { round, term, last } => self.on_ask(now, from, (round, term, last), out),
            Message::Vote { round, term, granted } => {
                self.on_vote(now, from, (round, term, granted), out);
            }
            Message::Append { term, previous, entries, commit, beat } => {
                if self.follow(now, from, term, out) {
                    self.on_append((previous, entries, commit), beat, out);
                }
            }
            Message::Snapshot { term, snapshot, beat } => {
                if self.follow(now, from, term, out) {
                    self.on_snapshot(*snapshot, beat, out);
                }
            }
            Message::Ack { term, matched, beat } => {
                self.on_answer(now, from, term, out);
                self.on_ack(from, (term, matched, beat), out);
            }
            Message::Refuse { term, shares, beat } => {
                self.on_answer(now, from, term, out);
                self.on_refuse(from, (term, shares, beat), out);
            }
            Message::TakeOver { term } => self.on_take_over(now, from, term, out),
            Message::Propose { caller, op } => self.on_propose(now, caller, op, out),
            Message::AskIndex { read } => self.on_ask_index(now, from, read, out),
            Message::Index { read, index } => self.on_index(read, index, out),
        }
    }

    fn on_request(&mut self, now: Now, id: RequestId, request: Request, out: &mut Out<'_>) {
        let Request { op, read, caller, .. } = request;
        match (op.is_read(), read) {
            (true, ReadLevel::Local) => self.answer_read(id, &op, out),
            (true, ReadLevel::Default) => self.on_read(now, id, (op, caller), out),
            (false, _) if self.leads() => self.propose(now, id, (op, caller), out),
            (false, _) => self.forward(id, op, caller, out),
        }
    }

    /// Sends a client to the leader.
    pub(super) fn refuse(&self, id: RequestId, out: &mut Out<'_>) {
        let answer = Answer::Fail { code: FailCode::NotPrimary, hint: self.leader };
        out.reply_without_waiting_for_disk(id, answer);
    }

    fn on_durable(&mut self, now: Now, id: PersistId, out: &mut Out<'_>) {
        while let Some(&(first, len)) = self.persisting.front()
            && first <= id
        {
            self.persisting.pop_front();
            self.on_disk = len.max(self.on_disk);
        }
        match &mut self.part {
            Part::Candidate { votes, own } if *own <= id => {
                votes.insert(self.me);
                out.trace(TraceEvent::Counts { epoch: self.term, voter: self.me });
                self.count_votes(now, out);
            }
            Part::Leader(_) => self.advance(out),
            Part::Candidate { .. } | Part::Asking(_) | Part::Follower => {}
        }
    }

    pub(super) fn leads(&self) -> bool {
        matches!(self.part, Part::Leader(_))
    }

    /// How many members are a majority.
    pub(super) fn majority(&self) -> usize {
        self.members.in_force().len() / 2 + 1
    }

    /// How many members it takes: a majority, unless that is off by one.
    pub(super) fn quorum(&self) -> usize {
        if self.bugs.has(QUORUM_OFF_BY_ONE) {
            return (self.members.in_force().len() / 2).max(1);
        }
        self.majority()
    }

    /// The other members.
    pub(super) fn others(&self) -> impl Iterator<Item = NodeId> + use<> {
        let me = self.me;
        self.members.in_force().to_vec().into_iter().filter(move |&node| node != me)
    }

    /// Makes the term and the vote survive a crash.
    pub(super) fn persist_term(&mut self, vote: Option<NodeId>, out: &mut Out<'_>) -> PersistId {
        let id = out.persist(Record::Term(self.term, vote));
        self.persisting.push_back((id, self.on_disk.min(self.log.last().index)));
        id
    }

    /// Follows the leader of `term`; gives up what it led.
    pub(super) fn step_down(
        &mut self,
        now: Now,
        term: u64,
        leader: Option<NodeId>,
        out: &mut Out<'_>,
    ) {
        let later = term > self.term;
        if later {
            (self.term, self.vote) = (term, None);
            self.persist_term(None, out);
        }
        let news = later || !matches!(self.part, Part::Follower) || self.leader != leader;
        self.leader = leader;
        let part = std::mem::replace(&mut self.part, Part::Follower);
        let contends = !matches!(part, Part::Follower);
        if let Part::Leader(mut lead) = part {
            lead.fail_unconfirmed(leader, out);
            self.foretold.clear();
            (self.handover, self.joining) = (None, None);
            self.proposed.clear();
            self.abandon(out);
            self.wait_anew(now, out);
        }
        if news {
            out.trace(TraceEvent::Follows { epoch: self.term, leader });
        }
        if contends && later && self.bugs.hit(DEPOSES_AT_ONCE) {
            self.campaign(Round::Vote, out);
        }
    }

    /// Nobody knows what becomes of the entries that clients wait for.
    fn abandon(&mut self, out: &mut Out<'_>) {
        for (id, reads) in std::mem::take(&mut self.waiting).into_values() {
            let answer = if reads {
                Answer::Fail { code: FailCode::NotPrimary, hint: self.leader }
            } else {
                Answer::Indeterminate { reason: "the leader has lost its term".to_owned() }
            };
            out.reply_without_waiting_for_disk(id, answer);
        }
    }

    /// Waits once more, for another time than before.
    pub(super) fn wait_anew(&mut self, now: Now, out: &mut Out<'_>) {
        self.patience = ELECTION_AFTER + out.random_below(ELECTION_SPREAD);
        self.wait_on(now);
    }

    /// Waits once more.
    pub(super) fn wait_on(&mut self, now: Now) {
        self.deadline = now.monotonic.saturating_add(self.patience);
    }

    /// Nothing is left of the log and of what it made. What was acknowledged of it, up to `reached`, is to come back
    /// before this node votes.
    pub(super) fn forget_all(&mut self, reached: u64) {
        (self.log, self.snapshot, self.machine) = Default::default();
        (self.commit, self.applied, self.on_disk, self.lacks_up_to) = (0, 0, 0, reached);
        self.persisting.iter_mut().for_each(|(_, held)| *held = 0);
        self.members.install(None, (&self.log, 0));
    }

    /// The end of the log.
    pub(super) fn last(&self) -> Place {
        self.log.last()
    }
}

#[cfg(test)]
mod tests;
