//! Sessions as a line of text, for tests.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{ReadOrWrite, Sessions, Source};

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
