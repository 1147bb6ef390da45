//! Transactions of few parts, as a history is made of them.

use crate::{Event, EventKind, History, ProcessId, Value};

/// A transaction: its process, when it ran, how it ended, and what it did.
#[derive(Clone, Debug)]
pub(crate) struct ToldTxn {
    pub(crate) process: u32,
    pub(crate) span: (u64, u64),
    pub(crate) end: EventKind,
    pub(crate) parts: Vec<ToldPart>,
}

/// What a part of it does to a list, or to a register.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ToldPart {
    Append(char, i64),
    Read(char, Vec<i64>),
    Write(char, i64),
    Get(char, Option<i64>),
}

/// The history of them.
pub(crate) fn history(txns: &[ToldTxn]) -> History {
    let value = |txn: &ToldTxn, is_known: bool| {
        let part = |part: &ToldPart| {
            let (f, key, value) = match part {
                ToldPart::Append(key, element) => ("append", key, Value::Int(*element)),
                ToldPart::Write(key, value) => ("w", key, Value::Int(*value)),
                ToldPart::Get(key, Some(value)) if is_known => ("r", key, Value::Int(*value)),
                ToldPart::Get(key, _) => ("r", key, Value::Nil),
                ToldPart::Read(key, _) if !is_known => ("r", key, Value::Nil),
                ToldPart::Read(key, list) => {
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
    History::from_events((0..).zip(events).map(event)).expect("a process does one thing at a time")
}
