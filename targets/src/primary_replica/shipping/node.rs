//! The state machine: what a primary and a replica have in common.

use std::collections::{BTreeMap, VecDeque};

use super::super::bugs::READ_EXPOSES_UNDURABLE;
use super::super::{Config, Failover, Reads};
use super::log::Log;
use super::waiting::Waiting;
use super::{Entry, Message, Record};
use crate::{
    Answer, Boot, Bugs, FailCode, Input, KvOp, Nanos, Node, NodeId, Now, Outbox, PersistId,
    PlantedBug, Purpose, ReadLevel, Request, RequestId, Role, Status, Store, TraceEvent,
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
const TICK_EVERY: Nanos = 50_000_000;
/// A replica that has heard of no primary for so long may promote itself.
const SUSPECT_AFTER: Nanos = 300_000_000;
/// It does so after half as long again at the latest.
pub(in crate::primary_replica) const PROMOTES_WITHIN: Nanos = SUSPECT_AFTER + SUSPECT_AFTER / 2;
/// A peer that has said nothing for so long does not count towards a quorum.
pub(super) const PEER_GONE_AFTER: Nanos = 500_000_000;
/// Most entries in one message.
pub(super) const BATCH_ENTRIES: usize = 256;

/// What the primary knows of one replica.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) node: NodeId,
    /// Entries it certainly has on its disk.
    pub(super) matched: u64,
    /// The next entry to send.
    pub(super) next: u64,
    /// When it last said anything; `None` if never.
    pub(super) heard: Option<Nanos>,
}

/// A node of a cluster whose primary ships its log.
#[derive(Clone, Debug)]
pub(crate) struct Shipping {
    pub(super) config: Config,
    pub(super) bugs: Bugs,
    pub(super) me: NodeId,
    pub(super) members: Vec<NodeId>,
    pub(super) role: Role,
    pub(super) epoch: u64,
    pub(super) primary: Option<NodeId>,
    pub(super) log: Log,
    /// Records not yet durable, and the length of the log each one makes.
    pub(super) persisting: VecDeque<(PersistId, u64)>,
    /// The record that makes `epoch` survive a crash, and the last record that does survive.
    pub(super) epoch_record: PersistId,
    pub(super) durable_record: PersistId,
    /// Entries on this node's disk.
    pub(super) durable: u64,
    /// Entries that enough disks hold; only the primary decides it.
    pub(super) committed: u64,
    /// Entries in `store`.
    pub(super) applied: u64,
    pub(super) store: Store,
    /// All other members, in ascending order.
    pub(super) peers: Vec<Peer>,
    /// Clients waiting for an entry to be committed.
    pub(super) waiting: BTreeMap<u64, RequestId>,
    /// Reads that wait for entries that their sessions have seen.
    pub(super) readers: Vec<Waiting>,
    /// The primary serves no reads until this number of entries is committed again after a restart.
    pub(super) serve_from: u64,
    pub(super) heard_primary: Nanos,
    /// Whether this node, in this life, has heard from the primary of its epoch.
    pub(super) follows: bool,
    pub(super) patience: Nanos,
}

impl Node for Shipping {
    type Message = Message;
    type Record = Record;
    type Timer = Timer;
    type Config = (Config, Vec<PlantedBug>);

    fn recover(
        config: &Self::Config,
        boot: Boot,
        records: impl IntoIterator<Item = Record>,
    ) -> Self {
        let (config, bugs) = config.clone();
        let mut log = Log::default();
        let mut epoch = 0;
        for record in records {
            match record {
                Record::Epoch(seen) => epoch = seen,
                Record::Append(entry) => log.push(entry),
                Record::Truncate(len) => log.truncate(len),
            }
        }
        let first = boot.members[0];
        // The first node starts a fresh cluster; without failover it is the primary for ever.
        let leads = boot.me == first && (epoch == 0 || config.failover == Failover::None);
        let durable = log.len();
        Self {
            config,
            bugs: Bugs::new(bugs),
            me: boot.me,
            role: if leads { Role::Primary } else { Role::Replica },
            epoch: epoch.max(1),
            primary: Some(first),
            log,
            persisting: VecDeque::new(),
            epoch_record: PersistId(0),
            durable_record: PersistId(0),
            durable,
            committed: 0,
            applied: 0,
            store: Store::default(),
            peers: boot
                .members
                .iter()
                .filter(|&&node| node != boot.me)
                .map(|&node| Peer { node, matched: 0, next: durable + 1, heard: None })
                .collect(),
            members: boot.members,
            waiting: BTreeMap::new(),
            readers: Vec::new(),
            serve_from: durable,
            heard_primary: 0,
            follows: false,
            patience: SUSPECT_AFTER,
        }
    }

    fn handle(&mut self, now: Now, input: Input<Message, Timer>, out: &mut Out<'_>) {
        match input {
            Input::Start => self.start(now, out),
            Input::Timer(Timer::Tick) => self.tick(now, out),
            Input::Durable(id) => self.on_durable(id, out),
            Input::Admin(_) => {} // Nobody elects another primary, and the whole log is kept.
            Input::Request { id, request } => self.on_request(now, id, request, out),
            Input::Message { from, message } => match message {
                Message::Append { epoch, previous, previous_epoch, entries } => {
                    self.on_append(now, from, epoch, (previous, previous_epoch), entries, out);
                }
                Message::Ack { epoch, matched } => self.on_ack(now, from, epoch, matched, out),
                Message::Reject { epoch, len } => self.on_reject(now, from, epoch, len, out),
            },
        }
    }

