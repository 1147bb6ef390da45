//! An event whose fields arrive one by one.

use std::sync::Arc;

use super::error::Problem;
use super::names::Names;
use super::processes::{Actor, Processes};
use super::time::{self, Clockface, Stamp};
use crate::{Event, EventKind, Time, Value};

/// What is reused from one event to the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    pub(super) names: Names,
    /// Items of the lists being parsed, the innermost last.
    pub(super) items: Vec<Value>,
    pub(super) order: FieldOrder,
    pub(super) processes: Processes,
    /// How the times so far are written.
    pub(super) face: Option<Clockface>,
}

/// The order of the fields of the event before, which is likely to be that of the next: a guess
/// that holds saves looking for the end of a name and then for its meaning.
#[derive(Clone, Debug, Default)]
pub(super) struct FieldOrder(Vec<Field>);

impl FieldOrder {
    /// The field that is likely to be in this place.
    pub(super) fn guess(&self, place: usize) -> Option<Field> {
        self.0.get(place).copied()
    }

    /// Notes the field that was in this place.
    pub(super) fn learn(&mut self, place: usize, field: Field) {
        if place < self.0.len() {
            self.0[place] = field;
        } else if place == self.0.len() {
            self.0.push(field);
        }
    }
}

impl Scratch {
    /// For a single value.
    pub(super) fn once() -> Self {
        Self { names: Names::off(), ..Self::default() }
    }

    /// The time, if it is written as those before it are.
    pub(super) fn time(&mut self, read: Option<(Stamp, Clockface)>) -> Result<Stamp, &'static str> {
        let (stamp, face) = read.ok_or(time::EXPECTED)?;
        if stamp != Stamp::Unknown && *self.face.get_or_insert(face) != face {
            return Err(time::ALIKE);
        }
        Ok(stamp)
    }
}

/// Fields of an event as far as they are known.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) index: Option<u64>,
    pub(super) time: Option<Stamp>,
    pub(super) process: Option<Actor>,
    pub(super) process_name: Option<Arc<str>>,
    pub(super) kind: Option<EventKind>,
    pub(super) f: Option<Arc<str>>,
    pub(super) key: Option<Value>,
    pub(super) value: Option<Value>,
    pub(super) node: Option<Arc<str>>,
    pub(super) is_final: Option<bool>,
    pub(super) error: Option<Value>,
    pub(super) extra: Vec<(Arc<str>, Value)>,
}

/// A field an event may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Index,
    Time,
    Process,
    Kind,
    F,
    Key,
    Value,
    Node,
    Final,
    Error,
}

impl Field {
    /// The name of the field in files.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Time => "time",
            Self::Process => "process",
            Self::Kind => "type",
            Self::F => "f",
            Self::Key => "key",
            Self::Value => "value",
            Self::Node => "node",
            Self::Final => "final",
            Self::Error => "error",
        }
    }

    /// The field of this name.
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"index" => Self::Index,
            b"time" => Self::Time,
            b"process" => Self::Process,
            b"type" => Self::Kind,
            b"f" => Self::F,
            b"key" => Self::Key,
            b"value" => Self::Value,
            b"node" => Self::Node,
            b"final" => Self::Final,
            b"error" => Self::Error,
            _ => return None,
        })
    }
}

/// What an event of this name says.
pub(super) fn kind(name: &[u8]) -> Option<EventKind> {
    match name {
        b"invoke" => Some(EventKind::Invoke),
        b"ok" => Some(EventKind::Ok),
        b"fail" => Some(EventKind::Fail),
        b"info" => Some(EventKind::Info),
        _ => None,
    }
}

impl Draft {
    /// Whether the field has been given already.
    pub(super) fn has(&self, field: Field) -> bool {
        match field {
            Field::Index => self.index.is_some(),
            Field::Time => self.time.is_some(),
            Field::Process => self.process.is_some(),
            Field::Kind => self.kind.is_some(),
            Field::F => self.f.is_some(),
            Field::Key => self.key.is_some(),
            Field::Value => self.value.is_some(),
            Field::Node => self.node.is_some(),
            Field::Final => self.is_final.is_some(),
            Field::Error => self.error.is_some(),
        }
    }

    /// When it was, if that is known.
    pub(super) fn at(&self) -> Option<Time> {
        match self.time {
            Some(Stamp::At(time)) => Some(time),
            Some(Stamp::Unknown) | None => None,
        }
    }

    /// The event, or `None` if it is the nemesis's. One without a number gets `next_index`.
    pub(super) fn finish(&mut self, next_index: u64) -> Result<Option<Event>, Problem> {
        let missing = |field: Field| Problem::Missing { field: field.name() };
        let process = match self.process.ok_or(missing(Field::Process))? {
            Actor::Process(process) => process,
            Actor::Nemesis => return Ok(None),
        };
        Ok(Some(Event {
            index: self.index.unwrap_or(next_index),
            time: self.at().unwrap_or_default(),
            process,
            process_name: self.process_name.take(),
            kind: self.kind.ok_or(missing(Field::Kind))?,
            f: self.f.take().ok_or(missing(Field::F))?,
            key: self.key.take(),
            value: self.value.take().unwrap_or_default(),
            node: self.node.take(),
            is_final: self.is_final.unwrap_or(false),
            error: self.error.take(),
            extra: std::mem::take(&mut self.extra),
        }))
    }
}
