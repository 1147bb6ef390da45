//! Regularity: a read sees the last write before it, or one that overlaps it.
//!
//! Lamport, "On interprocess communication", Distributed Computing 1986, defines it for one writer.
//! With several writers it can be continued in several ways: Shao, Welch, Pierce and Lee,
//! "Multiwriter consistency conditions for shared memory registers", SIAM J. Comput. 2011, compare
//! four. The definition here is stated in full, and stands by itself; it is not claimed to be one of
//! those four. It has *one order of the writes for all reads*:
//!
//! > There is an order of the operations on a key, each of which returns what a register would, that
//! > real time allows, *but for two reads*: those may be in the other order.
//!
//! So a read never returns a value that was overwritten before it began, nor one whose write began
//! after it ended, nor the initial value once some write has completed; a write whose return was
//! lost overlaps everything after it. What regularity allows, and linearizability does not, is that
//! two reads during a write see the new value and then the old one. What it does not allow, and a
//! check of each read alone would, is that two writes overlap and afterwards some reads see the one
//! as the last, and others the other.
//!
//! That is what the stores keep that promise it. Quorums that meet (`r + w > n`) give a read the
//! highest version of all that completed before it, and versions order all writes, as real time
//! does; where every replica acknowledges a write of a log, the log orders them.
//!
//! A `cas` is an update as a write is, one that finds another value too: it is atomic with all
//! writes, and in one order with them. A list of keys is regular iff each key is.
//!
//! | what is written | cost |
//! |---|---|
//! | no value twice, and each `cas` that finds another value has a place in the order found | O(n log n) |
//! | anything else | search: exponential in the updates in flight, up to the budget |
//!
//! ```
//! use rashomon_checker::linearizability::{self, Options};
//! use rashomon_checker::{Event, EventKind, History, ModelKind, ProcessId, Value, regular};
//!
//! let event = |index, process, kind, f, value| {
//!     Event::new(index, ProcessId(process), kind, f, value)
//! };
//! let mut events = vec![
//!     event(0, 0, EventKind::Invoke, "write", Value::Int(1)),
//!     event(1, 1, EventKind::Invoke, "read", Value::Nil),
//!     event(2, 1, EventKind::Ok, "read", Value::Int(1)),
//!     event(3, 1, EventKind::Invoke, "read", Value::Nil),
//!     event(4, 1, EventKind::Ok, "read", Value::Nil), // The old value again.
//!     event(5, 0, EventKind::Ok, "write", Value::Nil),
//! ];
//! let options = Options::default();
//! let history = History::from_events(events.clone())?;
//! assert!(regular::check(&history, &options).verdict.is_valid());
//! assert!(linearizability::check(&history, ModelKind::Register, &options).verdict.is_invalid());
//!
//! events.push(event(6, 1, EventKind::Invoke, "read", Value::Nil));
//! events.push(event(7, 1, EventKind::Ok, "read", Value::Nil)); // The write has completed.
//! let report = regular::check(&History::from_events(events)?, &options);
//! let anomaly = report.verdict.anomalies().next().expect("the read is stale");
//! assert_eq!(anomaly.class.name(), "stale-read");
//! # Ok::<(), rashomon_checker::HistoryError>(())
//! ```

pub use crate::update_order::{OrderPart, OrderReport};

use crate::linearizability::Options;
use crate::update_order::{self, Rule};
use crate::widened::{self, Widening};
use crate::{Anomaly, AnomalyClass, Doubt, History, ModelKind, OpIndex, Property, Verdict};

/// Judges whether each key of `history` is a regular register, final reads apart.
///
/// Of the options it takes the budget, `failed_cas` and `witnesses`. The same history and options give
/// the same report on every machine, unless the budget has a `stop`.
pub fn check(history: &History, options: &Options) -> OrderReport {
    update_order::check(history, Rule::Regular, options)
}

/// Judges whether each key of `history` is regular as an object of `model`, which has operations that only
/// read ([`bounded::is_defined_for`](crate::bounded::is_defined_for)), final reads apart.
///
/// It is if it is linearizable where each read may take effect from the last end of an update before it to
/// the first beginning of one after it: that keeps each read in its order with all updates, and lets go of
/// most orders of two reads. It is not if one read with some of the updates is not linearizable, as then
/// there are no two reads. What is between the two, reads that nothing but each other contradicts, is
/// unknown. At the costs of [`linearizability`](crate::linearizability); for registers [`check`] is exact.
pub fn check_objects(history: &History, model: ModelKind, options: &Options) -> Verdict<Anomaly> {
    let verdict = widened::check(history, model, Widening::BetweenUpdates, options);
    let Verdict::Invalid { anomaly, more } = verdict else { return verdict };
    let of_one_read = |it: &Anomaly| {
        it.witness.operations.iter().filter(|op| widened::only_reads(&op.f)).count() <= 1
    };
    let op = anomaly.witness.operations.first().map(|op| op.index);
    let shown = [anomaly].into_iter().chain(more).filter(of_one_read).map(|mut anomaly| {
        anomaly.witness.property = Property::Regular(model);
        if anomaly.class == AnomalyClass::NonLinearizable {
            anomaly.class = AnomalyClass::NonRegular;
        }
        let count = anomaly.witness.operations.len();
        anomaly.summary = format!(
            "no order of the updates among these {count} operations has each read see the state after the \
             last one before it, or one that overlaps it"
        );
        Verdict::invalid(anomaly)
    });
    shown.reduce(Verdict::and).unwrap_or_else(|| {
        let reason = "reads contradict each other, and may do so in a regular object".to_owned();
        Verdict::unknown(Doubt::Unsupported { op: op.unwrap_or(OpIndex(0)), reason })
    })
}
