//! One line of a history: a process starts an op, or learns how it ended.

use std::sync::Arc;

use crate::{ProcessId, Time, Value, Who};

/// What an event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(rename_all = "kebab-case"))]
pub enum EventKind {
    /// The process starts an op.
    Invoke,
    /// The op took effect.
    Ok,
    /// The op did not take effect, and never will.
    Fail,
    /// Nobody knows, and the op may still take effect.
    Info,
}

impl EventKind {
    /// The word files use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invoke => "invoke",
            Self::Ok => "ok",
            Self::Fail => "fail",
            Self::Info => "info",
        }
    }
}

/// An invocation or a completion, as recorded.
///
/// Words and values a checker relies on:
///
/// | `f` | invocation's value | `ok` completion's value |
/// |---|---|---|
/// | `read`, `get` | ignored | what was read; `nil` if nothing was ever written |
/// | `write`, `put`, `set` | what is written | ignored |
/// | `cas` | `[old new]` | `false` if the comparison failed; anything else: it swapped |
/// | `append` | what is appended | ignored |
/// | `add`, `remove` of a set | the element | `true` or `false`: whether it changed the set; anything else, and the element again, says nothing |
/// | `add` of a counter | how much | ignored |
/// | `contains` | the element | `true` or `false` |
/// | `enqueue`, `push`, `insert` | the element | ignored |
/// | `dequeue`, `pop`, `delete-min`, `peek` | ignored | the element, `nil` if empty |
/// | `push-front`, `push-back` | the element | ignored |
/// | `pop-front`, `pop-back`, `peek-front`, `peek-back` | ignored | the element, `nil` if empty |
/// | `acquire` | ignored | `false` if the lock was held; anything else: the process holds it |
/// | `release` | ignored | `false` if the process did not hold the lock; anything else: it is free |
///
/// An op on one of many objects says which in `key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number in its file. Numbers increase; they need not be dense.
    pub index: u64,
    /// When it was recorded.
    pub time: Time,
    /// Whose it is.
    pub process: ProcessId,
    /// What the file calls that process, if it has a name rather than a number.
    pub process_name: Option<Arc<str>>,
    /// Invocation or completion.
    pub kind: EventKind,
    /// The function: `read`, `write`, `add`.
    pub f: Arc<str>,
    /// The object concerned, where there are several.
    pub key: Option<Value>,
    /// The argument or the return.
    pub value: Value,
    /// The node asked or answering.
    pub node: Option<Arc<str>>,
    /// Whether it belongs to the final phase, after healing, when one client reads every node.
    pub is_final: bool,
    /// Why it failed or is unknown.
    pub error: Option<Value>,
    /// Fields nobody here understands, kept so that a file survives a round trip.
    pub extra: Vec<(Arc<str>, Value)>,
}

impl Event {
    /// The process's name, as it is shown to people.
    pub fn who(&self) -> Who<'_> {
        Who { process: self.process, name: self.process_name.as_deref() }
    }

    /// Its process's name or number, for errors.
    pub(crate) fn process_text(&self) -> Arc<str> {
        match &self.process_name {
            Some(name) => name.clone(),
            None => Arc::from(self.process.0.to_string()),
        }
    }

    /// An event with the required fields only; fill in the rest with struct update syntax.
    pub fn new(index: u64, process: ProcessId, kind: EventKind, f: &str, value: Value) -> Self {
        Self {
            index,
            time: Time(0),
            process,
            process_name: None,
            kind,
            f: Arc::from(f),
            key: None,
            value,
            node: None,
            is_final: false,
            error: None,
            extra: Vec::new(),
        }
    }
}
