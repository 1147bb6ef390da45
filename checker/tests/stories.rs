//! What is said of a violation is true of the whole history, not only of its witness.

use rashomon_checker::linearizability::{self, Options};
use rashomon_checker::{
    AnomalyClass, Event, EventKind, History, ModelKind, ProcessId, Value, verify,
};

/// A register history, an event a word: `0>w41` process 0 writes 41, `0<` it is done, `2>r` process
/// 2 reads, `2<41` it read 41.
fn history(text: &str) -> History {
    let mut written = std::collections::BTreeMap::new();
    let events = text.split_whitespace().zip(0..).map(|(word, index)| {
        let process = ProcessId(word[..1].parse().expect("a process"));
        let (kind, f, value) = match (&word[1..2], &word[2..]) {
            (">", "r") => (EventKind::Invoke, "read", Value::Nil),
            (">", write) => {
                written.insert(process, write[1..].parse::<i64>().expect("a number"));
                (EventKind::Invoke, "write", Value::Int(written[&process]))
            }
            (_, "") => (EventKind::Ok, "write", Value::Int(written[&process])),
            (_, read) => (EventKind::Ok, "read", Value::Int(read.parse().expect("a number"))),
        };
        Event::new(index, process, kind, f, value)
    });
    History::from_events(events.collect::<Vec<_>>()).expect("well formed")
}

#[test]
fn a_stale_read_is_not_called_a_read_from_nowhere() {
    for text in [
        "0>w41 0< 1>w42 1< 2>r 2<41",
        "0>w40 0< 0>w41 0< 1>w42 1< 1>w43 1< 2>r 2<41",
        "0>w41 0< 1>w42 3>r 3<42 1< 2>r 2<41",
    ] {
        for model in [ModelKind::Register, ModelKind::CasRegister] {
            let report = linearizability::check(&history(text), model, &Options::default());
            let anomaly = report.verdict.anomalies().next().expect(text);
            assert_eq!(anomaly.class, AnomalyClass::StaleRead, "{text}\n{anomaly:#?}");
            assert!((2..=4).contains(&anomaly.witness.operations.len()), "{text}\n{anomaly:#?}");
        }
    }
}

#[test]
fn a_stale_read_of_a_text_or_a_list_keeps_the_write_of_what_it_read() {
    let text = |number: i64| Value::str(&number.to_string());
    let list = |number: i64| Value::list([Value::Int(number), Value::Nil]);
    for of in [text, list] {
        for model in [ModelKind::Register, ModelKind::CasRegister] {
            let mut events = Vec::new();
            let mut said = |process, kind, f, value| {
                let index = events.len() as u64;
                events.push(Event::new(index, ProcessId(process), kind, f, value));
            };
            for number in 0..3 {
                said(0, EventKind::Invoke, "write", of(number));
                said(0, EventKind::Ok, "write", Value::Nil);
            }
            said(1, EventKind::Invoke, "read", Value::Nil);
            said(1, EventKind::Ok, "read", of(1));
            let history = History::from_events(events).expect("well formed");
            let report = linearizability::check(&history, model, &Options::default());
            let anomaly = report.verdict.anomalies().next().expect("an anomaly");
            assert_eq!(anomaly.class, AnomalyClass::StaleRead, "{model}: {anomaly:#?}");
            assert_eq!(anomaly.witness.operations.len(), 3, "{model}: {anomaly:#?}");
        }
    }
}

/// A history of operations that return, of one process each and one after the other.
fn in_turn(ops: &[(u32, &str, Value, Value)]) -> History {
    let events = (0..).zip(ops).flat_map(|(at, (process, f, argument, ret))| {
        let event = |index, kind, value: &Value| {
            Event::new(index, ProcessId(*process), kind, f, value.clone())
        };
        [event(2 * at, EventKind::Invoke, argument), event(2 * at + 1, EventKind::Ok, ret)]
    });
    History::from_events(events).expect("well formed")
}

/// What is wrong, told; nothing if nothing is.
fn told(model: ModelKind, ops: &[(u32, &str, Value, Value)]) -> Option<(AnomalyClass, String)> {
    let report = linearizability::check(&in_turn(ops), model, &Options::default());
    assert!(!report.verdict.is_unknown(), "{report:#?}");
    let anomaly = report.verdict.anomalies().next()?;
    verify::anomaly(anomaly).expect("the witness is one");
    let facts: Vec<&str> = anomaly.facts.iter().map(|fact| &*fact.text).collect();
    Some((anomaly.class, format!("{}\n{}", anomaly.summary, facts.join("\n"))))
}

