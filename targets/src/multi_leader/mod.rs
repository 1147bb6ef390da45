//! Every node is a leader: it takes writes at once, and ships them to other leaders afterwards.
//!
//! After the multi-master replication of `MySQL` and of Postgres BDR, with the version vectors of
//! Parker et al. (IEEE TSE 1983). A leader answers a write when its own disk holds it, and a read
//! from its own memory. So each side of a partition reads and writes on. Nothing orders the writes
//! of two leaders: each write of a register has a stamp of its leader's wall clock, and the later
//! stamp wins everywhere. An acknowledged write of a register can therefore be overwritten by one
//! that was acknowledged before it. Elements of sets and amounts of counters are never overwritten.
//!
//! Each leader numbers its own updates from 1. A leader holds, of each origin, all updates up to
//! some number, and says so with a map from origins to numbers (a version vector). It takes the next
//! update of an origin and no other, so each is applied once, in the order of its origin.
//!
//! | topology | a leader ships to | what it ships |
//! |---|---|---|
//! | `all` | every other leader | its own updates |
//! | `ring` | the next leader; the last one ships to the first | its own updates, and those that it received |
//! | `star` | the first leader, the hub, which ships to every other | as in a ring |
//!
//! # Messages of a former life
//!
//! A message may arrive after its sender, its receiver or both were killed and started again. No
//! message names a life: an origin and a number stand for one update for ever, because an update
//! leaves its leader only when the leader's disk holds it.
//!
//! | message | asked by, answered by | what a late one does | why it does no harm |
//! |---|---|---|---|
//! | `Ship` | a leader | the receiver takes the updates that it lacks, and answers | an origin and a number stand for one update |
//! | `Holds` | a leader that was shipped to | the sender takes the higher numbers | what a disk holds it does not lose, so numbers of an earlier life are still true |
//!
//! Timers, requests of clients and news of the disk do not outlive an incarnation: drivers drop them.

mod bugs;
mod claim;
mod config;
mod downstream;
mod family;
mod message;
mod node;
mod ship;
mod state;

pub use bugs::{ACK_BEFORE_FSYNC, APPLIED_AGAIN, ARRIVAL_WINS, NOT_FORWARDED};
pub use config::{Config, Topology};
pub use message::{Message, Update, VersionVector};
pub use node::{MultiLeader, Timer};
