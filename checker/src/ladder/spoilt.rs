//! Histories of each model in which one return is changed: none is reported to keep what it breaks.

use super::{Ladder, Subject};
use crate::agreement::{Chance, JUDGED, events};
use crate::linearizability::Options;
use crate::verify::{self, Refused};
use crate::weak::{session_view, violates};
use crate::{
    Anomaly, AnomalyClass, Consistency, Event, EventKind, History, ModelKind, Property, Value,
    Witness, WitnessOp,
};

/// Histories of each model; the fuzz of the checker runs more of them.
const HISTORIES: u64 = 1_000;

/// A random history in which one result was replaced by that of another operation of the same function, or by nil.
fn spoilt(model: ModelKind, seed: u64) -> Option<History> {
    let chance = &mut Chance::new(seed);
    let mut events = events(model, chance);
    let is_return = |event: &Event| event.kind == EventKind::Ok;
    let returns: Vec<usize> = (0..events.len()).filter(|&at| is_return(&events[at])).collect();
    let at = *returns.get(chance.below(returns.len().max(1)))?;
    let others = returns.iter().filter(|&&it| events[it].f == events[at].f);
    let mut values: Vec<Value> = others.map(|&it| events[it].value.clone()).collect();
    values.push(Value::Nil);
    events[at].value = values[chance.below(values.len())].clone();
    History::from_events(events).ok()
}

/// Whether trying all orders finds one that `property` allows; nothing if it is too large to try.
fn has_order(history: &History, property: Property) -> Option<bool> {
    let all: Vec<WitnessOp> =
        history.iter().filter(|op| !op.is_final).map(|op| WitnessOp::new(&op)).collect();
    let mut keys: Vec<_> = all.iter().map(|op| op.key.clone()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let operations = all.iter().filter(|op| op.key == key).cloned().collect();
        let witness = Witness { property, operations, order: Vec::new(), stuck: None };
        let (class, summary, facts) = (AnomalyClass::NonLinearizable, String::new(), Vec::new());
        match verify::anomaly(&Anomaly { class, key, summary, facts, witness }) {
            Ok(()) => return Some(false),
            Err(Refused::TooLarge(_)) => return None,
            Err(_) => {}
        }
    }
    Some(true)
}

/// The number of models that hold for one history; brute force confirms each.
fn held(model: ModelKind, seed: u64) -> usize {
    let Some(history) = spoilt(model, seed) else { return 0 };
    let options = Options::default();
    let mut ladder = Ladder::new();
    ladder.climb(&Subject::new(&history, model, &options));
    let holds = |it: &Consistency| ladder.rung(*it).holds();
    let told = |it: Consistency| format!("{it} of a {model}, seed {seed}: {:?}", ladder.rung(it));
    let in_time = [
        (Consistency::Linearizable, Property::Linearizable(model)),
        (Consistency::Regular, Property::Regular(ModelKind::CasRegister)),
        (Consistency::Safe, Property::Safe(ModelKind::CasRegister)),
        (Consistency::Prefix, Property::Prefix(ModelKind::CasRegister)),
    ];
    let is_register = matches!(model, ModelKind::Register | ModelKind::CasRegister);
    let mut count = 0;
    for (it, property) in in_time.into_iter().take(if is_register { 4 } else { 1 }) {
        if holds(&it) {
            assert_ne!(has_order(&history, property), Some(false), "{}", told(it));
            count += 1;
        }
    }
    if let (true, Ok(view)) = (is_register, session_view(&history)) {
        for it in JUDGED.into_iter().filter(holds) {
            assert_eq!(violates(it, &view.sessions), Some(false), "{}", told(it));
            count += 1;
        }
    }
    count
}

#[test]
fn a_history_with_one_return_changed_is_never_reported_to_keep_a_model_that_it_breaks() {
    for model in ModelKind::ALL {
        let counts = (0..HISTORIES).map(|seed| held(model, seed));
        let kept = counts.filter(|count| *count > 0).count();
        assert!(kept > 10, "of {model} only {kept} histories keep anything");
    }
}
