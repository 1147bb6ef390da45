//! Any node coordinates any operation, and asks quorums of the replicas of its key.
//!
//! After Dynamo (`DeCandia` et al., SOSP 2007): each key has `n` replicas; a read waits for `r` of
//! them, a write for `w`. What replicas hold is joined, so that messages may come late, twice or
//! in any order: of two versions of a register the later wins, of two sets the union.
//!
//! How a version is made decides what the registers are worth:
//!
//! - `write_back` off: the coordinator's wall clock, as in Cassandra. With `r + w > n` and clocks
//!   in step a read sees the last completed write (regular), but two reads during a write may see
//!   the new value and then the old one.
//! - `write_back` on: the protocol of Attiya, Bar-Noy and Dolev (JACM 1995), for many writers as
//!   Lynch and Shvartsman have it (FTCS 1997). A write first asks a read quorum for the highest
//!   version; a read makes a write quorum hold what it is about to return, unless all that
//!   answered hold it already. Registers are then linearizable.
//!
//! A compare-and-set is not offered: no protocol of this kind can (Herlihy, TOPLAS 1991).

mod config;
mod coordinator;
mod item;
mod message;
mod replica;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use config::Config;
pub use item::{Item, Version};
pub use message::{Message, Record};

use crate::store::Fnv;
use crate::{
    Boot, Bugs, Digest, Incarnation, Input, Key, Nanos, Node, NodeId, Now, Outbox, PersistId,
    PlantedBug, Role, Status,
};
use coordinator::Coordinated;

/// Where this node puts its effects.
type Out<'a> = Outbox<'a, Message, Record>;

/// An unanswered request is sent again this often.
const RETRY_EVERY: Nanos = 100_000_000;
/// A coordinator gives up after this long.
const DEADLINE: Nanos = 600_000_000;

/// A node of a leaderless cluster.
#[derive(Clone, Debug)]
pub struct Leaderless {
    config: Config,
    bugs: Bugs,
    me: NodeId,
    members: Vec<NodeId>,
    incarnation: Incarnation,
    store: BTreeMap<Key, Item>,
    /// The highest version counter this node has given out.
    issued: u64,
    /// Operations under way at this coordinator, by number.
    operations: BTreeMap<u64, Coordinated>,
    next_operation: u64,
    persisted: PersistId,
    durable: PersistId,
}

impl Node for Leaderless {
    type Message = Message;
    type Record = Record;
    type Config = (Config, Vec<PlantedBug>);

    fn recover(
        config: &Self::Config,
        boot: Boot,
        records: impl IntoIterator<Item = Record>,
    ) -> Self {
        let (config, bugs) = config.clone();
        let mut store = BTreeMap::<Key, Item>::new();
        let unconditional = bugs.contains(&PlantedBug::QlUnconditionalApply);
        for Record { key, item } in records {
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
            operations: BTreeMap::new(),
            next_operation: 0,
            persisted: PersistId(0),
            durable: PersistId(0),
        }
    }

    fn handle(&mut self, now: Now, input: Input<Message>, out: &mut Out<'_>) {
        match input {
            Input::Start => {}
            Input::Request { id, request } => self.coordinate(now, id, request, out),
            Input::Timer(timer) => self.on_timer(now, timer, out),
            Input::Durable(id) => {
                self.durable = id;
                self.own_records_durable(out);
            }
            Input::Message { from, message } => match message {
                Message::Query { operation, key } => self.on_query(from, operation, &key, out),
                Message::Queried { operation, item } => {
                    self.on_queried(now, from, operation, item, out);
                }
                Message::Store { operation, key, item } => {
                    self.on_store(from, operation, key, item, out);
                }
                Message::Stored { operation } => self.on_stored(from, operation, out),
            },
        }
    }

    fn status(&self) -> Status {
        Status {
            role: Role::Peer,
            epoch: 0,
            settled: self.operations.is_empty() && self.durable == self.persisted,
            digest: self.digest(),
            bug_hits: self.bugs.hits(),
        }
    }

    fn describe(message: &Message) -> String {
        message.to_string()
    }
}

impl Leaderless {
    fn digest(&self) -> Digest {
        let mut hash = Fnv::default();
        for (key, item) in &self.store {
            hash.bytes(key.as_bytes());
            item.hash_into(&mut hash);
        }
        Digest(hash.0)
    }

    /// The nodes that hold `key`: `n` successive members from a place that the key decides.
    fn replicas(&self, key: &Key) -> Vec<NodeId> {
        let mut hash = Fnv::default();
        hash.bytes(key.as_bytes());
        let members = self.members.len();
        let start = usize::try_from(hash.0 % members as u64).unwrap_or(0);
        (0..usize::from(self.config.n)).map(|i| self.members[(start + i) % members]).collect()
    }
}
