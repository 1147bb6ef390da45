//! What a builder says of what it holds, and when it is to hold no more.

use super::builder::HistoryBuilder;
use super::{History, KeyRange};

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
            + self.rest.bytes()
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
