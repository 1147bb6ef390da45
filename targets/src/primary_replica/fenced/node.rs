//! The state machine: what a primary and a replica have in common.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::super::PrimaryReads;
use super::super::bugs::LEASE_GRANT_FORGOTTEN;
use super::candidate::Takeover;
use super::{Message, Record};
use crate::raft::{Command, Entry, Lead, Log, Machine};
use crate::{
    Answer, Boot, Bugs, FailCode, Input, KvOp, Nanos, NodeId, Now, Outbox, PersistId, PlantedBug,
    ReadLevel, Request, RequestId, Role, Status, TraceEvent,
};

/// Where this node puts its effects.
pub(super) type Out<'a> = Outbox<'a, Message, Record, Timer>;

/// What a node has itself woken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// A heartbeat at the primary, a look at the clock at a replica.
    Tick,
}

/// How often it ticks.
pub(in crate::primary_replica) const TICK_EVERY: Nanos = 50_000_000;
/// A replica that has heard of a primary follows no other for this long.
pub(super) const GRANT: Nanos = 200_000_000;
/// It asks to be primary after up to this much longer, each replica after another time.
const SPREAD: Nanos = 200_000_000;
/// A primary that has heard of less than a majority for this long gives up, and so does a node that has
/// tried to become one for this long.
const ALONE_AFTER: Nanos = 500_000_000;

/// The longest that a majority in touch is without a primary, if the first that asks becomes it. Where
/// reads need a lease, that majority may just have started.
pub(in crate::primary_replica) fn takes_over_within(reads: PrimaryReads) -> Nanos {
    let asks = GRANT + SPREAD + TICK_EVERY;
    match reads {
        PrimaryReads::Confirmed => asks,
        PrimaryReads::Lease => GRANT + asks,
    }
}

/// Who says who may be primary.
#[derive(Clone, Debug)]
pub(in crate::primary_replica) enum Authority {
    /// The replicas, which follow nobody else for a while.
    Replicas,
    /// Another node. The primary's session was sure to last when this was asked.
    Session(Option<Now>),
}

/// What a node does at present.
#[derive(Clone, Debug)]
pub(super) enum Duty {
    /// It follows the primary of its epoch; whether it has heard of it in this life.
    Follow { heard: bool },
    /// It asks who would follow it; these would.
    Ask(BTreeSet<NodeId>),
    /// It is to be primary of its epoch.
    TakeOver(Takeover),
    /// It is.
    Lead(Lead),
}

/// A node of a cluster whose primary others are fenced off from.
#[derive(Clone, Debug)]
pub(crate) struct Fenced {
    pub(super) reads: PrimaryReads,
    pub(super) authority: Authority,
    pub(super) bugs: Bugs,
    pub(super) me: NodeId,
    pub(super) members: Vec<NodeId>,
    pub(super) duty: Duty,
    /// The latest epoch that it was shown.
    pub(super) epoch: u64,
    pub(super) primary: Option<NodeId>,
    /// The node it follows, and until when it may follow no other; none is known after a start.
    pub(super) granted: Option<(Option<NodeId>, Nanos)>,
    pub(super) started: Nanos,
    /// When it asks to be primary.
    pub(super) deadline: Nanos,
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
    /// Clients that wait for an entry to be committed, and since when.
    pub(super) waiting: BTreeMap<u64, (RequestId, Nanos)>,
}

impl Fenced {
    pub(in crate::primary_replica) fn recover(
        (reads, authority): (PrimaryReads, Authority),
        bugs: Vec<PlantedBug>,
        boot: Boot,
        records: impl IntoIterator<Item = Record>,
    ) -> Self {
        let (mut log, mut epoch) = (Log::default(), 0);
        for record in records {
            match record {
                Record::Epoch(shown) => epoch = shown,
                Record::Append(entry) => log.push(entry),
                Record::Truncate(len) => log.truncate(len),
            }
        }
        Self {
            reads,
            authority,
            bugs: Bugs::new(bugs),
            me: boot.me,
            members: boot.members,
            duty: Duty::Follow { heard: false },
            epoch,
            primary: None,
            granted: None,
            started: 0,
            deadline: 0,
            on_disk: log.last().index,
            log,
            persisting: VecDeque::new(),
            commit: 0,
            applied: 0,
            machine: Machine::default(),
            waiting: BTreeMap::new(),
        }
    }

