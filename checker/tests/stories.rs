//! What is said of a violation is true of the whole history, not only of its witness.

use rashomon_checker::linearizability::{self, Options};
use rashomon_checker::{AnomalyClass, Event, EventKind, History, ModelKind, ProcessId, Value};

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
