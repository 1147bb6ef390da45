use std::cell::OnceCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{KBounds, Versioned, measure};
use crate::agreement::{k_atomic_case, k_atomic_history as some_history};
use crate::consistency::Versions;
use crate::linearizability::{self, Options};
use crate::plant::{self, Bug};
use crate::weak::{history_of_events, history_of_line, session_view};
use crate::{
    Anomaly, Budget, Event, EventKind, History, ModelKind, ProcessId, Stop, Value, verify,
};

fn bounds(history: &History) -> Option<KBounds> {
    let view = session_view(history).unwrap();
    Versioned::new(history, &view, &Budget::default()).bounds()
}

/// The smallest `k` of a line.
fn smallest(line: &str) -> u64 {
    let KBounds { least, most } = bounds(&history_of_line(line)).unwrap();
    assert_eq!(least, most, "{line}");
    least
}

#[test]
fn each_value_that_a_read_ignores_takes_one_more() {
    assert_eq!(smallest("wx1@0-1 | rx1@2-3"), 1);
    assert_eq!(smallest("wx1@0-1 | rx_@2-3"), 2);
    assert_eq!(smallest("wx1@0-1 wx2@2-3 wx3@4-5 | rx_@6-7 rx1@8-9"), 4);
    assert_eq!(smallest("wx1@0-1 wx2@2-3 wx3@4-5 | rx1@6-7"), 3);
}

#[test]
fn a_write_that_overlaps_is_put_where_it_takes_least() {
    // The second write may come first.
    assert_eq!(smallest("wx1@0-5 | wx2@1-4 | rx1@6-7"), 1);
    // Two readers that disagree.
    assert_eq!(smallest("wx1@0-9 | wx2@1-8 | rx1@10-11 rx2@12-13 rx1@14-15"), 2);
}

#[test]
fn keys_are_judged_apart_and_the_worst_counts() {
    assert_eq!(smallest("wx1@0-1 wx2@2-3 | wy1@4-5 ry1@6-7 rx_@8-9"), 3);
}

#[test]
fn a_read_of_what_was_not_begun_to_be_written_has_no_k() {
    let history = history_of_line("wx1@2-3 | rx1@0-1");
    assert_eq!(bounds(&history), None);
    let view = session_view(&history).unwrap();
    let staleness = measure(&Versioned::new(&history, &view, &Budget::default()));
    assert_eq!((staleness.k_least, staleness.bound_ns), (None, None));
}

#[test]
fn staleness_is_told_in_versions_and_in_time() {
    // Values are known at 1, 3 and 5 ns; the reads begin at 10 and 20 ns.
    let line = "wx1@0-1 wx2@2-3 wx3@4-5 | rx1@10-11 rx3@20-21";
    let history = history_of_line(line);
    let view = session_view(&history).unwrap();
    let staleness = measure(&Versioned::new(&history, &view, &Budget::default()));
    assert_eq!((staleness.reads, staleness.stale_reads), (2, 1));
    let [versions, time] = [staleness.versions_behind, staleness.time_behind_ns];
    assert_eq!((versions.p50, versions.p99, versions.max), (0, 2, 2));
    assert_eq!((time.p50, time.max), (0, 7), "2 was known at 3 ns");
    assert_eq!(staleness.bound_ns, Some(7));
}

/// No read is certainly behind, and yet one of the values is the third last.
const THREE_AT_ONCE: &str = "wx1@0-20 | wx2@1-19 | wx3@2-18 | rx1@30-31 rx2@32-33 rx3@34-35";

#[test]
fn where_no_read_is_certainly_behind_the_search_decides_or_the_bounds_differ() {
    assert_eq!(smallest(THREE_AT_ONCE), 3);
    let history = history_of_line(THREE_AT_ONCE);
    let view = session_view(&history).unwrap();
    let none = Budget { configurations: 0, ..Budget::default() };
    let known = Versioned::new(&history, &view, &none).bounds();
    assert_eq!(known, Some(KBounds { least: 1, most: 3 }));
}

/// Twice [`THREE_AT_ONCE`], of which once suffices.
const MORE_THAN_IT_TAKES: &str = "wx1@0-20 wx4@40-60 | wx2@1-19 wx5@41-59 | wx3@2-18 wx6@42-58 | rx1@30-31 rx2@32-33 rx3@34-35 \
     rx4@70-71 rx5@72-73 rx6@74-75";

/// How many operations show that a line is not `2`-atomic, by this budget for making them few.
fn shown(history: &History, left: &Budget) -> usize {
    let view = session_view(history).unwrap();
    let known = OnceCell::new();
    Versioned::knowing(history, &view, &Budget::default(), &known);
    Versioned::knowing(history, &view, left, &known).breach(2).unwrap().len()
}

