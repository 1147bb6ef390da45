//! Invariants of objects: what each kind promises however weak its consistency is.
//!
//! The definitions are those of Jepsen's checkers of the same names (`jepsen.checker`,
//! `jepsen.tests.bank`, `jepsen.tests.long-fork`), with two differences. An operation of unknown
//! outcome may have taken effect at any time after its invocation, or never: a violation is reported
//! only if no such choice explains it. And each violation has a witness, which [`crate::verify`]
//! accepts by itself.
//!
//! | invariant | operations | method | cost |
//! |---|---|---|---|
//! | [`Invariant::SetFull`] | `add`, `remove`, `read` of all elements, by key | for each element, its last read and the last that lacks it | O(n + r) |
//! | [`Invariant::UniqueIds`] | `generate` | a table of what was returned | O(n) |
//! | [`Invariant::TotalQueue`] | `enqueue`, `dequeue` (and `push`, `pop`, `insert`, `delete-min`), by key | counts of each element | O(n log n) |
//! | [`Invariant::Monotonic`] | `read`, `add`, `write`, `cas`, by key | the greatest value of each process | O(n log n) |
//! | [`Invariant::MonotonicRealtime`] | the same | the greatest value of ended reads | O(n log n) |
//! | [`Invariant::LongFork`] | `write` and `read` of several keys, or `txn` | reads of the same keys, by the number of values seen | O(r log r) |
//! | [`Invariant::Bank`] | `read` of all balances | sums | O(r) |
//! | [`Invariant::MutualExclusion`] | `acquire`, `release`, by key | spans in which a process holds the lock for certain | O(n log n) |
//! | [`Invariant::Fencing`] | `acquire` that returns a number, by key | the greatest number of ended acquisitions | O(n log n) |
//! | [`Invariant::CounterBounds`] | `add`, `read`, by key | sums of what must and may have taken effect | O(n log n) |
//! | [`Invariant::PnCounter`] | the same, and final reads | the same; before the final reads nothing need be counted | O(n log n) |
//! | [`Invariant::OrSet`] | `add`, `remove`, final reads, by key | what each `remove` can have observed | O(n log n + r) |
//! | [`Invariant::MvRegister`] | `write`, `read`, final reads of all values, by key | what each write can have seen | O(n²) a key |
//! | [`Invariant::LwwRegister`] | `write`, `cas`, final reads, by key | each write against those of the final value | O(n w) a key, w of them |
//!
//! For n operations, and r values returned by reads in all. Numbers beside the verdict are
//! [`Figure`]s and [`Latencies`].
//!
//! ```
//! use rashomon_checker::{Event, EventKind, History, Invariant, ProcessId, Value, invariants};
//!
//! let event = |index, process, kind, value| {
//!     Event::new(index, ProcessId(process), kind, "generate", value)
//! };
//! let history = History::from_events([
//!     event(0, 0, EventKind::Invoke, Value::Nil),
//!     event(1, 0, EventKind::Ok, Value::Int(7)),
//!     event(2, 1, EventKind::Invoke, Value::Nil),
//!     event(3, 1, EventKind::Ok, Value::Int(7)),
//! ])?;
//! let report = invariants::check(&history, Invariant::UniqueIds);
//! let anomaly = report.verdict.anomalies().next().expect("7 was handed out twice");
//! assert_eq!(anomaly.class.name(), "duplicate-id");
//! # Ok::<(), rashomon_checker::HistoryError>(())
//! ```

mod bank;
mod counter_bounds;
mod finals;
mod functions;
mod growth;
mod lock;
mod long_fork;
mod lww_register;
mod monotonic;
mod mv_register;
mod or_set;
mod report;
mod set_full;
mod snapshot;
mod total_queue;
mod unique_ids;

pub use report::{Figure, InvariantReport, Latencies};

use report::Findings;

use crate::{History, Invariant, ModelKind};

/// Judges whether `history` keeps `invariant`. The same history gives the same report on every machine.
pub fn check(history: &History, invariant: Invariant) -> InvariantReport {
    let mut findings = Findings::new(history, invariant);
    if let Some(op) = functions::stranger(history, invariant) {
        findings.unknown_function(op);
        return findings.report();
    }
    match invariant {
        Invariant::SetFull => set_full::judge(&mut findings),
        Invariant::UniqueIds => unique_ids::judge(&mut findings),
        Invariant::TotalQueue => total_queue::judge(&mut findings),
        Invariant::Monotonic | Invariant::MonotonicRealtime => monotonic::judge(&mut findings),
        Invariant::LongFork => long_fork::judge(&mut findings),
        Invariant::Bank => bank::judge(&mut findings),
        Invariant::MutualExclusion => lock::judge_holders(&mut findings),
        Invariant::Fencing => lock::judge_numbers(&mut findings),
        Invariant::CounterBounds | Invariant::PnCounter => counter_bounds::judge(&mut findings),
        Invariant::OrSet => or_set::judge(&mut findings),
        Invariant::MvRegister => mv_register::judge(&mut findings),
        Invariant::LwwRegister => lww_register::judge(&mut findings),
    }
    findings.report()
}

/// The invariant that tells more about objects of this model than a verdict on their order does, if any.
pub fn of_model(model: ModelKind) -> Option<Invariant> {
    (model == ModelKind::Set).then_some(Invariant::SetFull)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod text;
