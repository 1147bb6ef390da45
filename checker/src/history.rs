//! A checked sequence of invocations and completions.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::{OpIndex, Outcome, Position, ProcessId, Time, Value, Who};

mod builder;
mod error;
mod held;
mod holding;
mod keys;
pub(crate) mod part;
mod rest;
mod shapes;
mod slices;
mod tally;

pub use builder::HistoryBuilder;
pub use error::HistoryError;
pub use keys::KeyRange;
pub use part::Part;
pub use shapes::{Shapes, Sorts};
pub use slices::Slices;
pub use tally::Tally;

pub(crate) use held::heap;

use crate::Event;

/// A number standing for a value of one history: equal numbers, equal values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueId(pub(crate) u32);

impl ValueId {
    /// Stands for [`Value::Nil`] in every history.
    pub const NIL: Self = Self(0);

    /// Small whole numbers are their own numbers, so that they need no table.
    const INLINE: u32 = 1 << 31;
    const OFFSET: i64 = 1 << 30;

    pub(crate) fn inline(value: &Value) -> Option<Self> {
        match value {
            Value::Nil => Some(Self::NIL),
            Value::Int(number) => {
                let shifted = u32::try_from(number.checked_add(Self::OFFSET)?).ok()?;
                (shifted < Self::INLINE).then_some(Self(Self::INLINE | shifted))
            }
            Value::Bool(_)
            | Value::Str(_)
            | Value::Keyword(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::Raw(_) => None,
        }
    }

    /// The whole number that it stands for without a table.
    pub(crate) fn as_int(self) -> Option<Value> {
        let shifted = (self.0 & Self::INLINE != 0).then_some(self.0 & !Self::INLINE)?;
        Some(Value::Int(i64::from(shifted) - Self::OFFSET))
    }
}

/// The operations of a run: a checked sequence of invocations and completions.
///
/// Every checker takes a `&History` and never checks its form again. In memory it is a table of
/// columns, about 46 bytes an operation plus each distinct value once, and what few events say beside
/// that: [`History::events`] gives all of them back as they were.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub(crate) process: Vec<ProcessId>,
    pub(crate) f: Vec<u16>,
    pub(crate) key: Vec<u32>,
    pub(crate) argument: Vec<ValueId>,
    pub(crate) ret: Vec<ValueId>,
    pub(crate) invoked: Vec<Position>,
    pub(crate) completed: Vec<u32>,
    pub(crate) invoke_time: Vec<Time>,
    pub(crate) complete_time: Vec<Time>,
    pub(crate) flags: Vec<u8>,
    pub(crate) node: Vec<u16>,
    /// The file's numbers of the invocations; empty while they are the positions.
    pub(crate) event_index: Vec<u64>,
    pub(crate) functions: Vec<Arc<str>>,
    pub(crate) nodes: Vec<Arc<str>>,
    /// Of the processes that have names.
    pub(crate) process_names: Arc<FxHashMap<ProcessId, Arc<str>>>,
    pub(crate) keys: Vec<Value>,
    /// Shared by the slices of a history.
    pub(crate) values: Arc<Vec<Value>>,
    /// What events say beside all this. Shared by the slices of a history.
    pub(crate) rest: Arc<rest::Rest>,
    /// The places of the operations in the whole history; empty while they are those here.
    pub(crate) whole: Vec<OpIndex>,
    pub(crate) events: u32,
    pub(crate) peak_concurrency: u32,
}

pub(crate) const NO_KEY: u32 = u32::MAX;
pub(crate) const NO_NODE: u16 = u16::MAX;
pub(crate) const NO_POSITION: u32 = u32::MAX;
pub(crate) const NO_TIME: Time = Time(u64::MAX);
pub(crate) const FLAG_OK: u8 = 1;
pub(crate) const FLAG_FAIL: u8 = 2;
pub(crate) const FLAG_FINAL: u8 = 4;

/// One operation: an invocation paired with its completion, or with none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation<'a> {
    /// Its place in the history.
    pub index: OpIndex,
    /// Whose it is.
    pub process: ProcessId,
    /// What the file calls that process, if it has a name rather than a number.
    pub process_name: Option<&'a Arc<str>>,
    /// The function.
    pub f: &'a str,
    /// The object concerned, where there are several.
    pub key: Option<&'a Value>,
    /// What the invocation carried.
    pub argument: Value,
    /// How it ended, and what the completion carried.
    pub outcome: Outcome<Value>,
    /// Where it began.
    pub invoked: Position,
    /// Where it ended. `None` if indeterminate: it may take effect for ever after.
    pub completed: Option<Position>,
    /// When it began.
    pub invoke_time: Time,
    /// When its process learned of its end, be that only that it must give up.
    pub complete_time: Option<Time>,
    /// The node asked.
    pub node: Option<&'a str>,
    /// Whether it belongs to the final phase.
    pub is_final: bool,
    /// The number its file gives its invocation.
    pub event_index: u64,
}

/// How many operations ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct OutcomeCounts {
    /// Took effect.
    pub ok: u64,
    /// Did not take effect.
    pub fail: u64,
    /// Nobody knows.
    pub indeterminate: u64,
}

impl History {
    /// Bytes of an operation in the columns that all histories have.
    pub(crate) const COLUMNS: usize = 47;

    /// A history of these events, which must be in the order in which they happened.
    ///
    /// # Errors
    ///
    /// If the events are not a history: see [`HistoryError`].
    pub fn from_events(events: impl IntoIterator<Item = Event>) -> Result<Self, HistoryError> {
        let mut builder = HistoryBuilder::new();
        for event in events {
            builder.push(&event)?;
        }
        Ok(builder.finish())
    }

