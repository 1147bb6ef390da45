//! Transactions of tests, in short lines.

use crate::{Event, EventKind, History, ProcessId, Value};

/// A transaction of a test: its process, when it ran, how it ended, and what it did.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) process: u32,
    pub(super) span: (u64, u64),
    pub(super) end: EventKind,
    pub(super) parts: Vec<TestPart>,
}

/// What a part of it does to a list, or to a register.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum TestPart {
    Append(char, i64),
    Read(char, Vec<i64>),
    Write(char, i64),
    Get(char, Option<i64>),
}

/// A line a transaction: `0 1-4 ok ax1 ry[1,2]` of lists, `0 1-4 ok wx1 gy2 gz_` of registers.
pub(super) fn told(text: &str) -> Vec<Told> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let one = |line: &str| {
        let mut words = line.split_whitespace();
        let process = words.next().unwrap().parse().unwrap();
        let (from, to) = words.next().unwrap().split_once('-').unwrap();
        let end = match words.next().unwrap() {
            "ok" => EventKind::Ok,
            "fail" => EventKind::Fail,
            _ => EventKind::Info,
        };
        let part = |word: &str| {
            let key = word[1..].chars().next().unwrap();
            let rest = word[2..].trim_matches(['[', ']']);
            match &word[..1] {
                "a" => return TestPart::Append(key, rest.parse().unwrap()),
                "w" => return TestPart::Write(key, rest.parse().unwrap()),
                "g" => return TestPart::Get(key, rest.parse().ok()),
                _ => {}
            }
            let items = rest.split(',').filter(|it| !it.is_empty());
            TestPart::Read(key, items.map(|it| it.parse().unwrap()).collect())
        };
        let span = (from.parse().unwrap(), to.parse().unwrap());
        Told { process, span, end, parts: words.map(part).collect() }
    };
    lines.map(one).collect()
}

pub(super) fn history(txns: &[Told]) -> History {
    let value = |txn: &Told, is_known: bool| {
        let part = |part: &TestPart| {
            let (f, key, value) = match part {
                TestPart::Append(key, element) => ("append", key, Value::Int(*element)),
                TestPart::Write(key, value) => ("w", key, Value::Int(*value)),
                TestPart::Get(key, Some(value)) if is_known => ("r", key, Value::Int(*value)),
                TestPart::Get(key, _) => ("r", key, Value::Nil),
                TestPart::Read(key, _) if !is_known => ("r", key, Value::Nil),
                TestPart::Read(key, list) => {
                    ("r", key, Value::list(list.iter().copied().map(Value::Int)))
                }
            };
            Value::list([Value::str(f), Value::str(&key.to_string()), value])
        };
        Value::list(txn.parts.iter().map(part))
    };
    let mut events: Vec<(u64, u32, EventKind, Value)> = Vec::new();
    for txn in txns {
        events.push((2 * txn.span.0, txn.process, EventKind::Invoke, value(txn, false)));
        let returned = value(txn, txn.end == EventKind::Ok);
        events.push((2 * txn.span.1 + 1, txn.process, txn.end, returned));
    }
    events.sort_by_key(|event| event.0);
    let event = |(at, (_, process, kind, value)): (u64, (u64, u32, EventKind, Value))| {
        Event::new(at, ProcessId(process), kind, "txn", value)
    };
    History::from_events((0..).zip(events).map(event)).unwrap()
}