    fn status(&self) -> Status {
        // A primary has work while it ships. A replica that has not heard of a primary does not know
        // what it lacks, and may yet promote itself.
        let at_rest = match self.role {
            Role::Primary => self.peers.iter().all(|peer| peer.matched == self.log.len()),
            Role::Replica | Role::Peer => self.follows,
        };
        Status {
            role: self.role,
            epoch: self.epoch,
            settled: self.persisting.is_empty() && self.waiting.is_empty() && at_rest,
            digest: self.store.digest(),
            bug_hits: self.bugs.hits(),
            members: None,
        }
    }

    fn describe(message: &Message) -> String {
        message.to_string()
    }

    fn purpose(message: &Message) -> Purpose {
        message.purpose()
    }
}

impl Shipping {
    fn start(&mut self, now: Now, out: &mut Out<'_>) {
        self.heard_primary = now.monotonic;
        self.draw_patience(out);
        self.persist_epoch(out);
        if self.role == Role::Primary {
            out.trace(TraceEvent::Leads { epoch: self.epoch, last: self.log.last() });
            self.announce(out);
        } else {
            self.apply_durable(out);
        }
        out.set_timer(Timer::Tick, TICK_EVERY);
    }

    fn tick(&mut self, now: Now, out: &mut Out<'_>) {
        self.refuse_readers(now, out);
        match self.role {
            Role::Primary => self.announce(out),
            Role::Replica | Role::Peer => self.maybe_promote(now, out),
        }
        out.set_timer(Timer::Tick, TICK_EVERY);
    }

    fn on_durable(&mut self, id: PersistId, out: &mut Out<'_>) {
        self.durable_record = id;
        while let Some(&(first, len)) = self.persisting.front() {
            if first > id {
                break;
            }
            self.persisting.pop_front();
            self.durable = len.min(self.log.len());
        }
        match self.role {
            Role::Primary => {
                self.commit(out);
                self.ship(out);
            }
            Role::Replica | Role::Peer => self.apply_durable(out),
        }
    }

    fn on_request(&mut self, now: Now, id: RequestId, request: Request, out: &mut Out<'_>) {
        if request.op.is_read() {
            self.on_read(now, id, &request, out);
        } else if self.role == Role::Primary {
            self.on_write(now, id, request.op, out);
        } else {
            let answer = Answer::Fail { code: FailCode::NotPrimary, hint: self.primary };
            out.reply_without_waiting_for_disk(id, answer);
        }
    }

    fn on_read(&mut self, now: Now, id: RequestId, request: &Request, out: &mut Out<'_>) {
        let may_serve = request.read == ReadLevel::Local
            || match self.config.reads {
                Reads::Primary => self.role == Role::Primary,
                // A cluster of one has no replica to ask.
                Reads::Replica => self.role == Role::Replica || self.members.len() == 1,
                Reads::Any => true,
            };
        if !may_serve {
            let hint = match self.config.reads {
                Reads::Primary => self.primary,
                Reads::Replica | Reads::Any => self.members.iter().copied().find(|&n| n != self.me),
            };
            let answer = Answer::Fail { code: FailCode::NotPrimary, hint };
            return out.reply_without_waiting_for_disk(id, answer);
        }
        if self.role == Role::Primary && self.committed < self.serve_from {
            return out.reply_without_waiting_for_disk(id, Answer::fail(FailCode::NotReady));
        }
        if self.bugs.has(READ_EXPOSES_UNDURABLE) {
            return self.read_undurable(id, &request.op, out);
        }
        self.read(now, id, request, out);
    }

    /// The planted bug: answers from the whole log, durable or not, and does not wait for the disk.
    fn read_undurable(&mut self, id: RequestId, op: &KvOp, out: &mut Out<'_>) {
        let mut store = self.store.clone();
        for entry in self.log.after(self.applied) {
            self.bugs.hit(READ_EXPOSES_UNDURABLE);
            if let Some(op) = &entry.op {
                store.apply(op);
            }
        }
        out.reply_without_waiting_for_disk(id, store.read(op));
    }

    /// Appends `entry` to the log, in memory and on disk.
    pub(super) fn append(&mut self, entry: Entry, out: &mut Out<'_>) {
        self.log.push(entry.clone());
        let id = out.persist(Record::Append(entry));
        self.persisting.push_back((id, self.log.len()));
    }

    /// Makes the epoch survive a crash: a node that forgot it could use it twice.
    pub(super) fn persist_epoch(&mut self, out: &mut Out<'_>) {
        self.epoch_record = out.persist(Record::Epoch(self.epoch));
        self.persisting.push_back((self.epoch_record, self.log.len()));
    }

    /// Applies entries up to `upto`, answering clients that wait for them.
    pub(super) fn apply(&mut self, upto: u64, out: &mut Out<'_>) {
        while self.applied < upto {
            let answer = self.apply_next();
            let index = self.applied;
            let epoch = self.log.epoch_at(index).unwrap_or(0);
            out.trace(TraceEvent::Applied { index, epoch });
            if let Some(answer) = answer
                && let Some(id) = self.waiting.remove(&index)
            {
                let response = self.with_token(answer, index);
                out.reply(id, response);
            }
        }
        self.answer_readers(out);
    }

    /// Applies the next entry; the answer to the client that waits for it, if it does anything.
    fn apply_next(&mut self) -> Option<Answer> {
        self.applied += 1;
        let op = self.log.get(self.applied)?.op.as_ref()?;
        Some(self.store.apply(op))
    }

    /// Makes the store what the first `len` entries make it.
    pub(super) fn rebuild(&mut self, len: u64) {
        self.store = Store::default();
        self.applied = 0;
        while self.applied < len {
            self.apply_next();
        }
    }

    pub(super) fn draw_patience(&mut self, out: &mut Out<'_>) {
        self.patience = SUSPECT_AFTER + out.random_below(SUSPECT_AFTER / 2);
    }
}

#[cfg(test)]
mod tests;