const NIL: Value = Value::Nil;
const TRUE: Value = Value::Bool(true);
const FALSE: Value = Value::Bool(false);

#[test]
fn a_set_that_is_wrong_only_by_what_changes_said_is_a_violation() {
    let one = || Value::Int(1);
    let twice = [(0, "add", one(), TRUE), (1, "add", one(), TRUE)];
    let (_, text) = told(ModelKind::Set, &twice).unwrap();
    assert!(text.contains("added 1, which was new"), "{text}");
    let missed = [(0, "add", one(), NIL), (1, "remove", one(), FALSE)];
    let (_, text) = told(ModelKind::Set, &missed).unwrap();
    assert!(text.contains("removed 1, which was not there"), "{text}");
    let found = [(0, "add", one(), FALSE)];
    let (_, text) = told(ModelKind::Set, &found).unwrap();
    assert!(text.contains("added 1, which was there already"), "{text}");
    let removed = [(0, "remove", one(), TRUE)];
    assert!(told(ModelKind::Set, &removed).is_some());
    let again = [
        (0, "add", one(), TRUE),
        (0, "remove", one(), TRUE),
        (0, "add", one(), FALSE),
        (0, "read", NIL, Value::list([one()])),
    ];
    assert!(told(ModelKind::Set, &again).is_some());
}

#[test]
fn a_completion_that_repeats_the_element_says_nothing_of_change() {
    for element in [Value::Int(1), TRUE, FALSE, Value::str("a")] {
        let add = || (0, "add", element.clone(), element.clone());
        let remove = || (1, "remove", element.clone(), element.clone());
        let ops = [add(), add(), remove(), remove(), add()];
        assert_eq!(told(ModelKind::Set, &ops), None, "{element}");
    }
}

#[test]
fn a_peek_that_shows_what_is_not_next_is_a_violation() {
    let cases = [
        (ModelKind::Queue, "enqueue", 2),
        (ModelKind::Stack, "push", 1),
        (ModelKind::PriorityQueue, "insert", 2),
    ];
    for (model, put, wrong) in cases {
        let peeks = |shown| {
            let put = |element| (0, put, Value::Int(element), NIL);
            told(model, &[put(1), put(2), (1, "peek", NIL, Value::Int(shown))])
        };
        let (_, text) = peeks(wrong).unwrap();
        assert!(text.contains(&format!("did peek and got {wrong}")), "{text}");
        assert_eq!(peeks(3 - wrong), None, "{model}");
    }
}

#[test]
fn a_deque_gives_from_the_end_that_was_asked() {
    let put = [(0, "push-back", Value::Int(1), NIL), (0, "push-front", Value::Int(2), NIL)];
    let ends = |last: &[(u32, &'static str, Value, Value)]| {
        told(ModelKind::Deque, &[&put[..], last].concat())
    };
    assert_eq!(
        ends(&[
            (1, "peek-front", NIL, Value::Int(2)),
            (1, "pop-back", NIL, Value::Int(1)),
            (1, "pop-back", NIL, Value::Int(2)),
            (1, "pop-front", NIL, NIL),
        ]),
        None
    );
    let (_, text) = ends(&[(1, "pop-back", NIL, Value::Int(2))]).unwrap();
    assert!(text.contains("pushed 2 at the front"), "{text}");
    assert!(ends(&[(1, "peek-front", NIL, NIL)]).is_some());
}

#[test]
fn a_lock_held_by_two_is_told_as_such() {
    let (class, text) =
        told(ModelKind::Mutex, &[(0, "acquire", NIL, NIL), (1, "acquire", NIL, TRUE)]).unwrap();
    assert_eq!(class, AnomalyClass::DoubleAcquire);
    assert!(text.contains("p1 acquired the lock"), "{text}");
    let foreign = [(0, "acquire", NIL, NIL), (1, "release", NIL, NIL)];
    let (_, text) = told(ModelKind::Mutex, &foreign).unwrap();
    assert!(text.contains("which its process did not hold"), "{text}");
    let refused = [
        (0, "acquire", NIL, TRUE),
        (1, "acquire", NIL, FALSE),
        (1, "release", NIL, FALSE),
        (0, "release", NIL, TRUE),
        (1, "acquire", NIL, TRUE),
    ];
    assert_eq!(told(ModelKind::Mutex, &refused), None);
    let free = [(0, "acquire", NIL, FALSE)];
    let (_, text) = told(ModelKind::Mutex, &free).unwrap();
    assert!(text.contains("found the lock held"), "{text}");
}
