//! Whether a file's values are `[key value]`.
//!
//! Jepsen's `independent` writes every value as a tuple of a key and a value, and EDN cannot tell a
//! tuple from any other vector. But a read that carries `[3 nil]` gives itself away: alone it
//! carries nothing.

use super::draft::Draft;
use super::processes::Actor;
use crate::{EventKind, Value};

/// Whether the values of a file are pairs of a key and a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tuples {
    /// They are what they are.
    #[default]
    Plain,
    /// They are pairs: the caller says so.
    Given,
    /// They are pairs: every invocation carries one, and operations that carry nothing carry a key
    /// and nil.
    Assumed,
}

/// What the values of a file look like so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Looks {
    /// Whether some invocation carries no pair.
    is_plain: bool,
    /// Operations that carry nothing by themselves, and here `[key nil]`.
    empty: u64,
    /// Comparisons that carry `[key [old new]]`.
    cas: u64,
}

/// What the looks of a file tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TupleGuess {
    Plain,
    /// Values may be pairs of a key and a value, or pairs.
    Unclear,
    Pairs,
}

impl Looks {
    /// Takes the next event.
    pub(super) fn see(&mut self, draft: &Draft) {
        if self.is_plain || !matches!(draft.process, Some(Actor::Process(_))) {
            return;
        }
        let f = draft.f.as_deref().unwrap_or_default();
        let pair = match &draft.value {
            Some(Value::List(items)) if draft.key.is_none() => match &**items {
                [Value::Nil | Value::List(_) | Value::Map(_), _] => None,
                [_, value] => Some(value),
                _ => None,
            },
            _ => None,
        };
        let is_pair_of = |value: &Value| value.as_list().is_some_and(|items| items.len() == 2);
        match (draft.kind, pair) {
            (Some(EventKind::Invoke), None) => self.is_plain = true,
            (Some(EventKind::Invoke), Some(value)) if f == "cas" => {
                self.is_plain = !is_pair_of(value);
                self.cas += 1;
            }
            (Some(EventKind::Invoke), Some(value)) => {
                let carries_nothing =
                    matches!(f, "read" | "get" | "dequeue" | "pop" | "delete-min");
                self.empty += u64::from(carries_nothing && *value == Value::Nil);
            }
            (Some(EventKind::Ok), None) => self.is_plain = matches!(f, "read" | "get"),
            (_, _) => {}
        }
    }

    pub(super) fn guess(&self) -> TupleGuess {
        match self {
            Self { is_plain: true, .. } | Self { empty: 0, cas: 0, .. } => TupleGuess::Plain,
            Self { empty: 0, .. } => TupleGuess::Unclear,
            Self { .. } => TupleGuess::Pairs,
        }
    }
}
