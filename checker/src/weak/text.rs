//! Sessions as a line of text, for tests.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{ReadOrWrite, Sessions, Source};
use crate::{Event, EventKind, History, ProcessId, Time, Value};

/// Reads sessions from a line: `wx1 wy2 | ry2 rx_` has one session that writes 1 to x and 2 to y,
/// and one that reads 2 from y and then the initial value of x. No value is written to a key twice.
///
/// # Panics
///
/// If the text is something else, or a read is of a value that is not written.
pub fn sessions(text: &str) -> Sessions {
    let words = || text.split('|').map(str::split_whitespace);
    let writes = words().flatten().zip(0u32..).filter(|(word, _)| word.starts_with('w'));
    let mut op_of = BTreeMap::new();
    for (word, op) in writes {
        assert_eq!(op_of.insert(&word[1..], op), None, "{word} is there twice");
    }
    let mut sessions = Sessions::new();
    for session in words() {
        for word in session {
            let key = u32::from(word.as_bytes()[1] - b'a');
            let access = match (&word[..1], &word[2..]) {
                ("w", _) => ReadOrWrite::Write,
                ("r", "_") => ReadOrWrite::Read(Source::Initial),
                ("r", _) => ReadOrWrite::Read(Source::Write(op_of[&word[1..]])),
                _ => panic!("{word} is neither wx1 nor rx1 nor rx_"),
            };
            sessions.push(key, access);
        }
        sessions.end_session();
    }
    sessions
}

/// The line that [`sessions`] reads, with the numbers of the writes as their values.
pub fn line(sessions: &Sessions) -> String {
    let mut line = String::new();
    for session in 0..sessions.count() {
        line.push_str(if session == 0 { "" } else { "| " });
        for op in sessions.ops(session) {
            let key = char::from(b'a' + u8::try_from(sessions.key(op)).unwrap_or(25));
            let _ = match sessions.access(op) {
                ReadOrWrite::Write => write!(line, "w{key}{op} "),
                ReadOrWrite::Read(Source::Initial) => write!(line, "r{key}_ "),
                ReadOrWrite::Read(Source::Write(write)) => write!(line, "r{key}{write} "),
            };
        }
    }
    line.trim_end().to_owned()
}

/// The history of these sessions, in which no two operations overlap: the sessions take turns. Values
/// are the numbers of the writes, keys are `a`, `b` and so on, and each session is a process.
///
/// # Panics
///
/// If there are more than 26 keys.
pub fn history_of(sessions: &Sessions) -> History {
    let turn = |op: u32| {
        let session = sessions.session(op);
        (op - sessions.ops(session).start, session)
    };
    let mut order: Vec<u32> = (0..sessions.len()).collect();
    order.sort_by_key(|&op| turn(op));
    let mut spans = vec![(0, 0); order.len()];
    for (at, op) in (0u64..).zip(order) {
        spans[op as usize] = (2 * at, 2 * at + 1);
    }
    history_in(sessions, &spans)
}

/// The history of these sessions, with these times for the begin and end of each operation.
///
/// # Panics
///
/// If there are more than 26 keys, or operations of a session overlap.
pub fn history_in(sessions: &Sessions, spans: &[(u64, u64)]) -> History {
    let mut events: Vec<Event> = Vec::new();
    for (op, &(begin, end)) in (0u32..).zip(spans) {
        let (f, argument, returned) = match sessions.access(op) {
            ReadOrWrite::Write => ("write", Value::Int(op.into()), Value::Nil),
            ReadOrWrite::Read(Source::Initial) => ("read", Value::Nil, Value::Nil),
            ReadOrWrite::Read(Source::Write(write)) => {
                ("read", Value::Nil, Value::Int(write.into()))
            }
        };
        let session = u32::try_from(sessions.session(op)).expect("there are few sessions");
        let key = char::from(b'a' + u8::try_from(sessions.key(op)).expect("there are few keys"));
        let event = |at, kind, value| Event {
            key: Some(Value::from(key.to_string().as_str())),
            time: Time(at),
            ..Event::new(at, ProcessId(session), kind, f, value)
        };
        events.push(event(begin, EventKind::Invoke, argument));
        events.push(event(end, EventKind::Ok, returned));
    }
    events.sort_by_key(|event| event.index);
    History::from_events(events).expect("no operation overlaps another of its session")
}

/// [`history_in`] of a line as [`sessions`] reads it, each word of which may tell its times:
/// `wx1@0-5 | rx1@1-2`. Without any, it is [`history_of`].
///
/// # Panics
///
/// If the text is something else.
pub fn history_of_line(text: &str) -> History {
    let without = |word: &str| word.split('@').next().expect("there is a first part").to_owned();
    let words: Vec<String> = text.split_whitespace().map(without).collect();
    let sessions = sessions(&words.join(" "));
    let span = |word: &str| {
        let (begin, end) = word.split_once('@')?.1.split_once('-')?;
        Some((begin.parse().expect("a time"), end.parse().expect("a time")))
    };
    let all = text.split_whitespace().filter(|word| *word != "|");
    let spans: Option<Vec<(u64, u64)>> = all.map(span).collect();
    spans.map_or_else(|| history_of(&sessions), |spans| history_in(&sessions, &spans))
}

/// A history from lines: process, kind (`invoke`, `ok`, `fail`, `info`), function, and value if there is
/// one.
///
/// # Panics
///
/// If the lines are something else.
pub fn history_of_events(lines: &str) -> History {
    let events = lines.lines().map(str::split_whitespace).zip(0u64..).map(|(mut words, at)| {
        let process = ProcessId(words.next().expect("a process").parse().expect("a number"));
        let kind = match words.next().expect("a kind") {
            "invoke" => EventKind::Invoke,
            "ok" => EventKind::Ok,
            "fail" => EventKind::Fail,
            _ => EventKind::Info,
        };
        let f = words.next().expect("a function");
        let value =
            words.next().map_or(Value::Nil, |word| Value::Int(word.parse().expect("a number")));
        Event::new(at, process, kind, f, value)
    });
    History::from_events(events).expect("the events are well formed")
}
