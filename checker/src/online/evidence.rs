//! From operations that have no order to an anomaly with a minimal witness.
//!
//! What is left of a history is put together to a part of it, and judged as any part is.

use crate::history::NO_POSITION;
use crate::linearizability::{self, Options};
use crate::{
    Anomaly, Event, EventKind, History, HistoryError, ModelKind, OpIndex, Outcome, Position, Value,
    WitnessOp,
};

/// The places, in a whole history, of the operations and events of a part of it, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct WholePlaces {
    pub(super) operations: Vec<OpIndex>,
    pub(super) events: Vec<Position>,
}

impl WholePlaces {
    /// Makes what was taken for a whole history the part that it is.
    pub(super) fn part(&self, mut history: History) -> History {
        for at in &mut history.invoked {
            *at = self.events[at.0 as usize];
        }
        for at in history.completed.iter_mut().filter(|at| **at != NO_POSITION) {
            *at = self.events[*at as usize].0;
        }
        history.whole.clone_from(&self.operations);
        history.events = self.events.last().map_or(0, |last| last.0 + 1);
        history
    }
}

/// Explains why these operations of one key have no order. `None` if they have one after all.
pub(super) fn explain(
    model: ModelKind,
    mut operations: Vec<WitnessOp>,
    options: &Options,
) -> Option<Anomaly> {
    operations.sort_by_key(|op| op.index);
    operations.dedup_by_key(|op| op.index);
    let part = part(&operations).expect("they are operations of one history");
    judge(&part, model, options).ok().flatten()
}

/// A part is neither found to be wrong nor found not to be.
pub(super) struct Undecided;

/// Judges a part of a history, and tells what is wrong in terms of the whole.
pub(super) fn judge(
    part: &History,
    model: ModelKind,
    options: &Options,
) -> Result<Option<Anomaly>, Undecided> {
    let verdict = part.in_whole(linearizability::check(part, model, options).verdict);
    if verdict.is_unknown() {
        return Err(Undecided);
    }
    Ok(verdict.anomalies().next().cloned())
}

/// The part of a history that has these operations and no others.
fn part(operations: &[WitnessOp]) -> Result<History, HistoryError> {
    let mut events: Vec<(Position, EventKind, &WitnessOp)> = Vec::new();
    for op in operations {
        events.push((op.invoked, EventKind::Invoke, op));
        match (&op.outcome, op.completed) {
            (Outcome::Ok(_), Some(end)) => events.push((end, EventKind::Ok, op)),
            (Outcome::Fail, Some(end)) => events.push((end, EventKind::Fail, op)),
            // Where it was given up decides nothing, but its process may have gone on.
            _ if op.complete_time.is_some() => events.push((op.invoked, EventKind::Info, op)),
            _ => {}
        }
    }
    events.sort_by_key(|&(at, kind, _)| (at, kind));
    let places = WholePlaces {
        operations: operations.iter().map(|op| op.index).collect(),
        events: events.iter().map(|&(at, ..)| at).collect(),
    };
    let events = (0..).zip(&events).map(|(index, &(_, kind, op))| Event {
        time: match kind {
            EventKind::Invoke => op.invoke_time,
            EventKind::Ok | EventKind::Fail | EventKind::Info => {
                op.complete_time.expect("its process learned of its end")
            }
        },
        key: op.key.clone(),
        node: op.node.clone(),
        process_name: op.process_name.clone(),
        ..Event::new(index, op.process, kind, &op.f, carried(kind, op))
    });
    Ok(places.part(History::from_events(events)?))
}

fn carried(kind: EventKind, op: &WitnessOp) -> Value {
    match kind {
        EventKind::Invoke => op.argument.clone(),
        EventKind::Ok => op.outcome.ok().cloned().unwrap_or_default(),
        EventKind::Fail | EventKind::Info => Value::Nil,
    }
}
