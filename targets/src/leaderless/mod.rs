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
//!   With hybrid logical clocks (Kulkarni et al., OPODIS 2014) a version is above all that its
//!   coordinator has seen, so a clock that is behind loses no write that it could know to be later.
//! - `write_back` on: the protocol of Attiya, Bar-Noy and Dolev (JACM 1995), for many writers as
//!   Lynch and Shvartsman have it (FTCS 1997). A write first asks a read quorum for the highest
//!   version; a read makes a write quorum hold what it is about to return, unless enough replicas
//!   hold it already. Registers are then linearizable.
//!
//! With `--conflict siblings` no write wins by its version: a register holds all values that were not
//! overwritten, by dotted version vectors ([`Dotted`]). A read returns them with a *context*, which says
//! what the reader has seen; a write that brings it overwrites that, and nothing else. So of concurrent
//! writes none is lost, whatever clocks say.
//!
//! Beside sets that only grow there are observed-remove sets ([`Dotted`]): a removal first asks a read quorum,
//! and takes away the additions that it hears of. An addition that is concurrent with it wins.
//!
//! A counter is a PN-counter: each life of a coordinator has a share of its own, which grows. Two
//! counters that two reads see need not be ordered, so a counter is not linearizable, with write-back
//! or without (that would take lattice agreement).
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
//! (`Outbox::reply`). So a client that sees the reply sees `a` durable copies.
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
//! | `Hint` | coordinator | the keeper offers the item to its home | as `Store` |
//! | `Compare`, `Branch` | a replica | hashes are compared with what is held now | they change nothing |
//! | `Same` | replica, to one life of the asker | dropped, unless this life asked; counts for the number of changes it names | a later change makes the asker compare again |
//! | `Leaf` | replica | the items are joined | as `Store` |
//!
//! Timers, requests of clients and news of the disk do not outlive an incarnation: drivers drop them.

mod anti_entropy;
mod bugs;
mod claim;
mod config;
mod context;
mod coordinator;
mod dots;
mod dotted;
mod family;
mod hinted;
mod hints;
mod item;
mod message;
mod node;
mod operation;
mod pn_counter;
mod replica;
mod tree;
mod underway;

pub use bugs::{
    ACK_BEFORE_FSYNC, CLOCK_BACKWARDS, CONTEXT_IGNORED, CONTEXT_OF_COORDINATOR,
    CONTEXT_OF_ONE_REPLICA, COUNTER_MERGE_ADDS, DOT_REUSED, DROP_SIBLING, HINT_COUNTS_IN_STRICT,
    HINT_OFFERED_ONCE, MERKLE_HASHES_NAMES, REMOVE_ALL, SET_UNION, UNCONDITIONAL_APPLY,
    W1_COUNTED_AS_QUORUM,
};
pub use config::{Config, Conflict, Hints};
pub use context::{Context, Dot, Life, Malformed};
pub use dotted::Dotted;
pub use item::{Item, Version};
pub use message::{Message, OperationId, Record};
pub use node::{Leaderless, Timer};
pub use pn_counter::{PnCounter, Share};
pub use tree::Range;