/// A way to stop that answers `true` from the second question on, and counts the questions.
fn stop_at_second() -> (Budget, Arc<AtomicU32>) {
    let asked = Arc::new(AtomicU32::new(0));
    let counter = asked.clone();
    let stop = Stop::when(move || counter.fetch_add(1, Ordering::Relaxed) > 0);
    (Budget { stop: Some(stop), ..Budget::default() }, asked)
}

#[test]
fn a_search_stops_when_it_is_told_to() {
    let history = history_of_line(THREE_AT_ONCE);
    let view = session_view(&history).unwrap();
    let known = Versioned::new(&history, &view, &stop_at_second().0).bounds();
    assert_eq!(known, Some(KBounds { least: 1, most: 3 }));
}

#[test]
fn what_is_known_of_the_smallest_k_is_not_searched_for_again() {
    let history = history_of_line(THREE_AT_ONCE);
    let (view, known) = (session_view(&history).unwrap(), OnceCell::new());
    let (budget, asked) = stop_at_second();
    Versioned::knowing(&history, &view, &budget, &known);
    let before = asked.load(Ordering::Relaxed);
    Versioned::knowing(&history, &view, &budget, &known);
    assert!(before > 0);
    assert_eq!(asked.load(Ordering::Relaxed), before);
}

#[test]
fn a_breach_is_made_smaller_until_it_is_to_stop() {
    let history = history_of_line(MORE_THAN_IT_TAKES);
    assert_eq!(shown(&history, &Budget::default()), 6);
    let stopped = Budget { stop: Some(Stop::when(|| true)), ..Budget::default() };
    assert_eq!(shown(&history, &stopped), 12);
}

#[test]
fn a_breach_is_made_smaller_whatever_the_number_of_other_keys() {
    let mut events: Vec<Event> = Vec::new();
    for key in 0..200_000 {
        let event = |kind| Event {
            key: Some(Value::Int(key)),
            ..Event::new(0, ProcessId(100), kind, "write", Value::Int(1))
        };
        events.extend([event(EventKind::Invoke), event(EventKind::Ok)]);
    }
    events.extend(history_of_line(MORE_THAN_IT_TAKES).events());
    let numbered = (0u64..).zip(events).map(|(at, event)| Event { index: at, ..event });
    let history = History::from_events(numbered).unwrap();
    assert_eq!(shown(&history, &Budget::default()), 6);
}

#[test]
fn nothing_is_left_of_the_budget_where_a_search_comes_to_no_answer() {
    let history = history_of_line(THREE_AT_ONCE);
    let view = session_view(&history).unwrap();
    let register = &super::values::registers(&history, &view)[0];
    let mut left = 2;
    let answer = super::search::search(register, 2, &mut left, &Budget::default());
    assert_eq!((answer, left), (super::search::KAnswer::Spent, 0));
}

fn bound_ns(history: &History) -> Option<u64> {
    let view = session_view(history).unwrap();
    measure(&Versioned::new(history, &view, &Budget::default())).bound_ns
}

#[test]
fn a_stale_history_without_times_has_no_least_bound() {
    let stale =
        "0 invoke write 1\n0 ok write\n0 invoke write 2\n0 ok write\n1 invoke read\n1 ok read 1";
    assert_eq!(bound_ns(&history_of_events(stale)), None);
    let fresh = "0 invoke write 1\n0 ok write\n1 invoke read\n1 ok read 1";
    assert_eq!(bound_ns(&history_of_events(fresh)), Some(0));
}

#[test]
fn a_key_without_times_leaves_the_others_no_least_bound() {
    let timed = history_of_line("wx1@0-1 wx2@2-3 | rx1@10-11 | wy1@12-13 wy2@14-15 | ry1@16-17");
    assert_eq!(bound_ns(&timed), Some(7));
    let untimed = timed.events().map(|event| {
        let is_of_y = event.key == Some("y".into());
        Event { time: if is_of_y { crate::Time(0) } else { event.time }, ..event }
    });
    assert_eq!(bound_ns(&History::from_events(untimed).unwrap()), None);
}

#[test]
fn the_smallest_k_is_what_brute_force_says() {
    let mut counts = [0u32; 12];
    for seed in 0..6_000 {
        let k = k_atomic_case(seed).unwrap_or_else(|told| panic!("{told}"));
        counts[usize::try_from(k.unwrap_or(0)).unwrap()] += 1;
    }
    assert!(counts[..5].iter().all(|&count| count > 50), "{counts:?}");
}

