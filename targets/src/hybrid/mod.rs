//! Records of users at a replicated log, and logs of events at quorums, in one cluster.
//!
//! Each node runs two protocols side by side, on one disk: [`raft`](crate::raft), which keeps what must
//! be ordered (profiles, balances), and [`leaderless`](crate::leaderless), which keeps what must be
//! accepted on every side of a partition (events, counts, carts). The [`Namespace`] of a key decides which
//! one an operation goes to, as services do that keep a relational database beside a Dynamo-like store.
//!
//! Each namespace keeps the promise of its protocol, and nothing is promised across the two: a client
//! that writes an event and then a record may be seen to have written the record first. Linearizability
//! is a property of single objects (Herlihy and Wing, TOPLAS 1990), so neither protocol weakens the other.
//!
//! Records of both protocols have one sequence of numbers, as they are in one log on disk. So an effect of
//! one waits for the other's records, too: an answer may come later, and never earlier, than it would
//! alone. Messages of a former life are dropped or harmless as in each protocol alone.

mod bugs;
mod claim;
mod config;
mod family;
mod namespace;
mod node;

pub use bugs::FALLS_BACK_TO_LOGS;
pub use config::Config;
pub use namespace::Namespace;
pub use node::{Hybrid, Message, Record, Timer};
