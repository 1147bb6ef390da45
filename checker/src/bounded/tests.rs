use std::collections::BTreeMap;

use super::{MODELS, check, check_all};
use crate::agreement::{Chance, events};
use crate::consistency::StalenessBound;
use crate::k_atomic::{Versioned, measure};
use crate::linearizability::decode::with_model;
use crate::linearizability::{self, Options};
use crate::plant::{self, Bug};
use crate::update_order::Rule;
use crate::update_order::tests::Brute;
use crate::weak::session_view;
use crate::{
    Anomaly, Budget, Event, EventKind, History, ModelKind, OpIndex, Outcome, ProcessId, Time,
    Verdict, WitnessOp, prefix, regular, verify,
};

const READABLE: [ModelKind; 5] = [
    ModelKind::Register,
    ModelKind::CasRegister,
    ModelKind::Set,
    ModelKind::Counter,
    ModelKind::ListAppend,
];

const MS: u64 = 1_000_000;

/// A small history in which reads may return what others did, with up to 4 ms between two events.
fn lagging(model: ModelKind, seed: u64) -> History {
    let chance = &mut Chance::new(seed);
    let mut events = events(model, chance);
    let is_return = |it: &Event| it.kind == EventKind::Ok && matches!(&*it.f, "read" | "get");
    let returned: Vec<_> =
        events.iter().filter(|it| is_return(it)).map(|it| it.value.clone()).collect();
    let mut now = 0;
    for event in &mut events {
        if is_return(event) && chance.one_in(3) {
            event.value = returned[chance.below(returned.len())].clone();
        }
        now += MS * chance.below(5) as u64;
        event.time = Time(now);
    }
    // Not all at the same time.
    events[0].time = Time(0);
    events.last_mut().unwrap().time = Time(now + MS);
    History::from_events(events).unwrap()
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
        let invoke = event(EventKind::Invoke, op.argument.clone());
        if matches!(op.f, "read" | "get") {
            events.push((op.invoke_time.0.saturating_sub(by), 0, invoke));
        } else {
            events.push((op.invoke_time.0, op.invoked.0 + 1, invoke));
        }
        let ended = match &op.outcome {
            Outcome::Ok(ret) => event(EventKind::Ok, ret.clone()),
            Outcome::Fail => event(EventKind::Fail, op.argument.clone()),
            Outcome::Indeterminate => continue,
        };
        events.push((op.complete_time.unwrap().0, op.completed.unwrap().0 + 1, ended));
    }
    events.sort_by_key(|it| (it.0, it.1));
    let numbered = (0..).zip(events).map(|(index, (.., event))| Event { index, ..event });
    History::from_events(numbered).unwrap()
}

fn told(history: &History, what: &str) -> String {
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
fn compare(
    model: ModelKind,
    seed: u64,
    counts: &mut BTreeMap<(&'static str, &'static str), u64>,
) -> Result<(), String> {
    let history = lagging(model, seed);
    let options = Options::default();
    let mut note = |what: &'static str, verdict: Verdict<Anomaly>, expected: bool| {
        *counts.entry((what, verdict.name())).or_default() += 1;
        if verdict.is_unknown() && what != "regular" {
            return Err(told(&history, &format!("{what}, seed {seed}: {verdict:?}")));
        }
        agree(&verdict, expected)
            .map_err(|why| told(&history, &format!("{model} {what}, seed {seed}: {why}")))
    };
    for bound in [1, 2, 5, 10, 20].map(|ms| StalenessBound::of_ms(ms).unwrap()) {
        let moved = moved(&history, bound.nanos());
        let reference =
            linearizability::reference(&moved, model, &options, &Budget::default()).linearizable;
        note("bounded", check(&history, model, bound, &options), reference.unwrap())?;
    }
    let ops: Vec<OpIndex> = history.indices().filter(|&op| !history.is_final(op)).collect();
    let by = |rule| with_model(model, &history, &ops, options.failed_cas, Brute(rule)).unwrap();
    note("prefix", prefix::check_objects(&history, model, &options), by(Rule::Prefix))?;
    note("regular", regular::check_objects(&history, model, &options), by(Rule::Regular))
}

#[test]
fn bounds_prefix_and_regularity_of_all_objects_with_reads_agree_with_brute_force() {
    for model in READABLE {
        let mut counts = BTreeMap::new();
        for seed in 0..400 {
            compare(model, seed, &mut counts).unwrap_or_else(|told| panic!("{told}"));
        }
        for what in ["bounded", "prefix", "regular"] {
            let of = |name| counts.get(&(what, name)).copied().unwrap_or(0);
            assert!(of("valid") > 20 && of("invalid") > 20, "{model} {what}: {counts:?}");
            assert!(of("unknown") * 10 < of("valid") + of("invalid"), "{model} {what}: {counts:?}");
        }
    }
}

#[test]
fn each_mistake_planted_in_widened_reads_is_caught() {
    for bug in [Bug::WidenTooFar, Bug::WidenPastUpdates, Bug::WidenNothing] {
        let wrong = |seed| compare(ModelKind::Set, seed, &mut BTreeMap::new()).is_err();
        assert!(plant::with(bug, || (0..2_000).any(wrong)), "{bug:?} is not caught");
    }
}

#[test]
fn a_register_keeps_the_bounds_from_the_least_one_on() {
    let mut between = 0;
    for seed in 0..4_000 {
        let history = lagging(ModelKind::Register, seed);
        let Ok(view) = session_view(&history) else { continue };
        let least = measure(&Versioned::new(&history, &view, &Budget::default())).bound_ns;
        let found = check_all(&history, ModelKind::Register, &Options::default());
        let expected = least.map_or(MODELS.len(), |least| {
            StalenessBound::ALL.into_iter().take_while(|bound| bound.nanos() < least).count()
        });
        assert!(found.doubts.is_empty(), "{}", told(&history, &format!("{:?}", found.doubts)));
        assert_eq!(found.held_from, expected, "{}", told(&history, &format!("seed {seed}")));
        assert_eq!(found.broken_before, expected);
        assert_eq!(found.anomaly.is_some(), expected > 0);
        between += u64::from(expected > 0 && expected < MODELS.len());
    }
    assert!(between > 50, "{between}");
}

#[test]
fn events_without_times_or_with_times_out_of_order_decide_no_bound() {
    let timed = lagging(ModelKind::Register, 3);
    let with = |time: &dyn Fn(u64, Time) -> Time| {
        let events = timed.events().map(|it| Event { time: time(it.index, it.time), ..it });
        let history = History::from_events(events).unwrap();
        check(&history, ModelKind::Register, StalenessBound::LEAST, &Options::default())
    };
    assert!(!with(&|_, time| time).is_unknown());
    assert!(with(&|_, _| Time(0)).is_unknown());
    assert!(with(&|index, time| if index == 0 { Time(u64::MAX / 2) } else { time }).is_unknown());
}
