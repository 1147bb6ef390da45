//! The formats by name, and by the looks of a file.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::log;
use crate::visible;

/// How a file writes a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Our own: see [`json`](super::json).
    JsonLines,
    /// The same events in one array.
    JsonArray,
    /// Jepsen's `history.edn`: one map an operation.
    Edn,
    /// What Jepsen prints while it runs, and its `history.txt`.
    JepsenLog,
    /// Porcupine's files of `get`, `put` and `append` on keys, in EDN.
    PorcupineKv,
    /// Knossos's data files: one vector or list of maps, in EDN.
    Knossos,
    /// The histories of Elle's tests: one map about the test, then one map an operation, in EDN.
    Elle,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::JsonLines,
        Self::JsonArray,
        Self::Edn,
        Self::JepsenLog,
        Self::PorcupineKv,
        Self::Knossos,
        Self::Elle,
    ];

    /// What it is, in a few words.
    pub fn summary(self) -> &'static str {
        match self {
            Self::JsonLines => {
                "one event a line, as {\"process\":0,\"type\":\"invoke\",\"f\":\"read\"}"
            }
            Self::JsonArray => "the same events in one JSON array",
            Self::Edn => "Jepsen's history.edn, one map an operation",
            Self::JepsenLog => "what Jepsen prints while it runs, and its history.txt",
            Self::PorcupineKv => "Porcupine's files of get, put and append on keys",
            Self::Knossos => "Knossos's data files, one vector or list of maps",
            Self::Elle => "the histories of Elle's tests, with a map about the test first",
        }
    }

    /// The name, as a flag takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::JsonLines => "json-lines",
            Self::JsonArray => "json-array",
            Self::Edn => "edn",
            Self::JepsenLog => "jepsen-log",
            Self::PorcupineKv => "porcupine-kv",
            Self::Knossos => "knossos",
            Self::Elle => "elle",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// No format has this name.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "no format `{}`; there are json-lines, json-array, edn, jepsen-log, porcupine-kv, knossos and elle",
    visible(name)
)]
pub struct UnknownFormat {
    /// What was asked for.
    pub name: String,
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let unknown = || UnknownFormat { name: String::from(name) };
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or_else(unknown)
    }
}

/// The format of a file that begins with these bytes, as far as they tell.
///
/// All formats in EDN are read alike; which of them it is says only what the file is likely to be
/// about. A few lines are enough. `None` if they are like none of the formats, or only blanks and
/// comments so far.
///
/// ```
/// use rashomon_checker::formats::{Format, detect};
///
/// assert_eq!(detect(br#"{"format":"rashomon-history","version":1}"#), Some(Format::JsonLines));
/// assert_eq!(detect(b"; read by hand\n[{:process 0, :type :invoke"), Some(Format::Knossos));
/// assert_eq!(detect(b"INFO  jepsen.util - 0\t:invoke\t:read\tnil\n"), Some(Format::JepsenLog));
/// assert_eq!(detect(br#"[{"process":0,"#), Some(Format::JsonArray));
/// assert_eq!(detect(b"Dear reader,"), None);
/// ```
pub fn detect(first: &[u8]) -> Option<Format> {
    let first = first.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first);
    let text = after_gap(first);
    match text.first()? {
        b'{' => match after_gap(&text[1..]).first()? {
            b'"' => Some(Format::JsonLines),
            _ => Some(of_map(text)),
        },
        b'#' => Some(Format::Edn),
        b'[' | b'(' => match after_gap(&text[1..]).first() {
            Some(b'{') if text[0] == b'[' => match after_gap(&after_gap(&text[1..])[1..]).first() {
                Some(b'"') => Some(Format::JsonArray),
                Some(_) => Some(Format::Knossos),
                None => None,
            },
            Some(b'{' | b'#' | b']' | b')') => Some(Format::Knossos),
            Some(_) | None => of_lines(first),
        },
        _ => of_lines(first),
    }
}

/// What follows blanks, commas and comments.
fn after_gap(mut text: &[u8]) -> &[u8] {
    loop {
        match text.first() {
            Some(b' ' | b'\t' | b'\n' | b'\r' | b',') => text = &text[1..],
            Some(b';') => {
                let end = text.iter().position(|&byte| byte == b'\n').unwrap_or(text.len());
                text = &text[end..];
            }
            Some(_) | None => return text,
        }
    }
}

/// The format in EDN that begins with this map.
fn of_map(text: &[u8]) -> Format {
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or(text);
    let says = |word: &[u8]| line.windows(word.len()).any(|window| window == word);
    let on_strings = says(b":f :get") || says(b":f :put") || says(b":f :append");
    if says(b":workload ") && !says(b":process ") {
        Format::Elle
    } else if on_strings && says(b":key ") {
        Format::PorcupineKv
    } else {
        Format::Edn
    }
}

/// The format of a file that is not made of maps.
fn of_lines(text: &[u8]) -> Option<Format> {
    let mut lines = text.split(|&byte| byte == b'\n');
    lines.any(log::looks_like_an_event).then_some(Format::JepsenLog)
}
