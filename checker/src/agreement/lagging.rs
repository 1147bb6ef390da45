//! Random small histories of objects with reads that may lag.

use std::collections::BTreeMap;

use super::{Chance, events};
use crate::EventKind::{Fail, Invoke, Ok as Done};
use crate::consistency::StalenessBound;
use crate::linearizability::decode::{ModelTask, with_model};
use crate::linearizability::{self, FailedCas, Options, Witnesses};
use crate::update_order::{self, OrderReport, Rule};
use crate::{
    Anomaly, Budget, Call, Event, History, Model, ModelKind, Observed, OpIndex, Operation, Outcome,
    ProcessId, Time, Value, Verdict, WitnessOp, bounded, prefix, regular, verify,
};

/// The rules by which reads of registers may lag.
pub(crate) const RULES: [Rule; 3] = [Rule::Regular, Rule::Safe, Rule::Prefix];

const FORM: &str = "the form of a history is kept";
const UNDERSTOOD: &str = "the model has these operations";

/// Judges random histories of this seed: a register by each rule, and each object with reads by each bound, as
/// prefix consistent and as regular; all by brute force too. How many verdicts there were.
///
/// # Errors
///
/// Tells the history and the verdicts if two judges disagree, or if evidence is refused.
pub fn lagging_case(seed: u64) -> Result<u64, String> {
    let (mut rules, mut widened) = (BTreeMap::new(), BTreeMap::new());
    for rule in RULES {
        compare_rule(seed, rule, &mut rules)?;
    }
    for model in READABLE {
        compare_widened(model, seed, &mut widened)?;
    }
    Ok(rules.values().chain(widened.values()).sum())
}

/// Tries every order, by the definition.
struct Brute(Rule);

/// Whether it is a read, and the call.
type Named<'a, M> = (bool, &'a Call<<M as Model>::Op, <M as Model>::Ret>);

impl ModelTask for Brute {
    type Answer = bool;

    fn judge<M: Model>(self, model: &M, calls: Vec<Call<M::Op, M::Ret>>) -> bool {
        // Only a read has no effect, and returns what is there: its name is all that is needed.
        let is_read = |call: &Call<M::Op, M::Ret>| {
            let told = model.describe(&call.op, Observed::Lost).to_lowercase();
            ["read", "contains"].iter().any(|word| told.contains(word))
        };
        let calls: Vec<Named<'_, M>> = calls.iter().map(|call| (is_read(call), call)).collect();
        explained(self.0, model, &calls, &model.init())
    }
}

fn explained<M: Model>(rule: Rule, model: &M, left: &[Named<'_, M>], state: &M::State) -> bool {
    if left.iter().all(|(_, call)| call.completed.is_none()) {
        return true;
    }
    (0..left.len()).any(|at| {
        let (is_read, call) = left[at];
        let must_wait = left.iter().any(|&(other_reads, other)| {
            let counts = match rule {
                Rule::Regular | Rule::Safe => !(is_read && other_reads),
                Rule::Prefix => !is_read,
            };
            counts && other.completed.is_some_and(|end| end < call.invoked)
        });
        let mut rest = left.to_vec();
        rest.remove(at);
        !must_wait
            && model
                .step(state, &call.op, call.observed())
                .into_iter()
                .any(|next| explained(rule, model, &rest, &next))
    })
}

/// A small history in which reads may lag.
pub(crate) fn lagging(seed: u64) -> (History, FailedCas) {
    let chance = &mut Chance::new(seed);
    let mut events = events(ModelKind::CasRegister, chance);
    let given: Vec<Value> = events
        .iter()
        .filter(|event| event.kind == Invoke)
        .map(|event| match event.value.as_list() {
            Some([_, new]) => new.clone(),
            _ => event.value.clone(),
        })
        .collect();
    for event in &mut events {
        if event.kind == Done && &*event.f == "read" && chance.one_in(2) {
            event.value = given[chance.below(given.len())].clone();
        }
    }
    let failed_cas =
        if seed.is_multiple_of(3) { FailedCas::Mismatched } else { FailedCas::SaysNothing };
    (History::from_events(events).expect(FORM), failed_cas)
}

/// Whether `op` is a read that overlaps an operation that set a value, or may have.
fn overlaps(history: &History, op: OpIndex) -> bool {
    let op = history.operation(op);
    let ended = |one: &Operation<'_>, begun| one.completed.is_some_and(|end| end < begun);
    let sets = |it: &Operation<'_>| match it.outcome {
        _ if it.f == "read" => false,
        Outcome::Fail | Outcome::Ok(Value::Bool(false)) => false,
        Outcome::Ok(_) | Outcome::Indeterminate => true,
    };
    let at_once =
        |it: Operation<'_>| sets(&it) && !ended(&it, op.invoked) && !ended(&op, it.invoked);
    op.f == "read" && history.iter().any(at_once)
}

/// Judges one history of a register by one rule and by brute force, and counts how.
pub(crate) fn compare_rule(
    seed: u64,
    rule: Rule,
    counts: &mut BTreeMap<String, u64>,
) -> Result<(), String> {
    let (history, failed_cas) = lagging(seed);
    let told = |what: &str| {
        let lines: Vec<String> =
            history.iter().map(|op| format!("  {}", WitnessOp::new(&op))).collect();
        format!("{rule:?} seed {seed}: {what}\n{}\n{history:?}", lines.join("\n"))
    };
    let ops: Vec<OpIndex> =
        history.indices().filter(|&op| rule != Rule::Safe || !overlaps(&history, op)).collect();
    let expected = with_model(ModelKind::CasRegister, &history, &ops, failed_cas, Brute(rule))
        .expect(UNDERSTOOD);
    for witnesses in [Witnesses::Least, Witnesses::AsFound] {
        let options = Options { failed_cas, witnesses, ..Options::default() };
        let OrderReport { verdict, parts, .. } = update_order::check(&history, rule, &options);
        if verdict.is_valid() != expected || verdict.is_unknown() {
            return Err(told(&format!("brute force says {expected}, check {verdict:?}")));
        }
        for anomaly in verdict.anomalies() {
            let verified = verify::anomaly(anomaly);
            verified.map_err(|refused| told(&format!("{refused}: {anomaly:?}")))?;
        }
        let how = if parts[0].configurations > 0 { "search" } else { "blocks" };
        *counts.entry(format!("{} by {how}", verdict.name())).or_default() += 1;
    }
    Ok(())
}