    pub(in crate::primary_replica) fn handle(
        &mut self,
        now: Now,
        input: Input<Message, Timer>,
        out: &mut Out<'_>,
    ) {
        match input {
            Input::Start => self.start(now, out),
            Input::Timer(Timer::Tick) => self.tick(now, out),
            Input::Durable(id) => self.on_durable(now, id, out),
            Input::Admin(_) => {} // The whole log is kept, and a primary is made by others.
            Input::Request { id, request } => self.on_request(now, id, request, out),
            Input::Message { from, message } => self.on_message(now, from, message, out),
        }
    }

    pub(in crate::primary_replica) fn status(&self) -> Status {
        let last = self.log.last().index;
        let (role, at_rest) = match &self.duty {
            Duty::Lead(lead) => (Role::Primary, self.commit == last && lead.is_at_rest(last)),
            Duty::Follow { heard } => (Role::Replica, *heard && self.applied == last),
            Duty::Ask(_) | Duty::TakeOver(_) => (Role::Replica, false),
        };
        Status {
            role,
            epoch: self.epoch,
            settled: self.persisting.is_empty() && self.waiting.is_empty() && at_rest,
            digest: self.machine.digest(),
            bug_hits: self.bugs.hits(),
            members: None,
        }
    }

    fn start(&mut self, now: Now, out: &mut Out<'_>) {
        self.started = now.monotonic;
        // A former life may have granted a lease, to whomever.
        let leases = self.reads == PrimaryReads::Lease;
        if leases && !self.bugs.has(LEASE_GRANT_FORGOTTEN) {
            self.granted = Some((None, now.monotonic.saturating_add(GRANT)));
        }
        self.wait_anew(now, out);
        out.set_timer(Timer::Tick, TICK_EVERY);
    }

    fn tick(&mut self, now: Now, out: &mut Out<'_>) {
        out.set_timer(Timer::Tick, TICK_EVERY);
        match &mut self.duty {
            Duty::Lead(lead) => {
                if lead.heard_within(now, ALONE_AFTER) < self.majority() {
                    return self.step_down(now, self.epoch, None, out);
                }
                self.beat(now, out);
            }
            // Another node may have what is missing to take over.
            Duty::TakeOver(takeover)
                if now.monotonic >= takeover.since.saturating_add(ALONE_AFTER) =>
            {
                self.step_down(now, self.epoch, None, out);
            }
            Duty::TakeOver(_) => self.take_over_again(out),
            Duty::Follow { .. } | Duty::Ask(_) => self.maybe_ask(now, out),
        }
    }

    fn on_message(&mut self, now: Now, from: NodeId, message: Message, out: &mut Out<'_>) {
        match message {
            Message::Ask { epoch } => self.on_ask(now, from, epoch, out),
            Message::Would { epoch } => self.on_would(now, from, epoch, out),
            Message::Fence { epoch } => self.on_fence(now, from, epoch, out),
            Message::Fenced { epoch, last } => self.on_fenced(now, from, (epoch, last), out),
            Message::Fetch { epoch, after } => self.on_fetch(from, epoch, after, out),
            Message::Fetched { epoch, previous, entries } => {
                self.on_fetched(now, (from, epoch), previous, entries, out);
            }
            Message::Append { epoch, previous, entries, commit, beat } => {
                if self.follow(now, from, epoch, out) {
                    self.on_append((previous, entries, commit), beat, out);
                }
            }
            Message::Ack { epoch, matched, beat } => {
                self.on_ack(now, from, (epoch, matched, beat), out);
            }
            Message::Reject { epoch, shares, beat } => {
                self.on_reject(now, from, (epoch, shares, beat), out);
            }
        }
    }

    fn on_request(&mut self, now: Now, id: RequestId, request: Request, out: &mut Out<'_>) {
        let Request { op, read, caller, .. } = request;
        match (op.is_read(), read) {
            (true, ReadLevel::Local) => self.answer_read(id, &op, out),
            _ if !matches!(self.duty, Duty::Lead(_)) => self.refuse(id, out),
            (true, ReadLevel::Default) => self.on_read(now, id, op, out),
            (false, _) => self.on_write(now, id, Command::Op { op, caller }, out),
        }
    }

