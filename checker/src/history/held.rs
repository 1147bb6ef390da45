//! How much a builder holds, and of which keys.

use super::builder::HistoryBuilder;
use super::{History, KeyRange, NO_KEY};
use crate::{ModelKind, Value};

/// How much is held, and of which keys.
///
/// A part's *weight* is what judging it takes: four for an operation, and one for each item in the
/// lists that it carries.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    /// Bytes in the contents of values and keys.
    heap: usize,
    /// By number of key.
    weights: Vec<u64>,
    keyless: u64,
    total: u64,
    largest: u64,
    /// Operations held that have ended.
    pub(super) ended: u64,
    /// Whether nothing more is to be held.
    pub(super) is_full: bool,
    /// Events that would have been held but for that.
    pub(super) late_events: u64,
    /// The same of operations.
    pub(super) late_operations: u64,
}

/// The weight of an operation that carries no list.
pub(super) const OP_WEIGHT: u64 = 4;

impl Held {
    /// Notes a value that was looked up in a table, and is new in it or not.
    pub(super) fn added(&mut self, value: &Value, is_new: bool) {
        if is_new {
            self.heap += heap(value);
        }
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

impl HistoryBuilder {
    /// Bytes held, the contents of long values too. By count, and so the same everywhere: an
    /// allocator may take a little more.
    pub fn bytes(&self) -> usize {
        self.history.len() * History::COLUMNS
            + self.history.event_index.len() * 8
            + self.history.whole.len() * 4
            + self.keys.bytes()
            + self.values.bytes()
            + self.held.weights.len() * 8
            + self.held.heap
            + self.open_bytes()
    }

    /// Bytes held for operations in flight, held or not.
    pub fn open_bytes(&self) -> usize {
        self.open.capacity() * 32
    }

    /// The weight of what is held: four for an operation, and one for each item in the lists that
    /// it carries.
    pub fn weight(&self) -> u64 {
        self.held.total
    }

    /// The weight of the heaviest part.
    pub fn largest_part(&self) -> u64 {
        self.held.largest
    }

    /// How many keys are held.
    pub fn key_count(&self) -> usize {
        self.keys.len()
    }

    /// Whether some function so far belongs to another object than a register.
    pub fn is_beyond_registers(&self) -> bool {
        self.tally_functions().any(|f| !ModelKind::CasRegister.has(f))
    }

    /// The last place of a range that begins as this one does and has about `share` thousandths
    /// of the weight held, and always some of it; `None` if all that is held is at one place.
    pub fn place_of_share(&self, share: u64) -> Option<u64> {
        let keys = self.keys.items().iter().zip(&self.held.weights);
        let mut places: Vec<(u64, u64)> =
            keys.map(|(key, &weight)| (KeyRange::place(Some(key)), weight)).collect();
        if self.held.keyless > 0 {
            places.push((KeyRange::place(None), self.held.keyless));
        }
        places.sort_unstable();
        let (first, last) = (places.first()?.0, places.last()?.0);
        let wanted = self.held.total / 1000 * share;
        let mut sum = 0;
        let mut upto = first;
        for &(place, weight) in places.iter().filter(|&&(place, _)| place < last) {
            if place > first && sum + weight > wanted {
                break;
            }
            sum += weight;
            upto = place;
        }
        (first != last).then_some(upto)
    }

    /// A place that something held is at.
    pub fn some_place(&self) -> Option<u64> {
        match self.keys.items().first() {
            Some(key) => Some(KeyRange::place(Some(key))),
            None => (!self.is_empty()).then(|| KeyRange::place(None)),
        }
    }

    /// Holds nothing more of the events to come, but goes on to check them, and to count those on
    /// these keys, to which all belongs that is held. Operations in flight stay so for ever, as in
    /// any beginning of a history.
    pub fn close(&mut self, range: KeyRange) {
        self.range = range;
        self.held.is_full = true;
    }

    /// Whether nothing more is to be held.
    pub fn is_closed(&self) -> bool {
        self.held.is_full
    }

    /// Events of the operations held.
    pub fn held_events(&self) -> u64 {
        self.len() as u64 + self.held.ended
    }

    /// Operations that would be held too, had they begun before [`close`](Self::close).
    pub fn late_operations(&self) -> u64 {
        self.held.late_operations
    }

    /// Events that would be held too, had they come before [`close`](Self::close).
    pub fn late_events(&self) -> u64 {
        self.held.late_events
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
