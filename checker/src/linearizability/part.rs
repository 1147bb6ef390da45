//! A history, split by key.

use crate::history::NO_KEY;
use crate::{History, OpIndex, Value};

/// The operations on one key, or all those on none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The key, if the operations have one.
    pub key: Option<Value>,
    /// The operations, in the order of their invocations.
    pub operations: Vec<OpIndex>,
}

/// The parts of `history`, in the order of the keys' first use; operations without a key come
/// last. O(n).
pub(crate) fn split(history: &History) -> Vec<Part> {
    let keys = history.keys().len();
    let mut sizes = vec![0usize; keys + 1];
    let place = |key: u32| if key == NO_KEY { keys } else { key as usize };
    for &key in &history.key {
        sizes[place(key)] += 1;
    }
    let names = history.keys().iter().cloned().map(Some).chain([None]);
    let mut parts: Vec<Part> = names
        .zip(&sizes)
        .map(|(key, &size)| Part { key, operations: Vec::with_capacity(size) })
        .collect();
    for (&key, index) in history.key.iter().zip(history.indices()) {
        parts[place(key)].operations.push(index);
    }
    parts.retain(|part| !part.operations.is_empty());
    parts
}
