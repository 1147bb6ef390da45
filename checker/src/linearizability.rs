//! Linearizability: is there one order of the operations that explains all they returned?
//!
//! Herlihy and Wing, "Linearizability: a correctness condition for concurrent objects", TOPLAS
//! 1990. The property is local: a history is linearizable iff each key's part of it is.
//!
//! [`check()`] drops what cannot matter (definite failures, reads whose return was lost) and what is
//! not a client's (final reads, which look at one replica), splits the
//! history by key, and judges each part by the cheapest method that is exact for it:
//!
//! | part | method | cost |
//! |---|---|---|
//! | a register, no value written twice, no `cas` | zones | O(n log n) |
//! | the same with `cas`, if each that mismatched is sure to have found something else | chains of zones | O(n log n) |
//! | a list or text that grows, nothing written twice | longest read | O(n log n + length of the reads) |
//! | the same, something written twice | longest read | polynomial if it is never put, as a rule if it is; then bounded |
//! | a collection, no element put in twice; a counter of equal steps | [monitors] | O(n log n) |
//! | a queue or stack, some element put in twice, every take answered | search, the order inside left open | exponential in the operations in flight |
//! | a register whose values repeat | search over configurations, then over the changes of the value | exponential in the operations in flight |
//! | anything else | search over configurations | exponential in the operations in flight |
//!
//! Speed, beside Porcupine's figures for the same work: on one thread and without parsing (except
//! for the last line), on an idle machine with 2 cores; on a busy one the times were up to twice
//! as long (`cargo bench -p rashomon-checker --bench linearizability` measures again, with more
//! lines):
//!
//! | work | Porcupine | here | with a minimal witness |
//! |---|---|---|---|
//! | Jepsen's etcd logs, 52 files | about 1 s | 0.95 ms | 3.34 ms |
//! | register, 10 clients, 10,000 ops | 3.1 s | 0.14 ms | |
//! | register, 100 clients, 100,000 ops, 1 % crashed | no answer | 2.13 ms | |
//! | `cas` of five values, 10 clients, 1,000 ops, a wrong read | 2.5 s | 2.05 ms | 4.23 ms |
//! | the same, 20 clients, a wrong read | no answer | 67.8 ms | 167 ms |
//! | the same, 50 clients, valid | no answer | 63.5 ms | |
//! | appends, 50 clients, 200 ops a key, 10 keys, valid | 3.4 s | 0.27 ms | |
//! | the same, a stale read a key | 60.9 s | 0.38 ms | 0.37 ms |
//! | appends of 20 words, 10 clients, 2,000 ops, valid | no answer | 0.44 ms | |
//! | appends and 10 % puts of 100 words, 10 clients, 2,000 ops, valid | no answer | 49 ms | |
//! | registers, 10 clients a key, 10 million ops on 1,000 keys, from a file of JSON lines | no answer | 7.3 s, 798 MB | |
//!
//! A part is `Unknown` only if the search spends its budget, or an operation is not understood.
//!
//! ```
//! use rashomon_checker::linearizability::{self, Options};
//! use rashomon_checker::{Event, EventKind, History, ModelKind, ProcessId, Value};
//!
//! let event = |index, process, kind, f, value| {
//!     Event::new(index, ProcessId(process), kind, f, value)
//! };
//! let history = History::from_events([
//!     event(0, 0, EventKind::Invoke, "write", Value::Int(1)),
//!     event(1, 0, EventKind::Ok, "write", Value::Nil),
//!     event(2, 1, EventKind::Invoke, "read", Value::Nil),
//!     event(3, 1, EventKind::Ok, "read", Value::Nil), // Too late to read nothing.
//! ])?;
//! let report = linearizability::check(&history, ModelKind::Register, &Options::default());
//! let anomaly = report.verdict.anomalies().next().expect("the read is stale");
//! assert_eq!(anomaly.class.name(), "stale-read");
//! assert_eq!(anomaly.witness.operations.len(), 2);
//! # Ok::<(), rashomon_checker::HistoryError>(())
//! ```

pub mod counter;
pub mod monitors;
pub mod mutex;
pub mod priority_queue;
pub mod queue;
pub mod set;
pub mod stack;
pub mod unique_ids;

pub(crate) mod built_in;
mod check;
mod collection;
pub(crate) mod decode;
pub(crate) mod explain;
pub(crate) mod list;
mod moment;
mod options;
mod own;
pub(crate) mod register;
mod report;
pub(crate) mod search;
#[cfg(test)]
mod testing;
mod violation;
mod witness;

pub use self::check::{check, reference};
pub use self::options::{Certificates, FailedCas, Keys, Options, Witnesses};
pub use self::own::{Judgement, check_calls, explain_calls};
pub use self::report::{Method, PartReport, Report};
pub use self::search::wgl;
pub use self::witness::CallWitness;
pub use crate::{Call, Part};

pub(crate) use self::explain::{Sentence, deed, double_cas, fact, given, said, unwritten};
