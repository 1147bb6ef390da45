//! The state machine: what a coordinator and a replica have in common.

use std::collections::{BTreeMap, VecDeque};

use super::bugs::{MERKLE_HASHES_NAMES, UNCONDITIONAL_APPLY};
use super::hinted::{Hinted, remember};
use super::tree::{Covers, Tree};
use super::underway::Underway;
use super::{Config, Item, Message, OperationId, Record, Share};
use crate::store::Fnv;
use crate::{
    Boot, Bugs, Digest, Incarnation, Input, Key, Node, NodeId, Now, Outbox, PersistId, PlantedBug,
    Purpose, Role, Status,
};

/// Where this node puts its effects.
pub(super) type Out<'a> = Outbox<'a, Message, Record, Timer>;

/// What a node has itself woken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// To ask again, mend, or give up, for the operation of this number in this incarnation.
    Operation(u64),
    /// To compare what is held with others.
    AntiEntropy,
    /// To offer hints to their homes.
    Handoff,
}

/// A node of a leaderless cluster.
#[derive(Clone, Debug)]
pub struct Leaderless {
    pub(super) config: Config,
    pub(super) bugs: Bugs,
    pub(super) me: NodeId,
    pub(super) members: Vec<NodeId>,
    pub(super) incarnation: Incarnation,
    pub(super) store: BTreeMap<Key, Item>,
    /// The highest version counter this node has given out.
    pub(super) issued: u64,
    /// The highest version counter this node has seen.
    pub(super) seen: u64,
    /// What this life has added to counters.
    pub(super) shares: BTreeMap<Key, Share>,
    /// How many dots of each key this life has given out.
    pub(super) dots: BTreeMap<Key, u64>,
    /// Operations under way at this coordinator.
    pub(super) operations: Underway,
    /// Operations for which a copy of this node's own counts once a record is durable, in the order of
    /// these records.
    pub(super) own_copies: VecDeque<(PersistId, u64)>,
    pub(super) next_operation: u64,
    /// What is kept for replicas that did not answer.
    pub(super) hints: Hinted,
    /// Hints that are on the way to their homes, by the number of the offer.
    pub(super) offered: BTreeMap<u64, (NodeId, Key, Item)>,
    pub(super) tree: Tree,
    /// How often the store has changed in this incarnation. Counted with anti-entropy only.
    pub(super) changes: u64,
    /// At which number of changes each member was found equal.
    pub(super) equal: BTreeMap<NodeId, u64>,
    pub(super) persisted: PersistId,
    pub(super) durable: PersistId,
}

impl Node for Leaderless {
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
        let mut store = BTreeMap::<Key, Item>::new();
        let unconditional = bugs.contains(&UNCONDITIONAL_APPLY);
        let names_only = bugs.contains(&MERKLE_HASHES_NAMES);
        let covers = if names_only { Covers::Names } else { Covers::Items };
        let mut hints = Hinted::new();
        let mut seen = 0;
        for Record { key, item, hint_for } in records {
            seen = seen.max(item.counter());
            if let Some(home) = hint_for {
                remember(&mut hints, (home, key), &item);
                continue;
            }
            match store.get_mut(&key) {
                Some(held) if !unconditional => {
                    held.join(&item);
                }
                _ => {
                    store.insert(key, item);
                }
            }
        }
        Self {
            config,
            bugs: Bugs::new(bugs),
            me: boot.me,
            members: boot.members,
            incarnation: boot.incarnation,
            store,
            issued: 0,
            seen,
            shares: BTreeMap::new(),
            dots: BTreeMap::new(),
            operations: Underway::default(),
            own_copies: VecDeque::new(),
            next_operation: 0,
            hints,
            offered: BTreeMap::new(),
            tree: Tree::new(covers),
            changes: 0,
            equal: BTreeMap::new(),
            persisted: PersistId(0),
            durable: PersistId(0),
        }
    }

    fn handle(&mut self, now: Now, input: Input<Message, Timer>, out: &mut Out<'_>) {
        match input {
            Input::Start => {
                self.start_anti_entropy(out);
                self.start_handoff(out);
            }
            Input::Timer(Timer::Handoff) => self.hand_off(out),
            Input::Timer(Timer::AntiEntropy) => self.compare(out),
            Input::Admin(_) => {} // It has no primary to step down, and no log to compact.
            Input::Request { id, request } => self.coordinate(now, id, request, out),
            Input::Timer(Timer::Operation(number)) => self.on_timer(now, number, out),
            Input::Durable(id) => {
                self.durable = id;
                self.own_records_durable(out);
            }
            Input::Message { from, message } => match message {
                Message::Query { operation, key } => self.on_query(from, operation, &key, out),
                Message::Queried { operation, item } => {
                    if let Some(number) = self.in_this_life(operation) {
                        self.on_queried(now, from, number, item, out);
                    }
                }
                Message::Store { operation, key, item } => {
                    self.on_store(from, operation, key, item, out);
                }
                Message::Hint { operation, home, key, item } => {
                    self.on_hint(from, operation, home, (key, item), out);
                }
                Message::Stored { operation } => {
                    if let Some(number) = self.in_this_life(operation) {
                        self.on_stored(from, number, out);
                    }
                }
                Message::Compare { round, hash } => self.on_compare(from, round, hash, out),
                Message::Same { round } => self.on_same(from, round),
                Message::Branch { range, hashes } => self.on_branch(from, range, &hashes, out),
                Message::Leaf { leaf, items } => self.on_leaf(from, leaf, items, out),
            },
        }
    }

    fn status(&self) -> Status {
        Status {
            role: Role::Peer,
            epoch: 0,
            settled: self.operations.is_empty()
                && self.durable >= self.persisted
                && self.hints.is_empty()
                && self.is_equal_to_all(),
            digest: self.digest(),
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

impl Leaderless {
    /// The number of an operation of this incarnation; `None` if an earlier one began it.
    pub(super) fn in_this_life(&self, operation: OperationId) -> Option<u64> {
        (operation.incarnation == self.incarnation).then_some(operation.number)
    }

    fn digest(&self) -> Digest {
        let mut hash = Fnv::default();
        for (key, item) in &self.store {
            hash.bytes(key.as_bytes());
            item.hash_into(&mut hash);
        }
        Digest(hash.0)
    }

    /// The nodes that hold `key`: `n` successive members from a place that the key decides.
    pub(super) fn replicas(&self, key: &Key) -> Vec<NodeId> {
        let (start, members) = (self.first_replica(key), self.members.len());
        (0..usize::from(self.config.n)).map(|i| self.members[(start + i) % members]).collect()
    }

    /// Whether `node` holds `key`.
    pub(super) fn is_replica(&self, node: NodeId, key: &Key) -> bool {
        let members = self.members.len();
        let Ok(at) = self.members.binary_search(&node) else { return false };
        (at + members - self.first_replica(key)) % members < usize::from(self.config.n)
    }

    /// The place among the members of the first node that holds `key`.
    fn first_replica(&self, key: &Key) -> usize {
        let mut hash = Fnv::default();
        hash.bytes(key.as_bytes());
        usize::try_from(hash.0 % self.members.len() as u64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
