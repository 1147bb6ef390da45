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
    split_where(history, |_| true)
}

/// As [`split`], without final reads: they look at what one replica holds, and are no operations
/// of the object that its clients see.
pub(crate) fn split_clients(history: &History) -> Vec<Part> {
    split_where(history, |index| !history.is_final(index))
}

fn split_where(history: &History, keep: impl Fn(OpIndex) -> bool) -> Vec<Part> {
    let keys = history.keys().len();
    let mut sizes = vec![0usize; keys + 1];
    let place = |key: u32| if key == NO_KEY { keys } else { key as usize };
    for &key in &history.key {
        sizes[place(key)] += 1;
    }
    if let Some(only) = sizes.iter().position(|&size| size == history.len()) {
        let operations: Vec<OpIndex> = history.indices().filter(|&index| keep(index)).collect();
        let part = Part { key: history.keys().get(only).cloned(), operations };
        return Vec::from_iter(Some(part).filter(|part| !part.operations.is_empty()));
    }
    let names = history.keys().iter().cloned().map(Some).chain([None]);
    let mut parts: Vec<Part> = names
        .zip(&sizes)
        .map(|(key, &size)| Part { key, operations: Vec::with_capacity(size) })
        .collect();
    for (&key, index) in history.key.iter().zip(history.indices()).filter(|(_, i)| keep(*i)) {
        parts[place(key)].operations.push(index);
    }
    parts.retain(|part| !part.operations.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use crate::linearizability::{self, Options};
    use crate::{Event, EventKind, History, ModelKind, ProcessId, Value};

    #[test]
    fn final_reads_are_no_operations_of_clients() {
        let verdict = |is_final| {
            let event = |index, process, kind, f, value| Event {
                is_final: is_final && f == "read",
                ..Event::new(index, ProcessId(process), kind, f, value)
            };
            let history = History::from_events([
                event(0, 0, EventKind::Invoke, "write", Value::Int(1)),
                event(1, 0, EventKind::Ok, "write", Value::Nil),
                event(2, 1, EventKind::Invoke, "read", Value::Nil),
                event(3, 1, EventKind::Ok, "read", Value::Nil),
            ]);
            let options = Options::default();
            linearizability::check(&history.unwrap(), ModelKind::Register, &options).verdict
        };
        assert!(verdict(true).is_valid(), "a replica may lag behind");
        assert!(verdict(false).is_invalid(), "a client's read may not");
    }
}