pub(crate) const READABLE: [ModelKind; 5] = [
    ModelKind::Register,
    ModelKind::CasRegister,
    ModelKind::Set,
    ModelKind::Counter,
    ModelKind::ListAppend,
];

/// A millisecond.
const MS: u64 = 1_000_000;

/// A small history in which reads may return what others did, with up to 4 ms between two events.
pub(crate) fn lagging_in_time(model: ModelKind, seed: u64) -> History {
    let chance = &mut Chance::new(seed);
    let mut events = events(model, chance);
    let is_return = |it: &Event| it.kind == Done && matches!(&*it.f, "read" | "get");
    let returned: Vec<_> =
        events.iter().filter(|it| is_return(it)).map(|it| it.value.clone()).collect();
    let mut now = 0;
    for event in &mut events {
        if is_return(event) && chance.one_in(3) {
            event.value = returned[chance.below(returned.len())].clone();
        }
        if &*event.f == "contains" && event.kind == Done && chance.one_in(3) {
            event.value = Value::Bool(event.value == Value::Bool(false));
        }
        now += MS * chance.below(5) as u64;
        event.time = Time(now);
    }
    // Not all at the same time.
    events[0].time = Time(0);
    if let Some(last) = events.last_mut() {
        last.time = Time(now + MS);
    }
    History::from_events(events).expect(FORM)
}

/// The history with the beginning of each read moved back.
fn moved(history: &History, by: u64) -> History {
    let mut events: Vec<(u64, u32, Event)> = Vec::new();
    for op in history.iter() {
        // A process that would overlap itself is another one.
        let event = |kind, value| Event {
            key: op.key.cloned(),
            ..Event::new(0, ProcessId(op.index.0), kind, op.f, value)
        };
        let invoke = event(Invoke, op.argument.clone());
        if matches!(op.f, "read" | "get" | "contains") {
            events.push((op.invoke_time.0.saturating_sub(by), 0, invoke));
        } else {
            events.push((op.invoke_time.0, op.invoked.0 + 1, invoke));
        }
        let ended = match &op.outcome {
            Outcome::Ok(ret) => event(Done, ret.clone()),
            Outcome::Fail => event(Fail, op.argument.clone()),
            Outcome::Indeterminate => continue,
        };
        let (time, place) = op.complete_time.zip(op.completed).expect("it has ended");
        events.push((time.0, place.0 + 1, ended));
    }
    events.sort_by_key(|it| (it.0, it.1));
    let numbered = (0..).zip(events).map(|(index, (.., event))| Event { index, ..event });
    History::from_events(numbered).expect(FORM)
}

pub(crate) fn told_by_places(history: &History, what: &str) -> String {
    let lines: Vec<String> = history
        .iter()
        .map(|op| format!("  {} {:?} {:?}", WitnessOp::new(&op), op.invoked, op.completed))
        .collect();
    format!("{what}\n{}", lines.join("\n"))
}

/// Checks a verdict against the definition, and its witnesses by the verifier.
fn agree(verdict: &Verdict<Anomaly>, expected: bool) -> Result<(), String> {
    if verdict.is_valid() && !expected || verdict.is_invalid() && expected {
        return Err(format!("brute force says {expected}: {verdict:?}"));
    }
    for anomaly in verdict.anomalies() {
        verify::anomaly(anomaly).map_err(|refused| format!("{refused}: {anomaly:?}"))?;
    }
    Ok(())
}

/// Judges one history by all that is made of widened reads, and counts the verdicts.
pub(crate) fn compare_widened(
    model: ModelKind,
    seed: u64,
    counts: &mut BTreeMap<(&'static str, &'static str), u64>,
) -> Result<(), String> {
    let history = lagging_in_time(model, seed);
    let options = Options::default();
    let mut note = |what: &'static str, verdict: Verdict<Anomaly>, expected: bool| {
        *counts.entry((what, verdict.name())).or_default() += 1;
        if verdict.is_unknown() && what != "regular" {
            return Err(told_by_places(&history, &format!("{what}, seed {seed}: {verdict:?}")));
        }
        agree(&verdict, expected)
            .map_err(|why| told_by_places(&history, &format!("{model} {what}, seed {seed}: {why}")))
    };
    for bound in [1, 2, 5, 10, 20].map(|ms| StalenessBound::of_ms(ms).expect("it is in the table"))
    {
        let moved = moved(&history, bound.nanos());
        let reference =
            linearizability::reference(&moved, model, &options, &Budget::default()).linearizable;
        note(
            "bounded",
            bounded::check(&history, model, bound, &options),
            reference.expect("the budget is ample"),
        )?;
    }
    let ops: Vec<OpIndex> = history.indices().filter(|&op| !history.is_final(op)).collect();
    let by = |rule| {
        with_model(model, &history, &ops, options.failed_cas, Brute(rule)).expect(UNDERSTOOD)
    };
    note("prefix", prefix::check_objects(&history, model, &options), by(Rule::Prefix))?;
    note("regular", regular::check_objects(&history, model, &options), by(Rule::Regular))
}