#[test]
fn each_mistake_planted_in_the_smallest_k_is_caught() {
    for bug in [Bug::BehindCountsTwice, Bug::KSearchOneMore] {
        let wrong = |seed| {
            let case = || plant::with(bug, || k_atomic_case(seed));
            !matches!(std::panic::catch_unwind(case), Ok(Ok(_)))
        };
        assert!((0..6_000).any(wrong), "{bug:?} is not caught");
    }
}

fn anomalies(history: &History) -> Vec<Anomaly> {
    let view = session_view(history).unwrap();
    let of = Versioned::new(history, &view, &Budget::default());
    let broken = |it: &Versions| Some(super::anomaly(&of, *it, &of.breach(it.get())?));
    Versions::ALL.iter().filter_map(broken).collect()
}

#[test]
fn the_verifier_accepts_each_witness_and_no_operation_can_be_left_out() {
    let mut classes = std::collections::BTreeSet::new();
    for seed in 0..3_000 {
        for anomaly in anomalies(&some_history(seed)) {
            assert_eq!(verify::anomaly(&anomaly), Ok(()), "seed {seed}: {anomaly}");
            classes.insert(anomaly.class.name());
            let ops = &anomaly.witness.operations;
            for (gone, op) in ops.iter().enumerate() {
                let mut less = anomaly.clone();
                let is_read = |it: &crate::WitnessOp| it.outcome.ok() == Some(&op.argument);
                let is_write = op.f.as_ref() == "write";
                less.witness.operations.remove(gone);
                less.witness.operations.retain(|it| !(is_write && is_read(it)));
                assert!(verify::anomaly(&less).is_err(), "seed {seed}, {gone}: {anomaly}");
            }
        }
    }
    assert!(classes.contains("stale-read") && classes.contains("future-read"), "{classes:?}");
}

#[test]
fn one_atomic_is_linearizable_and_needs_no_bound() {
    let mut linearizable = 0;
    for seed in 0..3_000 {
        let history = some_history(seed);
        let report = linearizability::check(&history, ModelKind::Register, &Options::default());
        let is_linearizable = report.verdict.is_valid();
        let is_one = bounds(&history).is_some_and(|it| it.most == 1);
        assert_eq!(is_linearizable, is_one, "seed {seed}: {history:?}");
        let view = session_view(&history).unwrap();
        let staleness = measure(&Versioned::new(&history, &view, &Budget::default()));
        assert_eq!(staleness.bound_ns == Some(0), is_linearizable, "seed {seed}: {history:?}");
        linearizable += u32::from(is_linearizable);
    }
    assert!(linearizable > 200, "{linearizable}");
}

/// The history with the beginning of each read moved back.
fn moved(history: &History, by: u64) -> History {
    let mut events: Vec<(u64, u8, Event)> = Vec::new();
    for op in history.iter() {
        // A process that would overlap itself is another one: sessions do not matter here.
        let process = ProcessId(op.index.0);
        let is_read = op.f == "read";
        let begun = if is_read { op.invoke_time.0.saturating_sub(by) } else { op.invoke_time.0 };
        let event = |kind, value| Event {
            key: op.key.cloned(),
            ..Event::new(0, process, kind, op.f, value)
        };
        let order = u8::from(!is_read || by == 0);
        events.push((begun, order, event(EventKind::Invoke, op.argument.clone())));
        let ret = op.outcome.ok().unwrap().clone();
        let ended = op.complete_time.unwrap().0;
        events.push((ended, 1, event(EventKind::Ok, ret)));
    }
    events.sort_by_key(|(time, order, _)| (*time, *order));
    let numbered = (0u64..).zip(events).map(|(at, (_, _, event))| Event { index: at, ..event });
    History::from_events(numbered).unwrap()
}

#[test]
fn the_least_bound_makes_a_history_linearizable_and_no_less_does() {
    let (mut stale, options) = (0, Options::default());
    for seed in 0..3_000 {
        let history = some_history(seed);
        let view = session_view(&history).unwrap();
        let staleness = measure(&Versioned::new(&history, &view, &Budget::default()));
        let Some(bound) = staleness.bound_ns.filter(|&bound| bound > 0) else { continue };
        let holds = |by| {
            let history = moved(&history, by);
            linearizability::check(&history, ModelKind::Register, &options).verdict.is_valid()
        };
        assert!(holds(bound) && !holds(bound - 1), "seed {seed}, {bound}: {history:?}");
        stale += 1;
    }
    assert!(stale > 200, "{stale}");
}
