//! The formats by name.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

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
            Self::JepsenLog => "what Jepsen logs while it runs, and its history.txt",
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