    /// How many operations there are.
    pub fn len(&self) -> usize {
        self.process.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.process.is_empty()
    }

    /// How many events there are; in a part of a history, how many the whole has.
    pub fn event_count(&self) -> usize {
        self.events as usize
    }

    /// The operation at `index`, put together from its columns.
    ///
    /// # Panics
    ///
    /// If there is no such operation.
    pub fn operation(&self, index: OpIndex) -> Operation<'_> {
        let at = index.get();
        Operation {
            index,
            process: self.process[at],
            process_name: self.process_names.get(&self.process[at]),
            f: self.f(index),
            key: self.key_of(index),
            argument: self.value(self.argument[at]),
            outcome: self.outcome_id(index).map(|ret| self.value(ret)),
            invoked: self.invoked[at],
            completed: self.completed_at(index),
            invoke_time: self.invoke_time[at],
            complete_time: Some(self.complete_time[at]).filter(|&time| time != NO_TIME),
            node: self.nodes.get(usize::from(self.node[at])).map(|node| &**node),
            is_final: self.is_final(index),
            event_index: match self.event_index.get(at) {
                Some(&number) => number,
                None => u64::from(self.invoked[at].0),
            },
        }
    }

    /// Every operation, in the order of invocations.
    pub fn iter(&self) -> impl Iterator<Item = Operation<'_>> {
        self.indices().map(|index| self.operation(index))
    }

    /// The place of every operation, in order.
    pub fn indices(&self) -> impl Iterator<Item = OpIndex> + use<> {
        (0u32..).zip(0..self.len()).map(|(index, _)| OpIndex(index))
    }

    /// Every key, in the order of first use.
    pub fn keys(&self) -> &[Value] {
        &self.keys
    }

    /// Every node that was asked, in the order of first use.
    pub fn nodes(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().map(|node| &**node)
    }

    /// Every function, in the order of first use.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.functions.iter().map(|f| &**f)
    }

    /// How many operations ended how.
    pub fn counts(&self) -> OutcomeCounts {
        let mut counts = OutcomeCounts::default();
        for &flags in &self.flags {
            counts.add(flags);
        }
        counts
    }

    /// How many operations of each function ended how.
    pub fn counts_by_f(&self) -> BTreeMap<&str, OutcomeCounts> {
        let mut counts = vec![OutcomeCounts::default(); self.functions.len()];
        for (&f, &flags) in self.f.iter().zip(&self.flags) {
            counts[usize::from(f)].add(flags);
        }
        self.functions().zip(counts).collect()
    }

    /// The greatest number of processes that had an op in flight at once. An indeterminate op
    /// counts until its process gave it up.
    pub fn peak_concurrency(&self) -> u32 {
        self.peak_concurrency
    }

    /// The value a number stands for.
    ///
    /// # Panics
    ///
    /// If the number is not of this history.
    pub fn value(&self, id: ValueId) -> Value {
        id.as_int().unwrap_or_else(|| self.values[id.0 as usize].clone())
    }

    /// The value a number stands for, unless it is a whole number that stands for itself.
    pub(crate) fn listed(&self, id: ValueId) -> Option<&Value> {
        (id.0 & ValueId::INLINE == 0).then(|| &self.values[id.0 as usize])
    }

    /// How the operation ended, with a number for what it returned.
    pub fn outcome_id(&self, index: OpIndex) -> Outcome<ValueId> {
        let flags = self.flags[index.get()];
        if flags & FLAG_OK != 0 {
            Outcome::Ok(self.ret[index.get()])
        } else if flags & FLAG_FAIL != 0 {
            Outcome::Fail
        } else {
            Outcome::Indeterminate
        }
    }

    /// A number for what the invocation carried.
    pub fn argument_id(&self, index: OpIndex) -> ValueId {
        self.argument[index.get()]
    }

    /// The function of the operation.
    pub fn f(&self, index: OpIndex) -> &str {
        &self.functions[usize::from(self.f[index.get()])]
    }

    /// The object the operation concerns.
    pub fn key_of(&self, index: OpIndex) -> Option<&Value> {
        let key = self.key[index.get()];
        (key != NO_KEY).then(|| &self.keys[key as usize])
    }

    /// Where the operation ended, if it is known to have.
    pub fn completed_at(&self, index: OpIndex) -> Option<Position> {
        let completed = self.completed[index.get()];
        (completed != NO_POSITION).then_some(Position(completed))
    }

    /// Whether nobody will ever know how the operation ended, because its process gave it up.
    pub(crate) fn is_given_up(&self, index: OpIndex) -> bool {
        let at = index.get();
        self.completed[at] == NO_POSITION && self.complete_time[at] != NO_TIME
    }

    /// Whether the operation belongs to the final phase.
    pub fn is_final(&self, index: OpIndex) -> bool {
        self.flags[index.get()] & FLAG_FINAL != 0
    }

    /// Bytes held in columns and tables, the contents of long values apart.
    pub fn bytes(&self) -> usize {
        self.len() * Self::COLUMNS
            + self.event_index.len() * 8
            + self.whole.len() * 4
            + (self.keys.len() + self.values.len()) * size_of::<Value>()
            + self.rest.bytes()
    }
}

impl Operation<'_> {
    /// The process's name, as it is shown to people.
    pub fn who(&self) -> Who<'_> {
        Who { process: self.process, name: self.process_name.map(|name| &**name) }
    }
}

impl OutcomeCounts {
    fn add(&mut self, flags: u8) {
        if flags & FLAG_OK != 0 {
            self.ok += 1;
        } else if flags & FLAG_FAIL != 0 {
            self.fail += 1;
        } else {
            self.indeterminate += 1;
        }
    }
}

#[cfg(test)]
mod tests;
