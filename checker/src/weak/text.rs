//! Sessions as a line of text, for tests.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{ReadOrWrite, Sessions, Source};
use crate::{Event, EventKind, History, ProcessId, Time, Value};

/// Reads sessions from a line: `wx1 wy2 | ry2 rx_` has one session that writes 1 to x and 2 to y,
/// and one that reads 2 from y and then the initial value of x. `ux1:2` has 2 take the place of 1 in x, in
/// one step. No value is written to a key twice. `wx1?` is a write that branches off, unless it is the
/// last of its session.
///
/// # Panics
///
/// If the text is something else, or a read is of a value that is not written.
pub fn sessions(text: &str) -> Sessions {
    let all = text.split_whitespace().filter(|word| *word != "|");
    let chosen = (0u32..).zip(all).filter(|(_, word)| word.ends_with('?'));
    let chosen: Vec<u32> = chosen.map(|(op, _)| op).collect();
    branched(&plain(&text.replace('?', "")), |op| chosen.contains(&op))
}

/// These sessions, where each write that is `chosen`, no update and not the last of its session branches off.
///
/// # Panics
///
/// If there are branches by then.
pub fn branched(sessions: &Sessions, mut chosen: impl FnMut(u32) -> bool) -> Sessions {
    let mut order: Vec<u32> = Vec::new();
    let mut ends = Vec::new();
    for session in 0..sessions.count() {
        let (start, end) = (order.len(), sessions.ops(session).end);
        let mut branches = Vec::new();
        for op in sessions.ops(session) {
            if sessions.access(op) == ReadOrWrite::Write && op + 1 < end && chosen(op) {
                branches.push((op, order.len().checked_sub(1).filter(|&trunk| trunk >= start)));
            } else {
                order.push(op);
            }
        }
        ends.push((order.len(), None));
        for (op, trunk) in branches {
            order.push(op);
            ends.push((order.len(), trunk));
        }
    }
    let number = |op: usize| u32::try_from(op).expect("there are few operations");
    let place = |op: u32| number(order.iter().position(|&it| it == op).expect("it is there"));
    let mut these = Sessions::new();
    let mut rest = &order[..];
    for (end, trunk) in ends {
        let (now, later) = rest.split_at(end - these.len() as usize);
        for &op in now {
            these.push(number(sessions.key(op)), sessions.access(op).renamed(place));
        }
        match trunk {
            Some(trunk) => these.end_branch(number(trunk)),
            None => these.end_session(),
        }
        rest = later;
    }
    these
}

/// Sessions without branches.
fn plain(text: &str) -> Sessions {
    let words = || text.split('|').map(str::split_whitespace);
    let mut op_of = BTreeMap::new();
    for (word, op) in words().flatten().zip(0u32..) {
        let value = match &word[..1] {
            "w" => &word[2..],
            "u" => word.split(':').nth(1).expect("an update writes"),
            _ => continue,
        };
        let old = op_of.insert((&word[1..2], value), op);
        assert_eq!(old, None, "{word} is there twice");
    }
    let mut sessions = Sessions::new();
    for session in words() {
        for word in session {
            let key = u32::from(word.as_bytes()[1] - b'a');
            let source = |value| match value {
                "_" => Source::Initial,
                _ => Source::Write(op_of[&(&word[1..2], value)]),
            };
            let access = match (&word[..1], &word[2..]) {
                ("w", _) => ReadOrWrite::Write,
                ("r", value) => ReadOrWrite::Read(source(value)),
                ("u", values) => {
                    ReadOrWrite::Update(source(values.split(':').next().expect("an update reads")))
                }
                _ => panic!("{word} is none of wx1, rx1, rx_, ux1:2"),
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
    for session in (0..sessions.count()).filter(|&it| sessions.trunk(it).is_none()) {
        line.push_str(if line.is_empty() { "" } else { "| " });
        for op in sessions.ops(session) {
            let _ = write!(line, "{} ", word(sessions, op));
            for branch in (0..sessions.count()).filter(|&it| sessions.trunk(it) == Some(op)) {
                for write in sessions.ops(branch) {
                    let _ = write!(line, "{}? ", word(sessions, write));
                }
            }
        }
    }
    line.trim_end().to_owned()
}

fn word(sessions: &Sessions, op: u32) -> String {
    let key = char::from(b'a' + u8::try_from(sessions.key(op)).unwrap_or(25));
    let value = |source| match source {
        Source::Initial => "_".to_owned(),
        Source::Write(write) => write.to_string(),
    };
    match sessions.access(op) {
        ReadOrWrite::Write => format!("w{key}{op}"),
        ReadOrWrite::Read(source) => format!("r{key}{}", value(source)),
        ReadOrWrite::Update(source) => format!("u{key}{}:{op}", value(source)),
    }
}

/// The history of these sessions, in which no two operations overlap: the sessions take turns. Values
/// are the numbers of the writes, keys are `a`, `b` and so on, and each session is a process; its branches
/// are writes of it of unknown outcome.
///
/// # Panics
///
/// If there are more than 26 keys.
pub fn history_of(sessions: &Sessions) -> History {
    let mut spans = vec![(0, 0); sessions.len() as usize];
    for (at, op) in (0u64..).zip(in_turn(sessions)) {
        spans[op as usize] = (2 * at, 2 * at + 1);
    }
    history_in(sessions, &spans)
}

/// The operations in the order in which [`history_of`] has them.
pub(crate) fn in_turn(sessions: &Sessions) -> Vec<u32> {
    let turn = |op: u32| {
        let session = sessions.session(op);
        let trunk = sessions.trunk(session);
        let (home, at) = trunk.map_or((session, op), |trunk| (sessions.session(trunk), trunk));
        (at - sessions.ops(home).start, home, trunk.is_some(), op)
    };
    let mut order: Vec<u32> = (0..sessions.len()).collect();
    order.sort_by_key(|&op| turn(op));
    order
}

/// The history of these sessions, with these times for the begin and end of each operation.
///
/// # Panics
///
/// If there are more than 26 keys, or operations of a session overlap.
pub fn history_in(sessions: &Sessions, spans: &[(u64, u64)]) -> History {
    let mut events: Vec<Event> = Vec::new();
    for (op, &(begin, end)) in (0u32..).zip(spans) {
        let value = |source| match source {
            Source::Initial => Value::Nil,
            Source::Write(write) => Value::Int(i64::from(write)),
        };
        let own = Value::Int(op.into());
        let (f, argument, returned) = match sessions.access(op) {
            ReadOrWrite::Write => ("write", own, Value::Nil),
            ReadOrWrite::Read(source) => ("read", Value::Nil, value(source)),
            ReadOrWrite::Update(source) => ("cas", Value::list([value(source), own]), Value::Nil),
        };
        let session = sessions.session(op);
        let trunk = sessions.trunk(session);
        let process = trunk.map_or(session, |trunk| sessions.session(trunk));
        let process = u32::try_from(process).expect("there are few sessions");
        let end_kind = if trunk.is_some() { EventKind::Info } else { EventKind::Ok };
        let key = char::from(b'a' + u8::try_from(sessions.key(op)).expect("there are few keys"));
        let event = |at, kind, value| Event {
            key: Some(Value::from(key.to_string().as_str())),
            time: Time(at),
            ..Event::new(at, ProcessId(process), kind, f, value)
        };
        events.push(event(begin, EventKind::Invoke, argument));
        events.push(event(end, end_kind, returned));
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
