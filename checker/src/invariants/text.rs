//! Histories as a line of text, for tests.

use crate::{Event, EventKind, History, ProcessId, Time, Value};

/// Reads a history. `0>add:1` process 0 asks to add 1; `0<` it is done, `0<1` it returned 1; `0?` nobody
/// knows; `0!` it failed. `0>read*` is a final read, at a node of the process's number. Values are
/// numbers, `_` for nil, `no` for false, names, and lists in brackets: `[x,1]`. `k/add:1` is of key k, and
/// `0@3>read` asks node n3.
pub(super) fn history(text: &str) -> History {
    let mut asked: Vec<Event> = Vec::new();
    let mut events: Vec<Event> = Vec::new();
    for word in text.split_whitespace() {
        let at = word.find(['>', '<', '?', '!']).unwrap();
        let (process, asked_node) =
            word[..at].split_once('@').map_or((&word[..at], None), |(it, node)| (it, Some(node)));
        let process = ProcessId(process.parse().unwrap());
        let rest = &word[at + 1..];
        let index = events.len() as u64;
        let event = if word.as_bytes()[at] == b'>' {
            let (key, rest) =
                rest.split_once('/').map_or((None, rest), |(key, it)| (Some(key), it));
            let (f, argument) = rest.split_once(':').unwrap_or((rest, "_"));
            let is_final = f.ends_with('*');
            let f = f.trim_end_matches('*');
            let event = Event::new(index, process, EventKind::Invoke, f, value(argument));
            let own = is_final.then(|| process.0.to_string());
            let node = asked_node.map(str::to_owned).or(own).map(|it| format!("n{it}").into());
            let event = Event { key: key.map(Value::str), is_final, node, ..event };
            asked.retain(|it| it.process != process);
            asked.push(event.clone());
            event
        } else {
            let kind = match word.as_bytes()[at] {
                b'<' => EventKind::Ok,
                b'?' => EventKind::Info,
                _ => EventKind::Fail,
            };
            let asked = asked.iter().find(|it| it.process == process).unwrap();
            let value = if rest.is_empty() { Value::Nil } else { value(rest) };
            Event { index, kind, value, ..asked.clone() }
        };
        events.push(Event { time: Time(index * 1_000_000), ..event });
    }
    History::from_events(events).unwrap()
}

fn value(text: &str) -> Value {
    if let Some(inner) = text.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
        let mut items = Vec::new();
        let (mut depth, mut start) = (0, 0);
        for (at, letter) in inner.char_indices() {
            match letter {
                '[' => depth += 1,
                ']' => depth -= 1,
                ',' if depth == 0 => {
                    items.push(value(&inner[start..at]));
                    start = at + 1;
                }
                _ => {}
            }
        }
        if !inner.is_empty() {
            items.push(value(&inner[start..]));
        }
        return Value::list(items);
    }
    match text {
        "_" => Value::Nil,
        "no" => Value::Bool(false),
        text => text.parse().map_or_else(|_| Value::str(text), Value::Int),
    }
}
