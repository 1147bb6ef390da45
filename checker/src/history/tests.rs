use super::*;
use crate::EventKind::{Fail, Info, Invoke, Ok as Done};

fn event(index: u64, process: u32, kind: EventKind, f: &str, value: impl Into<Value>) -> Event {
    Event::new(index, ProcessId(process), kind, f, value.into())
}

use crate::EventKind;

#[test]
fn an_operation_pairs_an_invocation_with_its_completion() {
    let history = History::from_events([
        Event { key: Some(Value::str("x")), ..event(10, 0, Invoke, "write", 5) },
        event(11, 1, Invoke, "read", Value::Nil),
        event(13, 1, Done, "read", 1 << 40),
        event(14, 0, Info, "write", 5),
        event(15, 2, Invoke, "cas", Value::list([Value::Int(1), Value::Int(2)])),
        event(16, 2, Fail, "cas", Value::Nil),
        event(17, 3, Invoke, "read", Value::Nil),
    ])
    .unwrap();
    assert_eq!(history.len(), 4);
    let write = history.operation(OpIndex(0));
    assert_eq!(write.key, Some(&Value::str("x")));
    assert_eq!(write.argument, Value::Int(5));
    assert_eq!((write.outcome, write.completed), (Outcome::Indeterminate, None));
    assert_eq!(write.event_index, 10);
    let read = history.operation(OpIndex(1));
    assert_eq!(read.outcome, Outcome::Ok(Value::Int(1 << 40)));
    assert_eq!(read.completed, Some(Position(2)));
    assert_eq!(history.operation(OpIndex(2)).outcome, Outcome::Fail);
    assert_eq!(history.operation(OpIndex(3)).outcome, Outcome::Indeterminate);
    assert_eq!(history.counts(), OutcomeCounts { ok: 1, fail: 1, indeterminate: 2 });
    assert_eq!(history.counts_by_f()["read"].ok, 1);
    assert_eq!(history.peak_concurrency(), 2);
}

#[test]
fn values_of_every_size_come_back() {
    let edge = 1i64 << 30;
    for number in [0, 1, -1, edge - 1, edge, -edge, -edge - 1, i64::MAX, i64::MIN] {
        let history = History::from_events([event(0, 0, Invoke, "write", number)]).unwrap();
        assert_eq!(history.operation(OpIndex(0)).argument, Value::Int(number));
    }
}

#[test]
fn a_process_has_one_op_in_flight() {
    let refused = History::from_events([
        event(3, 0, Invoke, "read", Value::Nil),
        event(4, 0, Invoke, "read", Value::Nil),
    ])
    .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "event 4: process 0 invoked an op while its op at event 3 is in flight"
    );
}

#[test]
fn a_completion_answers_the_invocation_before_it() {
    let orphan = History::from_events([event(0, 7, Done, "read", 1)]).unwrap_err();
    assert_eq!(orphan, HistoryError::Orphan { index: 0, process: Arc::from("7") });
    let other = History::from_events([
        event(0, 0, Invoke, "read", Value::Nil),
        event(1, 0, Done, "write", 1),
    ]);
    assert!(matches!(other, Err(HistoryError::OtherFunction { .. })));
    let key = History::from_events([
        event(0, 0, Invoke, "read", Value::Nil),
        Event { key: Some(Value::Int(1)), ..event(1, 0, Done, "read", 1) },
    ]);
    assert!(matches!(key, Err(HistoryError::OtherKey { .. })));
}

#[test]
fn a_refused_event_changes_nothing() {
    let mut builder = HistoryBuilder::new();
    builder.push(&event(0, 0, Invoke, "write", 1)).unwrap();
    builder.push(&event(0, 1, Invoke, "write", 2)).unwrap_err();
    builder.push(&event(1, 1, Done, "write", 2)).unwrap_err();
    builder.push(&event(2, 0, Done, "write", 1)).unwrap();
    let history = builder.finish();
    assert_eq!((history.len(), history.event_count()), (1, 2));
}

/// Events with all that few of them say: gaps in their numbers, errors, fields of others, another node.
fn adorned(seed: u64) -> Vec<Event> {
    let mut chance = crate::agreement::Chance::new(seed);
    let mut number = 0;
    let mut events = crate::agreement::events(crate::ModelKind::CasRegister, &mut chance);
    let keyed = chance.one_in(2);
    for event in &mut events {
        number += if chance.one_in(5) { 3 } else { 1 };
        event.index = number;
        event.time = Time(number * 10);
        event.key = (keyed && (event.kind == Invoke || !chance.one_in(4))).then_some(Value::Int(7));
        event.node = chance.one_in(3).then(|| Arc::from(chance.pick(&["n1", "n2"])));
        event.is_final = chance.one_in(4);
        event.error = chance.one_in(4).then(|| Value::keyword("timeout"));
        if chance.one_in(4) {
            event.extra.push((Arc::from("session"), Value::Int(3)));
        }
        if event.kind != Invoke && event.kind != Done && chance.one_in(2) {
            event.value = Value::str("what it said");
        }
    }
    events
}

#[test]
fn all_that_events_say_comes_back_as_it_was() {
    for seed in 0..5_000 {
        let events = adorned(seed);
        let history = History::from_events(events.clone()).unwrap();
        assert_eq!(history.events().collect::<Vec<_>>(), events, "seed {seed}");
        for slice in Slices::new(&history, 1).iter() {
            for event in slice.events() {
                assert!(events.contains(&event), "seed {seed}: {event:?}");
            }
        }
    }
}

#[test]
fn errors_and_fields_of_others_can_be_asked_for() {
    let version = || (Arc::from("version"), Value::Int(9));
    let history = History::from_events([
        Event { extra: vec![version()], ..event(0, 0, Invoke, "read", Value::Nil) },
        Event { error: Some(Value::str("late")), ..event(1, 0, Info, "read", Value::Nil) },
    ])
    .unwrap();
    assert_eq!(history.error_of(OpIndex(0)), Some(&Value::str("late")));
    assert_eq!(history.extra_of(OpIndex(0), "version"), Some(&Value::Int(9)));
    assert_eq!(history.extra_of(OpIndex(0), "context"), None);
}

/// What says nothing besides takes no room.
#[test]
fn a_plain_history_holds_nothing_beside_its_columns() {
    let mut builder = HistoryBuilder::new();
    let mut before = 0;
    for index in 0..1_000_u64 {
        let kind = if index % 2 == 0 { Invoke } else { Fail };
        builder.push(&event(index, 0, kind, "write", 1)).unwrap();
        before += usize::from(index % 2 == 0) * History::COLUMNS;
    }
    let history = builder.finish();
    assert_eq!(history.bytes(), before + size_of::<Value>());
}
