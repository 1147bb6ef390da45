//! Why a file is not a history.

use std::io;

use thiserror::Error;

use super::OrderError;
use crate::{HistoryError, visible};

/// Why a file could not be read, and where. It does not hold the file's name: the caller that
/// opened the file knows it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("line {line}, column {column}: {problem}")]
pub struct FormatError {
    /// The line, counted from 1.
    pub line: u64,
    /// The character within the line, counted from 1.
    pub column: u64,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a line.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Problem {
    /// Something else should be here.
    #[error("expected {expected}, found {}", visible(found))]
    Unexpected {
        /// What should be here.
        expected: &'static str,
        /// What is here, in the words of the file.
        found: String,
    },
    /// An event without a field that it needs.
    #[error("expected the field `{field}` in this event, found none")]
    Missing {
        /// The field.
        field: &'static str,
    },
    /// A field given twice in one event.
    #[error("expected each field once, found `{field}` again")]
    Repeated {
        /// The field.
        field: &'static str,
    },
    /// A history in a later version of our own format.
    #[error(
        "version {found}, this build reads {reads}; read the file with the build that wrote it, or a newer one"
    )]
    NewerVersion {
        /// The version of the file.
        found: u64,
        /// The version this build reads.
        reads: u64,
    },
    /// A file that says itself that it is not a history.
    #[error("expected a file of format `rashomon-history`, found format {}", visible(found))]
    OtherFormat {
        /// What it says it is.
        found: String,
    },
    /// A line or form longer than the limit.
    #[error(
        "expected an event of at most {limit} bytes, found a longer one (or brackets or quotes that never close)"
    )]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// Brackets within brackets beyond the limit.
    #[error("expected at most {limit} nested brackets, found more")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// Not a text.
    #[error("expected UTF-8 text, found other bytes")]
    NotText,
    /// A file that is like none of the formats.
    #[error(
        "expected a history in JSON lines, EDN or a Jepsen log; if it is one, name it with --format"
    )]
    Unrecognized,
    /// The input broke off.
    #[error("reading stopped: {}", visible(message))]
    Input {
        /// What kind of error it was.
        kind: io::ErrorKind,
        /// What the system said.
        message: String,
    },
}

/// Why a file could not be loaded as a [`History`](crate::History).
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum LoadError {
    /// It could not be read.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Its events are not a history.
    #[error("line {line}: {error}")]
    History {
        /// The line of the event at fault, counted from 1.
        line: u64,
        /// What is wrong with it.
        error: HistoryError,
    },
    /// Its events have no order.
    #[error("line {line}: {error}")]
    Order {
        /// The line of the event at fault, counted from 1.
        line: u64,
        /// Why they have none.
        error: OrderError,
    },
    /// The order of lines is not that of times, and the input cannot be read again.
    #[error(
        "line {line}: this event is earlier than one before it, and what comes through a pipe cannot be read again to be put in order; write it to a file, and check that"
    )]
    Unsorted {
        /// The line, counted from 1.
        line: u64,
    },
    /// Values may be pairs of a key and a value.
    #[error(
        "every operation carries a pair, as [3 7]: say --independent if these are a key and a value, as Jepsen's `independent` writes them, or --independent=no if the pair is the value"
    )]
    Tuples,
}

/// A problem at a byte of the text being parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The byte.
    pub(super) at: usize,
    /// What is wrong there.
    pub(super) cause: Cause,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The text stops in the middle of something that may go on in the next part of the file.
    Incomplete {
        /// What should follow.
        expected: &'static str,
    },
    /// More text will not help.
    Wrong(Problem),
}

impl Fault {
    /// Something else should be at `at`.
    pub(super) fn unexpected(text: &[u8], at: usize, expected: &'static str) -> Self {
        Self::wrong(at, Problem::Unexpected { expected, found: excerpt(text, at) })
    }

    pub(super) fn wrong(at: usize, problem: Problem) -> Self {
        Self { at, cause: Cause::Wrong(problem) }
    }

    pub(super) fn incomplete(at: usize, expected: &'static str) -> Self {
        Self { at, cause: Cause::Incomplete { expected } }
    }

    /// The error, for a text that stands at the beginning of line `line`.
    pub(super) fn within_line(self, line: u64, text: &[u8]) -> FormatError {
        FormatError {
            line,
            column: 1 + characters(&text[..self.at]),
            problem: self.problem("the end of the line"),
        }
    }

    /// The problem, when no more text will come, and this is where it ends.
    pub(super) fn problem(self, end: &str) -> Problem {
        match self.cause {
            Cause::Wrong(problem) => problem,
            Cause::Incomplete { expected } => {
                Problem::Unexpected { expected, found: String::from(end) }
            }
        }
    }
}

impl FormatError {
    pub(super) fn input(line: u64, error: &io::Error) -> Self {
        let problem = Problem::Input { kind: error.kind(), message: error.to_string() };
        Self { line, column: 1, problem }
    }
}

/// How many characters begin in these bytes.
pub(super) fn characters(bytes: &[u8]) -> u64 {
    bytes.iter().map(|&byte| u64::from(byte & 0xC0 != 0x80)).sum()
}

/// The token at `at`, shortened, as an error shows it.
fn excerpt(text: &[u8], at: usize) -> String {
    const LONGEST: usize = 24;
    let rest = &text[at.min(text.len())..];
    let line = rest.split(|&byte| byte == b'\n' || byte == b'\r').next().unwrap_or(rest);
    if line.is_empty() {
        return String::from("the end of the line");
    }
    // A few bytes more than can be shown, so that a long line costs no more than a short one.
    let text = String::from_utf8_lossy(&line[..line.len().min(LONGEST * 4)]);
    let closes = |letter: char| matches!(letter, ' ' | ',' | '}' | ']' | ')');
    let quoted = text.starts_with('"');
    let mut shown = String::new();
    for (place, letter) in text.chars().enumerate() {
        if place > 0 && !quoted && closes(letter) {
            break;
        }
        if place == LONGEST {
            shown.push_str("...");
            break;
        }
        shown.push(letter);
        if place > 0 && quoted && letter == '"' {
            break;
        }
    }
    format!("`{}`", visible(&shown))
}
