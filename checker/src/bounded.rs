//! Bounded staleness: a read sees what a read could have seen that began a bounded time earlier.
//!
//! Golab, Li and Shah, "Analyzing consistency properties for fun and profit", PODC 2011, call the least such
//! time Δ-atomicity. As Terry, "Replicated data consistency explained through baseball", CACM 2013, has it,
//! *bounded staleness* promises that a read is not too out of date:
//!
//! > A history has its staleness bounded by Δ if it is linearizable after the beginning of each read is
//! > moved back by Δ.
//!
//! A bound of nothing is linearizability; without any bound it is what [`prefix`](crate::prefix) promises.
//! It is defined for objects with operations that only read: registers, sets, counters and lists. Each key
//! is judged by itself, final reads apart. Times are those of the history, for both ends: they are the
//! harness' own, and no clock of a node counts.
//!
//! The moved history is judged by [`linearizability`](crate::linearizability), at its costs, once for each
//! halving of the bounds that are asked about. Where events have no times, or times that contradict their
//! order, nothing is decided.
//!
//! ```
//! use rashomon_checker::consistency::StalenessBound;
//! use rashomon_checker::linearizability::Options;
//! use rashomon_checker::{Event, EventKind, History, ModelKind, ProcessId, Time, Value, bounded};
//!
//! let event = |index, ms: u64, process, kind, f, value| Event {
//!     time: Time(ms * 1_000_000),
//!     ..Event::new(index, ProcessId(process), kind, f, value)
//! };
//! let history = History::from_events([
//!     event(0, 0, 0, EventKind::Invoke, "write", Value::Int(1)),
//!     event(1, 1, 0, EventKind::Ok, "write", Value::Nil),
//!     event(2, 31, 1, EventKind::Invoke, "read", Value::Nil),
//!     event(3, 32, 1, EventKind::Ok, "read", Value::Nil), // 30 ms after the write was acknowledged.
//! ])?;
//! let options = Options::default();
//! let within = |ms| {
//!     let bound = StalenessBound::of_ms(ms).expect("it is in the table");
//!     bounded::check(&history, ModelKind::Register, bound, &options).is_valid()
//! };
//! assert!(within(50) && !within(20));
//! # Ok::<(), rashomon_checker::HistoryError>(())
//! ```

use crate::consistency::StalenessBound;
use crate::history::NO_TIME;
use crate::linearizability::Options;
use crate::widened::{self, Widening};
use crate::{
    Anomaly, AnomalyClass, Consistency, Doubt, History, ModelKind, OpIndex, Property, Time, Verdict,
};

/// The models, in the order of [`StalenessBound::ALL`].
pub(crate) const MODELS: [Consistency; 13] = {
    let mut models = [Consistency::Linearizable; 13];
    let mut at = 0;
    while at < models.len() {
        models[at] = Consistency::BoundedStaleness(StalenessBound::ALL[at]);
        at += 1;
    }
    models
};

/// Whether objects of this model have operations that only read: `read`, `get`, and `contains` of a set.
pub fn is_defined_for(model: ModelKind) -> bool {
    matches!(
        model,
        ModelKind::Register
            | ModelKind::CasRegister
            | ModelKind::Set
            | ModelKind::Counter
            | ModelKind::ListAppend
    )
}

/// Judges whether reads of `history` are at most `bound` out of date.
///
/// Unknown if the model is none with reads ([`is_defined_for`]), if times say nothing, or if
/// linearizability is unknown.
pub fn check(
    history: &History,
    model: ModelKind,
    bound: StalenessBound,
    options: &Options,
) -> Verdict<Anomaly> {
    match unfit(history, model) {
        Some(doubt) => Verdict::unknown(doubt),
        None => judge(history, model, bound, options),
    }
}

/// Why no bound of this history can be judged, if that is so.
fn unfit(history: &History, model: ModelKind) -> Option<Doubt> {
    let reason = if !is_defined_for(model) {
        format!("a {model} has no operations that only read")
    } else if !has_times(history) {
        "events have no times, or times that contradict their order".to_owned()
    } else {
        return None;
    };
    let first = history.indices().next()?;
    Some(Doubt::Unsupported { op: first, reason })
}

/// Whether the times of events are in the order of their places, and not all the same. O(n log n).
fn has_times(history: &History) -> bool {
    let has_end = |op: OpIndex| {
        history.completed_at(op).is_none() || history.complete_time[op.get()] != NO_TIME
    };
    if !history.indices().all(has_end) {
        return false;
    }
    let mut times: Vec<(u32, Time)> = Vec::with_capacity(2 * history.len());
    for op in history.indices() {
        times.push((history.invoked[op.get()].0, history.invoke_time[op.get()]));
        let end = history.completed_at(op);
        times.extend(end.map(|end| (end.0, history.complete_time[op.get()])));
    }
    times.sort_unstable();
    let [first, last] = [times.first(), times.last()].map(|it| it.map_or(Time(0), |it| it.1));
    first < last && times.is_sorted_by_key(|it| it.1)
}

fn judge(
    history: &History,
    model: ModelKind,
    bound: StalenessBound,
    options: &Options,
) -> Verdict<Anomaly> {
    let widening = Widening::Earlier(bound.nanos());
    let verdict = widened::check(history, model, widening, options);
    let told = |mut anomaly: Anomaly| {
        anomaly.witness.property = Property::BoundedStaleness(model, bound);
        if anomaly.class == AnomalyClass::NonLinearizable {
            anomaly.class = AnomalyClass::NonBoundedStaleness;
        }
        let count = anomaly.witness.operations.len();
        anomaly.summary = format!(
            "no order explains these {count} operations, even if each read had begun {} earlier",
            bound.shown()
        );
        anomaly
    };
    verdict.map_anomalies(told)
}

/// What is known of every bound, from the least on.
#[derive(Clone, Debug)]
pub(crate) struct BoundsFound {
    /// The least bound, by its place in [`StalenessBound::ALL`], from which on all are known to hold; their
    /// number if none is.
    pub(crate) held_from: usize,
    /// All before this place are known to be broken, by the anomaly of the last of them.
    pub(crate) broken_before: usize,
    pub(crate) anomaly: Option<Anomaly>,
    /// Why those between the two are not known, if there are any.
    pub(crate) doubts: Vec<Doubt>,
}

/// Judges as few bounds as decide all of them: what one bound allows, each larger one does.
pub(crate) fn check_all(history: &History, model: ModelKind, options: &Options) -> BoundsFound {
    let held_from = StalenessBound::ALL.len();
    let mut found = BoundsFound { held_from, broken_before: 0, anomaly: None, doubts: Vec::new() };
    if let Some(doubt) = unfit(history, model) {
        found.doubts.push(doubt);
        return found;
    }
    while found.broken_before < found.held_from {
        let middle = usize::midpoint(found.broken_before, found.held_from);
        match judge(history, model, StalenessBound::ALL[middle], options) {
            Verdict::Valid { .. } => found.held_from = middle,
            Verdict::Invalid { anomaly, .. } => {
                found.broken_before = middle + 1;
                found.anomaly = Some(anomaly);
            }
            Verdict::Unknown { doubt, more } => {
                found.doubts.push(doubt);
                found.doubts.extend(more);
                break;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
