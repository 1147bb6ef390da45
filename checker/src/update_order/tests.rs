use std::collections::BTreeMap;

use super::Rule;
use super::report::check;
use crate::EventKind::{Info, Invoke, Ok as Done};
use crate::agreement::{RULES, compare_rule, lagging};
use crate::linearizability::{self, Options};
use crate::plant::{self, Bug};
use crate::{Event, EventKind, History, ModelKind, ProcessId, Value, verify};

#[test]
fn all_rules_agree_with_brute_force_and_their_witnesses_with_the_verifier() {
    for rule in RULES {
        let mut counts = BTreeMap::new();
        for seed in 0..3_000 {
            compare_rule(seed, rule, &mut counts).unwrap_or_else(|told| panic!("{told}"));
        }
        let often = |what: &str| counts.get(what).is_some_and(|&count| count >= 50);
        for what in ["valid by blocks", "invalid by blocks", "valid by search", "invalid by search"]
        {
            assert!(often(what), "{rule:?}: {what} is rare: {counts:?}");
        }
    }
}

#[test]
fn each_mistake_planted_in_the_order_of_updates_is_caught() {
    for bug in [
        Bug::OrderForgetFresh,
        Bug::OrderForgetFuture,
        Bug::OrderForgetWithin,
        Bug::OrderForgetCircles,
        Bug::OrderForgetMisses,
        Bug::OrderForgetLost,
        Bug::OverlapFromTheLeftOnly,
        Bug::OrderReadsInTurn,
    ] {
        let caught = (0..40_000).any(|seed| {
            let wrong = |rule| compare_rule(seed, rule, &mut BTreeMap::new()).is_err();
            plant::with(bug, || RULES.into_iter().any(wrong))
        });
        assert!(caught, "{bug:?} is not caught");
    }
}

#[test]
fn what_is_linearizable_is_regular_and_what_is_regular_is_safe_and_prefix_consistent() {
    let mut apart = [0; 3];
    for seed in 0..3_000 {
        let (history, failed_cas) = lagging(seed);
        let options = Options { failed_cas, ..Options::default() };
        let model = ModelKind::CasRegister;
        let linearizable = linearizability::check(&history, model, &options).verdict.is_valid();
        let [regular, safe, prefix] =
            RULES.map(|rule| check(&history, rule, &options).verdict.is_valid());
        let holds = linearizable <= regular && regular <= safe && regular <= prefix;
        assert!(holds, "seed {seed}: {history:?}");
        apart[0] += u64::from(linearizable != regular);
        apart[1] += u64::from(regular != prefix);
        apart[2] += u64::from(regular != safe);
    }
    assert!(apart.iter().all(|&count| count >= 10), "they differ now and then: {apart:?}");
}

/// Events by hand: `(process, kind, f, value)`.
fn by_hand(events: &[(u32, EventKind, &str, Value)]) -> History {
    let events = (0u64..).zip(events).map(|(index, (process, kind, f, value))| {
        Event::new(index, ProcessId(*process), *kind, f, value.clone())
    });
    History::from_events(events).unwrap()
}

/// The class of the anomaly by each rule, if there is one.
fn classes(history: &History) -> [Option<&'static str>; 3] {
    RULES.map(|rule| {
        let verdict = check(history, rule, &Options::default()).verdict;
        assert!(!verdict.is_unknown(), "{verdict:?}");
        verdict.anomalies().next().map(|anomaly| {
            verify::anomaly(anomaly).unwrap();
            anomaly.class.name()
        })
    })
}

