//! Safety: a read that overlaps no write sees the last one before it.
//!
//! Lamport, "On interprocess communication", Distributed Computing 1986: the weakest of his three
//! registers. A read that overlaps a write may return anything, even what nobody wrote. He has one writer;
//! for several this is [regularity](crate::regular) of what is left:
//!
//! > A history is safe if it is regular without the reads that overlap a write.
//!
//! So all reads that overlap none agree on one order of the writes. A write whose return was lost, and which
//! did not definitely fail, overlaps everything after it: a history with one says little of its key from
//! there on. A `cas` that sets a value is a write; one that finds another value overlaps nothing, and is
//! atomic with all writes as in a regular register.
//!
//! Costs are those of [`regular`](crate::regular).
//!
//! ```
//! use rashomon_checker::linearizability::Options;
//! use rashomon_checker::{Event, EventKind, History, ProcessId, Value, regular, safe};
//!
//! let event = |index, process, kind, f, value| {
//!     Event::new(index, ProcessId(process), kind, f, value)
//! };
//! let mut events = vec![
//!     event(0, 0, EventKind::Invoke, "write", Value::Int(1)),
//!     event(1, 1, EventKind::Invoke, "read", Value::Nil),
//!     event(2, 1, EventKind::Ok, "read", Value::Int(7)), // Nobody wrote that.
//!     event(3, 0, EventKind::Ok, "write", Value::Nil),
//! ];
//! let options = Options::default();
//! let history = History::from_events(events.clone())?;
//! assert!(safe::check(&history, &options).verdict.is_valid());
//! assert!(regular::check(&history, &options).verdict.is_invalid());
//!
//! events.push(event(4, 1, EventKind::Invoke, "read", Value::Nil));
//! events.push(event(5, 1, EventKind::Ok, "read", Value::Nil)); // The write has completed.
//! assert!(safe::check(&History::from_events(events)?, &options).verdict.is_invalid());
//! # Ok::<(), rashomon_checker::HistoryError>(())
//! ```

pub use crate::update_order::{OrderPart, OrderReport};

use crate::History;
use crate::linearizability::Options;
use crate::update_order::{self, Rule};

/// Judges whether each key of `history` is a safe register, final reads apart.
///
/// Of the options it takes the budget, `failed_cas` and `witnesses`. The same history and options give
/// the same report on every machine, unless the budget has a `stop`.
pub fn check(history: &History, options: &Options) -> OrderReport {
    update_order::check(history, Rule::Safe, options)
}
