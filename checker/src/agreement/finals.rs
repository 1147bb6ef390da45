//! Small histories with final reads, judged for convergence and by the verifier.

use std::sync::Arc;

use super::{Chance, events};
use crate::linearizability::{self, Options};
use crate::{
    Anomaly, AnomalyClass, ConvergenceKind, Event, EventKind, History, ModelKind, Verdict,
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
    // As if clients had read so: final reads are not judged for linearizability.
    let clients = events.iter().map(|event| Event { is_final: false, ..event.clone() });
    let clients = History::from_events(clients).expect("the events are well formed");
    let history = History::from_events(events).expect("the events are well formed");
    let report = convergence::check(&history, kind);
    let told = |what: &str| format!("{kind:?} seed {seed}: {what}: {report:?}");
    for anomaly in report.verdict.anomalies() {
        verify::anomaly(anomaly).map_err(|refused| told(&refused.to_string()))?;
        if matches!(anomaly.class, AnomalyClass::LostWrite | AnomalyClass::CounterOutOfBounds) {
            let check = linearizability::check(&clients, model, &Options::default());
            if !check.verdict.is_invalid() {
                return Err(told("a lost write or a false sum, and yet linearizable"));
            }
        }
    }
    Ok(report.verdict)
}
