//! Polynomial checks for objects whose elements can be told apart.
//!
//! Deciding linearizability is NP-complete in general. When each element is put in at most once,
//! the sets, queues, stacks and priority queues of this module are decided in O(n log n), and so
//! are counters that grow by equal steps. Each `check` is a pure function from calls to a
//! [`MonitorVerdict`], and answers `Undecided` rather than guess: the general engine then decides.
//!
//! The calls may be in any order; their positions must be distinct, as those of a history are.
//! The arguments for exactness are our own and stand with each monitor; each was then compared
//! with exhaustive search on random histories.

pub use super::violation::{Indecision, MonitorVerdict, Violation};
pub use super::{counter, mutex, priority_queue, queue, set, stack, unique_ids};
