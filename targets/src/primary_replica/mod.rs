//! One primary takes writes, orders them in a log and ships the log to replicas.
//!
//! State-machine replication by a primary, after Alsberg and Day (1976) and as databases do it:
//! the log is the truth, a replica's log is made equal to the primary's, and what a client receives
//! waits for `async` the primary's own disk, `semi-sync` a majority of disks, `sync` all disks.
//!
//! Ways to choose the primary:
//!
//! - `none`: the first node, always. While it is away nobody writes. Nothing acknowledged is lost.
//! - `naive`: a replica that has not heard of a primary for a while promotes itself, with the log
//!   it happens to have. This is what many systems shipped. Under a partition there are two
//!   primaries, and when it heals the later epoch overwrites what the other acknowledged.
//! - `external`: a coordination service gives its lock to one node's session, under a number that grows;
//!   replicas refuse a primary with an earlier number.
//! - `lease`: a majority promises to follow nobody else for a while, and the node that they promised
//!   that to takes the longest log of theirs.
//! - `raft`: a majority elects it, and what is acknowledged is on the disks of a majority
//!   ([`raft`](crate::raft)). How reads are answered is a setting of its own.

mod bugs;
mod claim;
mod config;
mod external;
mod family;
mod fenced;
mod node;
mod shipping;

pub use bugs::{ACK_BEFORE_FSYNC, ACK_BEFORE_QUORUM, READ_EXPOSES_UNDURABLE};
pub use config::{Config, Failover, PrimaryReads, Reads, Replication};
pub use node::{Message, PrimaryReplica, Record, Timer};
