//! How much of a history a builder holds, and for which keys.

use super::NO_KEY;
use crate::Value;

/// How much is held, and for which keys.
///
/// A part's *weight* is what judging it takes: four for an operation, and one for each item in the
/// lists that it carries.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    /// Bytes in the contents of values and keys.
    pub(super) heap: usize,
    /// By number of key.
    pub(super) weights: Vec<u64>,
    pub(super) keyless: u64,
    pub(super) total: u64,
    pub(super) largest: u64,
    /// Operations held that have ended.
    pub(super) ended: u64,
    /// Whether nothing more is to be held.
    pub(super) is_full: bool,
    /// Events that would have been held otherwise.
    pub(super) late_events: u64,
    /// The same of operations.
    pub(super) late_operations: u64,
}

/// The weight of an operation that carries no list.
pub(super) const OP_WEIGHT: u64 = 4;

impl Held {
    /// Notes a value that is new in a table.
    pub(super) fn added(&mut self, value: &Value) {
        self.heap += heap(value);
    }

    /// Adds to the weight of a key.
    pub(super) fn weigh(&mut self, key: u32, weight: u64) {
        let place = match key {
            NO_KEY => &mut self.keyless,
            key => {
                let key = key as usize;
                if key >= self.weights.len() {
                    self.weights.resize(key + 1, 0);
                }
                &mut self.weights[key]
            }
        };
        *place += weight;
        self.total += weight;
        self.largest = self.largest.max(*place);
    }
}

/// Items in lists and maps, at any depth.
pub(super) fn items(value: &Value) -> u64 {
    match value {
        Value::Nil
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Str(_)
        | Value::Keyword(_)
        | Value::Raw(_) => 0,
        Value::List(list) => list.iter().map(|item| 1 + items(item)).sum(),
        Value::Map(pairs) => pairs.iter().map(|(key, it)| 2 + items(key) + items(it)).sum(),
    }
}

/// Bytes of a value's contents, with what an allocator takes for each.
pub(crate) fn heap(value: &Value) -> usize {
    let allocated = |bytes: usize| (bytes + 2 * size_of::<usize>() + 8).next_multiple_of(16);
    match value {
        Value::Nil | Value::Bool(_) | Value::Int(_) => 0,
        Value::Str(text) | Value::Keyword(text) | Value::Raw(text) => allocated(text.len()),
        Value::List(list) => {
            allocated(list.len() * size_of::<Value>()) + list.iter().map(heap).sum::<usize>()
        }
        Value::Map(pairs) => {
            let contents = pairs.iter().map(|(key, value)| heap(key) + heap(value));
            allocated(pairs.len() * 2 * size_of::<Value>()) + contents.sum::<usize>()
        }
    }
}
