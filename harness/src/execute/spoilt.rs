//! Runs of which one return is changed into one that cannot have been: none is called valid.

use std::collections::BTreeMap;

use rashomon_checker::linearizability::Options;
use rashomon_checker::{Event, EventKind, History, ModelKind, Operation, Outcome as Ended, Value};
use rashomon_targets::{Promise, TargetConfig};

use super::*;
use crate::judge;
use crate::settings::{Settings, fitting};

struct Quiet;

impl Watcher for Quiet {}

/// What nobody ever wrote, counted or was given.
const NOTHING_IS: i64 = 1 << 40;

/// Histories of each workload; `RASHOMON_SPOILT` asks for more.
fn wanted() -> usize {
    std::env::var("RASHOMON_SPOILT").map_or(60, |count| count.parse().expect("a number"))
}

/// The configuration that promises most of what the workload shows, if any offers it.
fn strictest(kind: Kind) -> Option<TargetConfig> {
    let mut targets = TargetConfig::every(3..=3);
    targets.retain(|target| {
        let fits = || fitting(&Subject::from(target.clone())).contains(&kind);
        target.profile().copies > 1 && fits()
    });
    targets.into_iter().max_by_key(|target| {
        let settings = Settings::new(target.clone(), kind, Driver::Simulation, 1);
        let required = Requirement::new(&settings, kind, &[]).names().count();
        (required, target.claim().registers == Promise::Linearizable)
    })
}

/// A return with something in it that cannot be there; none if it has no room for that.
fn phantom(kind: Kind, op: &Operation<'_>, ret: &Value) -> Option<Value> {
    let of_read = |value: &Value| match value {
        Value::Nil | Value::Int(_) => Some(Value::Int(NOTHING_IS)),
        Value::List(items) => {
            Some(Value::list(items.iter().cloned().chain([Value::Int(NOTHING_IS)])))
        }
        _ => None,
    };
    match op.f {
        "read" | "dequeue" => of_read(ret),
        "txn" => {
            let parts = ret.as_list()?;
            // Of transfers only what they leave is judged: the sum of all accounts.
            let is_transfer = parts.iter().any(|part| word(part) == Some("w"));
            if is_transfer && !kind.invariants().is_empty() {
                return None;
            }
            let at = parts.iter().rposition(|part| word(part) == Some("r"))?;
            let [f, key, value] = parts[at].as_list()? else { return None };
            if *value == Value::Nil && kind.model() == ModelKind::ListAppend {
                return None; // A list belongs there.
            }
            let spoilt = Value::list([f.clone(), key.clone(), of_read(value)?]);
            let mut parts = parts.to_vec();
            parts[at] = spoilt;
            Some(Value::list(parts))
        }
        _ => None,
    }
}

/// What a part of a transaction is called.
fn word(part: &Value) -> Option<&str> {
    match part.as_list()? {
        [Value::Keyword(f) | Value::Str(f), ..] => Some(&**f),
        _ => None,
    }
}

/// What an earlier operation of the same name on the same key returned, where that cannot have been
/// returned again: a read of it, before an update that ended before this one began; or what is given out once.
fn repeated(history: &History, op: &Operation<'_>, ret: &Value) -> Option<Value> {
    let is_given_once = matches!(op.f, "dequeue" | "acquire");
    if op.is_final || !(is_given_once || op.f == "read") {
        return None;
    }
    let took_effect =
        |it: &Operation<'_>| it.outcome.ok().is_some_and(|ret| *ret != Value::Bool(false));
    let is_between = |it: &Operation<'_>, old: &Operation<'_>| {
        let is_after = old.completed.is_some_and(|end| end < it.invoked);
        let is_before = it.completed.is_some_and(|end| end < op.invoked);
        it.f != "read" && it.key == op.key && took_effect(it) && is_after && is_before
    };
    history
        .iter()
        .filter(|old| old.f == op.f && old.key == op.key && took_effect(old))
        .filter(|old| old.completed.is_some_and(|end| end < op.invoked))
        .filter(|old| is_given_once || history.iter().any(|it| is_between(&it, old)))
        .filter_map(|old| old.outcome.ok().cloned())
        .find(|old| old != ret && *old != Value::Nil && *ret != Value::Bool(false))
}

/// The history with the return of one operation changed.
fn spoilt(history: &History, op: &Operation<'_>, ret: &Value) -> History {
    let changed = |event: Event| {
        let is_it = event.kind == EventKind::Ok && Some(event.index) == ended(history, op);
        if is_it { Event { value: ret.clone(), ..event } } else { event }
    };
    History::from_events(history.events().map(changed)).unwrap()
}

/// The number of the event with which an operation ended.
fn ended(history: &History, op: &Operation<'_>) -> Option<u64> {
    let place = op.completed?.0 as usize;
    Some(history.events().nth(place)?.index)
}

#[test]
fn a_run_with_one_return_that_cannot_have_been_is_never_called_valid() {
    let mut kinds: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for kind in Kind::ALL {
        let Some(target) = strictest(kind) else { continue };
        let counts = kinds.entry(kind.name()).or_default();
        for seed in 1.. {
            if counts.iter().sum::<usize>() >= wanted() || seed > 1_000 {
                break;
            }
            let mut settings = Settings::new(target.clone(), kind, Driver::Simulation, seed);
            (settings.faults, settings.ops, settings.time_ms) = (Vec::new(), Some(80), 1_500);
            let run = execute(&settings, &plan(&settings), Keep::default(), &mut Quiet).unwrap();
            assert_eq!(run.judgement.outcome(), Outcome::Valid, "{} {seed}", kind.name());
            spoil(kind, seed, &run, counts);
        }
        let [phantoms, repeats] = *counts;
        assert!(phantoms + repeats >= wanted(), "{}: {phantoms}, {repeats}", kind.name());
    }
    assert_eq!(kinds.len(), Kind::ALL.len() - 2, "{kinds:?}");
    assert!(kinds.values().filter(|[_, repeats]| *repeats > 5).count() >= 8, "{kinds:?}");
}

/// Spoils a run in up to twelve ways, and counts those of each sort.
fn spoil(kind: Kind, seed: u64, run: &Finished, counts: &mut [usize; 2]) {
    let history = &run.history;
    let asked = judge::Asked {
        kind,
        requirement: run.judgement.requirement.clone(),
        options: Options::default(),
    };
    let done: Vec<Operation<'_>> = history.iter().filter(|op| op.outcome.ok().is_some()).collect();
    // Some of the first, and some of the last.
    let step = done.len().div_ceil(12).max(1);
    for op in done.iter().skip(usize::try_from(seed).unwrap() % step).step_by(step) {
        let Ended::Ok(ret) = &op.outcome else { continue };
        // Where no order is asked about, a read may lag.
        let is_ordered = kind.checks().contains(&rashomon_checker::Consistency::Linearizable);
        let repeated = is_ordered.then(|| repeated(history, op, ret)).flatten();
        let ways = [phantom(kind, op, ret), repeated];
        for (at, changed) in ways.into_iter().enumerate() {
            let Some(changed) = changed else { continue };
            let wrong = spoilt(history, op, &changed);
            let judged = judge::judge(&asked, &wrong, &run.driven);
            assert_eq!(
                judged.outcome(),
                Outcome::Violation,
                "{} seed {seed}, {} {ret} became {changed}: {:?}",
                kind.name(),
                op.index,
                judged.all_doubts().map(ToString::to_string).collect::<Vec<_>>()
            );
            counts[at] += 1;
        }
    }
}
