//! What Jepsen prints while it runs.
//!
//! A line an event, with or without the prefix of its logger; the fields, set apart by tabs, are
//! process, type, function, value, and an error perhaps:
//!
//! ```text
//! INFO  jepsen.util - 4   :invoke  :cas    [1 2]
//! INFO  jepsen.util - 4   :info    :cas    :timed-out
//! ```
//!
//! `history.txt` is the same without a prefix. Lines that say something else are passed over, and
//! counted. A last line without a line break is taken as it is, if it parses.

use std::sync::Arc;

use super::draft::{self, Draft, Scratch};
use super::edn::EdnParser;
use super::error::Fault;
use crate::{EventKind, Value};

/// What comes before an event in a line of the console.
const LOGGER: &[u8] = b"jepsen.util";

/// Whether the line may well be an event.
pub(super) fn looks_like_an_event(line: &[u8]) -> bool {
    head(line).is_some()
}

/// Sets the fields of an event; `false` if the line says something else.
pub(super) fn read(line: &[u8], draft: &mut Draft, scratch: &mut Scratch) -> Result<bool, Fault> {
    let Some((process, kind, at)) = head(line) else { return Ok(false) };
    let Some((actor, process_name)) = scratch.processes.of(&process) else { return Ok(false) };
    let mut parser = EdnParser::whole(line);
    parser.at = at;
    let f = parser.name(scratch, "a function, as `:read`")?;
    let value = if parser.is_at_end()? { Value::Nil } else { parser.value(scratch, 1)? };
    let error = if parser.is_at_end()? { None } else { Some(error(&mut parser, line, scratch)) };
    *draft = Draft {
        process: Some(actor),
        process_name,
        kind: Some(kind),
        f: Some(f),
        value: Some(value),
        error,
        ..Draft::default()
    };
    Ok(true)
}

/// An error as EDN, or else in the words of the log.
fn error(parser: &mut EdnParser<'_>, line: &[u8], scratch: &mut Scratch) -> Value {
    let start = parser.at;
    match parser.value(scratch, 1) {
        Ok(error) if parser.is_at_end() == Ok(true) => error,
        Ok(_) | Err(_) => Value::Raw(Arc::from(String::from_utf8_lossy(&line[start..]).trim())),
    }
}

/// The process and type with which an event begins, and where its function is.
fn head(line: &[u8]) -> Option<(Value, EventKind, usize)> {
    let mut at = match find(line, LOGGER) {
        Some(logger) => {
            let after = logger + LOGGER.len();
            after + line[after..].iter().take_while(|byte| b" -:\t".contains(byte)).count()
        }
        None => 0,
    };
    // The sign that sets a logger's name apart may have been the colon of `:nemesis`.
    let is_apart = |before: &u8| matches!(before, b' ' | b'\t');
    if line[..at].last() == Some(&b':') && line[..at - 1].last().is_some_and(is_apart) {
        at -= 1;
    }
    let process = word(line, &mut at);
    let kind = draft::kind(word(line, &mut at).strip_prefix(b":")?)?;
    let process = std::str::from_utf8(process).ok()?;
    let process = match process.strip_prefix(':') {
        Some(name) if !name.is_empty() => Value::Keyword(Arc::from(name)),
        Some(_) => return None,
        None => match process.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(name) => Value::str(name),
            None => Value::Int(process.parse().ok()?),
        },
    };
    Some((process, kind, at))
}

/// The next word, and where the one after it begins.
fn word<'a>(line: &'a [u8], at: &mut usize) -> &'a [u8] {
    let rest = &line[*at..];
    let length = rest.iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
    let gap = rest[length..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    *at += length + gap;
    &rest[..length]
}

fn find(line: &[u8], word: &[u8]) -> Option<usize> {
    let first = line.iter().position(|&byte| byte == word[0])?;
    line[first..].windows(word.len()).position(|window| window == word).map(|place| first + place)
}