fn read(process: u32, value: i64) -> [(u32, EventKind, &'static str, Value); 2] {
    let value = Value::Int(value);
    [(process, Invoke, "read", Value::Nil), (process, Done, "read", value)]
}

#[test]
fn two_reads_may_not_each_have_another_of_two_overlapping_writes_as_the_last() {
    let mut events = vec![
        (0, Invoke, "write", Value::Int(1)),
        (1, Invoke, "write", Value::Int(2)),
        (0, Done, "write", Value::Nil),
        (1, Done, "write", Value::Nil),
    ];
    events.extend(read(0, 1));
    assert_eq!(classes(&by_hand(&events)), [None; 3]);
    events.extend(read(1, 2));
    assert_eq!(classes(&by_hand(&events)), [Some("non-regular"), Some("non-safe"), None]);
}

#[test]
fn a_value_that_two_swaps_made_something_of_has_no_order() {
    let swap = |new| Value::list([Value::Int(1), Value::Int(new)]);
    let mut events = vec![
        (0, Invoke, "write", Value::Int(1)),
        (0, Done, "write", Value::Nil),
        (1, Invoke, "cas", swap(2)),
        (1, Info, "cas", Value::Nil),
        (2, Invoke, "cas", swap(3)),
        (2, Info, "cas", Value::Nil),
    ];
    events.extend(read(3, 2));
    assert_eq!(classes(&by_hand(&events)), [None; 3]);
    events.extend(read(4, 3));
    assert_eq!(classes(&by_hand(&events)).map(|class| class.is_some()), [true, false, true]);
}

#[test]
fn a_cas_that_finds_another_value_than_the_only_one_is_told_without_reads() {
    let swap = Value::list([Value::Int(1), Value::Int(3)]);
    let events = [
        (0, Invoke, "write", Value::Int(1)),
        (0, Done, "write", Value::Nil),
        (1, Invoke, "cas", swap),
        (1, Done, "cas", Value::Bool(false)),
    ];
    assert_eq!(classes(&by_hand(&events)), [Some("non-linearizable"); 3]);
}

#[test]
fn a_read_is_never_of_what_had_not_begun_to_be_written_or_had_failed() {
    let mut events = Vec::from(read(0, 1));
    assert_eq!(classes(&by_hand(&events)), [Some("read-from-nowhere"); 3]);
    events.extend([(1, Invoke, "write", Value::Int(1)), (1, Done, "write", Value::Nil)]);
    assert_eq!(classes(&by_hand(&events)), [Some("future-read"); 3]);
    events[3].1 = EventKind::Fail;
    events.rotate_left(2);
    assert_eq!(classes(&by_hand(&events)), [Some("false-failure"); 3]);
}

#[test]
fn long_histories_without_repeats_are_decided_without_search() {
    let mut events = Vec::new();
    let count = 5_000;
    for value in 1..=count {
        let (process, other) = (u32::from(value % 2 == 0), 2 + u32::from(value % 2 == 0));
        events.push((process, Invoke, "write", Value::Int(value)));
        // Reads lag by one while the write overlaps them.
        let held = if value == 1 { Value::Nil } else { Value::Int(value - 1) };
        for seen in [Value::Int(value), held] {
            events.push((other, Invoke, "read", Value::Nil));
            events.push((other, Done, "read", seen));
        }
        events.push((process, Done, "write", Value::Nil));
        let swap = Value::list([Value::Int(value - 1), Value::Int(-value)]);
        events.push((process, Invoke, "cas", swap));
        events.push((process, Done, "cas", Value::Bool(false)));
    }
    let history = by_hand(&events);
    for rule in RULES {
        let report = check(&history, rule, &Options::default());
        assert!(report.verdict.is_valid(), "{:?}", report.verdict);
        assert_eq!(report.parts[0].configurations, 0);
    }
    // A read of what was overwritten long ago.
    events.extend(read(9, count / 2));
    let history = by_hand(&events);
    assert_eq!(classes(&history), [Some("stale-read"), Some("stale-read"), None]);
    let verdict = check(&history, Rule::Regular, &Options::default()).verdict;
    let anomaly = verdict.anomalies().next().unwrap();
    assert_eq!(anomaly.witness.operations.len(), 3, "{anomaly:?}");
}

#[test]
fn what_a_register_does_not_understand_is_unknown() {
    let events = [(0, Invoke, "append", Value::Int(1)), (0, Done, "append", Value::Nil)];
    for rule in RULES {
        let verdict = check(&by_hand(&events), rule, &Options::default()).verdict;
        assert!(verdict.is_unknown(), "{verdict:?}");
    }
}
