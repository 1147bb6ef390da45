//! From operations that have no order to an anomaly with a least witness.
//!
//! What is left of a history is put together to a small one, and judged as any history is. What is
//! told of it names operations by their places there; these are translated back.

use crate::linearizability::{self, Method, Options};
use crate::{
    Anomaly, Event, EventKind, History, HistoryError, ModelKind, OpIndex, Outcome, Position, Value,
    WitnessOp,
};

/// The places, in a whole history, of the operations and events of a part of it, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    pub(super) operations: Vec<OpIndex>,
    pub(super) events: Vec<Position>,
}

/// Explains why these operations of one key have no order. `None` if they have one after all.
pub(super) fn explain(
    model: ModelKind,
    mut operations: Vec<WitnessOp>,
    options: &Options,
) -> Option<Anomaly> {
    operations.sort_by_key(|op| op.index);
    operations.dedup_by_key(|op| op.index);
    let (history, places) = small(&operations).expect("they are operations of one history");
    judge(&history, model, &places, options).ok().flatten()
}

/// A history of a part is neither valid nor invalid.
pub(super) struct Undecided;

/// Judges a part of a history, and tells what is wrong in terms of the whole.
pub(super) fn judge(
    history: &History,
    model: ModelKind,
    places: &Places,
    options: &Options,
) -> Result<Option<Anomaly>, Undecided> {
    let report = linearizability::check(history, model, options);
    if report.verdict.is_unknown() {
        return Err(Undecided);
    }
    let found = report.verdict.anomalies().next().cloned();
    let by_monitor = report.parts.iter().any(|part| part.method == Method::Monitor);
    Ok(found.map(|mut anomaly| {
        if by_monitor {
            anomaly.summary = renumbered(&anomaly.summary, places);
        }
        translate(&mut anomaly, places);
        anomaly
    }))
}

/// A history of these operations and no others.
fn small(operations: &[WitnessOp]) -> Result<(History, Places), HistoryError> {
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
    let places = Places {
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
        ..Event::new(index, op.process, kind, &op.f, carried(kind, op))
    });
    Ok((History::from_events(events)?, places))
}

fn carried(kind: EventKind, op: &WitnessOp) -> Value {
    match kind {
        EventKind::Invoke => op.argument.clone(),
        EventKind::Ok => op.outcome.ok().cloned().unwrap_or_default(),
        EventKind::Fail | EventKind::Info => Value::Nil,
    }
}

fn translate(anomaly: &mut Anomaly, places: &Places) {
    let renumber = |op: &mut OpIndex| *op = places.operations[op.get()];
    let place = |at: &mut Position| *at = places.events[at.0 as usize];
    anomaly.facts.iter_mut().flat_map(|fact| &mut fact.ops).for_each(renumber);
    let witness = &mut anomaly.witness;
    witness.order.iter_mut().chain(&mut witness.stuck).for_each(renumber);
    for op in &mut witness.operations {
        renumber(&mut op.index);
        place(&mut op.invoked);
        op.completed.iter_mut().for_each(place);
    }
}

/// The reason a monitor gives, which has no numbers but those of operations.
fn renumbered(summary: &str, places: &Places) -> String {
    let mut pieces = summary.split('#');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.len() - piece.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, rest) = piece.split_at(digits);
        let op = number.parse().ok().and_then(|op: usize| places.operations.get(op));
        text.push_str(&op.map_or_else(|| format!("#{number}"), ToString::to_string));
        text.push_str(rest);
    }
    text
}