    /// Sends a client to the primary.
    fn refuse(&self, id: RequestId, out: &mut Out<'_>) {
        let answer = Answer::Fail { code: FailCode::NotPrimary, hint: self.primary };
        out.reply_without_waiting_for_disk(id, answer);
    }

    /// Answers from what is applied, which is committed: no crash takes it back.
    pub(super) fn answer_read(&self, id: RequestId, op: &KvOp, out: &mut Out<'_>) {
        out.reply_without_waiting_for_disk(id, self.machine.read(op));
    }

    fn on_durable(&mut self, now: Now, id: PersistId, out: &mut Out<'_>) {
        while let Some(&(first, len)) = self.persisting.front()
            && first <= id
        {
            self.persisting.pop_front();
            self.on_disk = len.max(self.on_disk);
        }
        match &self.duty {
            Duty::TakeOver(takeover) if takeover.own <= id => self.fence_itself(now, out),
            Duty::Lead(_) => self.advance(out),
            Duty::TakeOver(_) | Duty::Ask(_) | Duty::Follow { .. } => {}
        }
    }

    /// How many members are a majority.
    pub(super) fn majority(&self) -> usize {
        self.members.len() / 2 + 1
    }

    /// The other members.
    pub(super) fn others(&self) -> impl Iterator<Item = NodeId> + use<> {
        let me = self.me;
        self.members.clone().into_iter().filter(move |&node| node != me)
    }

    /// Adds an entry to the log, in memory and on disk.
    pub(super) fn append(&mut self, entry: Entry, out: &mut Out<'_>) {
        self.log.push(entry.clone());
        let id = out.persist(Record::Append(entry));
        self.persisting.push_back((id, self.log.last().index));
    }

    /// Makes the epoch survive a crash: a node that forgot it could follow an earlier primary.
    pub(super) fn persist_epoch(&mut self, out: &mut Out<'_>) -> PersistId {
        let id = out.persist(Record::Epoch(self.epoch));
        self.persisting.push_back((id, self.on_disk.min(self.log.last().index)));
        id
    }

    /// Applies what is committed, and answers who waits for it. What is committed is on the disks of a
    /// majority, so an answer need not wait for this one.
    pub(super) fn apply(&mut self, out: &mut Out<'_>) {
        while self.applied < self.commit
            && let Some(entry) = self.log.get(self.applied + 1)
        {
            self.applied += 1;
            let (index, epoch) = (self.applied, entry.term);
            let answer = self.machine.apply(&entry.command);
            out.trace(TraceEvent::Applied { index, epoch });
            if let Some((id, _)) = self.waiting.remove(&index)
                && let Some(answer) = answer
            {
                out.reply_without_waiting_for_disk(id, answer);
            }
        }
    }

    /// Follows another primary, or none yet; gives up what it led.
    pub(super) fn step_down(
        &mut self,
        now: Now,
        epoch: u64,
        primary: Option<NodeId>,
        out: &mut Out<'_>,
    ) {
        let other = epoch != self.epoch;
        if other {
            self.epoch = epoch;
            self.persist_epoch(out);
        }
        let follows = Duty::Follow { heard: false };
        let before = std::mem::replace(&mut self.duty, follows);
        let news = other || !matches!(before, Duty::Follow { .. }) || self.primary != primary;
        self.primary = primary;
        if let Duty::Lead(mut lead) = before {
            lead.fail_unconfirmed(primary, out);
            for (id, _) in std::mem::take(&mut self.waiting).into_values() {
                let reason = "another primary takes over".to_owned();
                out.reply_without_waiting_for_disk(id, Answer::Indeterminate { reason });
            }
        }
        self.wait_anew(now, out);
        if news {
            out.trace(TraceEvent::Follows { epoch, leader: primary });
        }
    }

    /// Waits once more, for another time than before.
    pub(super) fn wait_anew(&mut self, now: Now, out: &mut Out<'_>) {
        let patience = GRANT + out.random_below(SPREAD);
        self.deadline = now.monotonic.saturating_add(patience);
    }
}
