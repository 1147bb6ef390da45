//! Small histories with final reads, judged for convergence and by the verifier.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Chance, events};
use crate::linearizability::{self, Options};
use crate::{
    Anomaly, AnomalyClass, ConvergenceKind, Event, EventKind, History, ModelKind, Value, Verdict,
    convergence, verify,
};

/// Judges one random history of `kind` with some reads taken for final ones: each anomaly must
/// pass the verifier, and a lost write must be no more linearizable than it is convergent.
///
/// # Errors
///
/// Tells the history if evidence is refused, or if a lost write is linearizable.
///
/// # Panics
///
/// Never: the events are well formed.
pub fn convergence_case(kind: ConvergenceKind, seed: u64) -> Result<Verdict<Anomaly>, String> {
    let model = match kind {
        ConvergenceKind::Set => ModelKind::Set,
        ConvergenceKind::Register => ModelKind::CasRegister,
        ConvergenceKind::MultiValue => ModelKind::Register,
        ConvergenceKind::Counter => ModelKind::Counter,
        ConvergenceKind::List => ModelKind::ListAppend,
    };
    let chance = &mut Chance::new(seed);
    let mut events = events(model, chance);
    for event in &mut events {
        if event.kind == EventKind::Invoke && &*event.f == "read" && !chance.one_in(3) {
            event.is_final = true;
            event.node = Some(Arc::from(["n1", "n2", "n3"][chance.below(3)]));
        }
    }
    if kind == ConvergenceKind::MultiValue {
        add_siblings(&mut events, chance);
    }
    // As if clients had read so: final reads are not judged for linearizability.
    let clients = events.iter().map(|event| Event { is_final: false, ..event.clone() });
    let clients = History::from_events(clients).expect("the events are well formed");
    let history = History::from_events(events).expect("the events are well formed");
    let report = convergence::check(&history, kind);
    let told = |what: &str| format!("{kind:?} seed {seed}: {what}: {report:?}");
    for anomaly in report.verdict.anomalies() {
        verify::anomaly(anomaly).map_err(|refused| told(&refused.to_string()))?;
        let is_false =
            matches!(anomaly.class, AnomalyClass::LostWrite | AnomalyClass::CounterOutOfBounds);
        // No model of one order has siblings.
        if is_false && kind != ConvergenceKind::MultiValue {
            let check = linearizability::check(&clients, model, &Options::default());
            if !check.verdict.is_invalid() {
                return Err(told("a lost write or a false sum, and yet linearizable"));
            }
        }
    }
    Ok(report.verdict)
}

/// Has some reads return none, or two, of the values in place of the one.
fn add_siblings(events: &mut [Event], chance: &mut Chance) {
    let values: Vec<Value> = events.iter().map(|event| event.value.clone()).collect();
    for event in events {
        if event.kind == EventKind::Ok && &*event.f == "read" && chance.one_in(2) {
            let drawn = (0..chance.below(3)).map(|_| values[chance.below(values.len())].clone());
            let drawn: BTreeSet<Value> = drawn.filter(|value| *value != Value::Nil).collect();
            event.value = Value::list(drawn);
        }
    }
}
