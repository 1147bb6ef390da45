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
//!   version; a read makes a write quorum hold what it is about to return, unless enough replicas
//!   hold it already. Registers are then linearizable.
//!
//! A compare-and-set is not offered: no protocol of this kind can (Herlihy, TOPLAS 1991).
//!
//! # When a read need not write back
//!
//! A read that returns version `v` promises that no operation that begins later misses `v`. Every
//! later operation first hears `r` of the `n` replicas of the key. Let `a` be the replicas of which
//! the reader knows that they hold `v` or more. Any `r` replicas include one of these `a` if and
//! only if `a + r > n`. So the reader may answer at once when `a + r > n`, and must otherwise have
//! `w` replicas hold `v`, which is enough because `w + r > n`. That all `r` answers agree is
//! neither needed (`r = n`: one holder is enough) nor enough (`r = 1`, `w = n`: the one answer may
//! come from the only replica that a write has reached).
//!
//! The `a` replicas must also still hold `v` after a crash. A replica's answer leaves it only when
//! all that the replica holds is durable, and a replica never goes back to a lower version. The
//! coordinator counts its own copy from memory, but its reply to the client waits for its own disk
//! (`Outbox::reply`). So whoever sees the reply sees `a` durable copies.
//!
//! # Messages of a former life
//!
//! A message may arrive after its sender, its receiver or both were killed and started again.
//!
//! | message | asked by, answered by | what a late one does | why it does no harm |
//! |---|---|---|---|
//! | `Query` | coordinator | the replica answers a coordinator that may be in another life | changes nothing at the replica; the answer names the life that asked |
//! | `Queried` | replica, to the operation of one life of the coordinator | dropped, unless this life of the coordinator asked it | [`OperationId`] holds the incarnation, which is durable before a node serves; operations are numbered within it |
//! | `Queried` of a replica that has restarted since | the same | counts | what it shows was durable when it left the replica, so the replica still holds it |
//! | `Store` | coordinator | the replica joins the item | the write has no answer yet, or an indeterminate one, and may take effect at any time; a version names its coordinator's life, so it stands for one write only |
//! | `Stored` | replica, to the operation of one life of the coordinator | dropped, unless this life of the coordinator asked it | as `Queried`; in one life an operation stores one item only |
//! | `Stored` of a replica that has restarted since | the same | counts | the item was durable when the message left the replica |
//!
//! Timers, requests of clients and news of the disk do not outlive an incarnation: drivers drop them.

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
pub use message::{Message, OperationId, Record};

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
    /// Operations under way at this coordinator, by their number in this incarnation.
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
                    if let Some(number) = self.in_this_life(operation) {
                        self.on_queried(now, from, number, item, out);
                    }
                }
                Message::Store { operation, key, item } => {
                    self.on_store(from, operation, key, item, out);
                }
                Message::Stored { operation } => {
                    if let Some(number) = self.in_this_life(operation) {
                        self.on_stored(from, number, out);
                    }
                }
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
    /// The number of an operation of this incarnation; `None` if an earlier one began it.
    fn in_this_life(&self, operation: OperationId) -> Option<u64> {
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
    fn replicas(&self, key: &Key) -> Vec<NodeId> {
        let mut hash = Fnv::default();
        hash.bytes(key.as_bytes());
        let members = self.members.len();
        let start = usize::try_from(hash.0 % members as u64).unwrap_or(0);
        (0..usize::from(self.config.n)).map(|i| self.members[(start + i) % members]).collect()
    }
}
