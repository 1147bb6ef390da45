//! Prefix consistency of registers: reads may be stale, but see what a beginning of the writes left.
//!
//! Terry et al., "Session guarantees for weakly consistent replicated data", PDIS 1994, and Terry,
//! "Replicated data consistency explained through baseball", CACM 2013, call it consistent prefix.
//! Here of each key alone:
//!
//! > There is an order of the operations on a key, each of which returns what a register would, that
//! > real time allows, *but for a read after anything*: a read may be as early as it likes.
//!
//! So writes have one order, in which a write that completed before another began comes first; a
//! read sees what some beginning of it left, of writes that all began before the read ended. A read
//! need not see what its own process wrote or read before: that is what session guarantees add. What
//! is read while it is certain not to have been written, or after it had definitely failed, is no
//! beginning of anything; nor are two values that two swaps made of one.
//!
//! A `cas` is an update as a write is, one that finds another value too: it is atomic where writes
//! are put in order. Without `cas`, and with no value written twice, everything is consistent but a
//! read of what nothing had begun to write.
//!
//! It is what a log promises that is shipped to replicas, each of which shows a beginning of it. *Of
//! several keys* such a log promises more: that a reader who sees a write to one key sees all earlier
//! ones to others. That is not judged here.
//!
//! Costs are those of [`regular`](crate::regular).
//!
//! ```
//! use rashomon_checker::linearizability::Options;
//! use rashomon_checker::{Event, EventKind, History, ProcessId, Value, prefix};
//!
//! let event = |index, process, kind, f, value| {
//!     Event::new(index, ProcessId(process), kind, f, value)
//! };
//! let swap = |old, new| Value::list([Value::Int(old), Value::Int(new)]);
//! let mut events = vec![
//!     event(0, 0, EventKind::Invoke, "write", Value::Int(1)),
//!     event(1, 0, EventKind::Ok, "write", Value::Nil),
//!     event(2, 0, EventKind::Invoke, "cas", swap(1, 2)),
//!     event(3, 0, EventKind::Ok, "cas", Value::Bool(true)),
//!     event(4, 1, EventKind::Invoke, "read", Value::Nil),
//!     event(5, 1, EventKind::Ok, "read", Value::Int(1)), // Stale, but a beginning.
//! ];
//! let options = Options::default();
//! assert!(prefix::check(&History::from_events(events.clone())?, &options).verdict.is_valid());
//!
//! events.push(event(6, 1, EventKind::Invoke, "cas", swap(1, 3)));
//! events.push(event(7, 1, EventKind::Ok, "cas", Value::Bool(true))); // The 1 was swapped away.
//! let report = prefix::check(&History::from_events(events)?, &options);
//! let anomaly = report.verdict.anomalies().next().expect("no order has both swaps");
//! assert_eq!(anomaly.class.name(), "double-cas");
//! # Ok::<(), rashomon_checker::HistoryError>(())
//! ```

pub use crate::update_order::{OrderPart, OrderReport};

use crate::linearizability::Options;
use crate::update_order::{self, Rule};
use crate::widened::{self, Widening};
use crate::{Anomaly, AnomalyClass, History, ModelKind, Property, Verdict};

/// Judges whether each key of `history` is prefix consistent, final reads apart.
///
/// Of the options it takes the budget, `failed_cas` and `witnesses`. The same history and options give
/// the same report on every machine, unless the budget has a `stop`.
pub fn check(history: &History, options: &Options) -> OrderReport {
    update_order::check(history, Rule::Prefix, options)
}

/// Judges whether each key of `history` is prefix consistent as an object of `model`, which has operations
/// that only read ([`bounded::is_defined_for`](crate::bounded::is_defined_for)), final reads apart.
///
/// That is linearizability where each read may have begun at the start of the history, and is judged so, at
/// the costs of [`linearizability`](crate::linearizability). For registers [`check`] costs less.
pub fn check_objects(history: &History, model: ModelKind, options: &Options) -> Verdict<Anomaly> {
    let told = |mut anomaly: Anomaly| {
        anomaly.witness.property = Property::Prefix(model);
        if matches!(anomaly.class, AnomalyClass::NonLinearizable | AnomalyClass::StaleRead) {
            anomaly.class = AnomalyClass::NonPrefix;
        }
        let count = anomaly.witness.operations.len();
        anomaly.summary = format!(
            "no order of the updates among these {count} operations has each read see the state after a \
             prefix of it"
        );
        anomaly
    };
    widened::check(history, model, Widening::FromTheStart, options).map_anomalies(told)
}
