//! Everything that will happen, in order.

mod heap;

use std::collections::VecDeque;

use heap::Heap;

/// A queue ordered by time, and among equal times by the order of pushing.
///
/// O(log n) a push and a pop; O(1) for timers that end in the order in which they were set, as timers
/// of one length do. Events lie in a slab, so that only keys are moved.
pub(super) struct Queue<E> {
    heap: Heap,
    /// Ascending.
    timers: VecDeque<Key>,
    slab: Vec<Option<E>>,
    vacant: Vec<u32>,
    pushed: u64,
}

/// When an event is due, the number of its push, and its place in the slab: in this order, in bits of
/// one number, so that keys are compared at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u128);

/// How many bits of a key are the place in the slab; another 40 are the number of the push.
const PLACE_BITS: u32 = 24;

impl Key {
    fn new(time: u64, number: u64, place: u32) -> Self {
        Self(u128::from(time) << 64 | u128::from(number << PLACE_BITS | u64::from(place)))
    }

    fn time(self) -> u64 {
        (self.0 >> 64) as u64
    }

    fn place(self) -> u32 {
        (self.0 & ((1 << PLACE_BITS) - 1)) as u32
    }
}

impl<E> Queue<E> {
    pub(super) fn new() -> Self {
        Self {
            heap: Heap::default(),
            timers: VecDeque::new(),
            slab: Vec::new(),
            vacant: Vec::new(),
            pushed: 0,
        }
    }

    pub(super) fn push(&mut self, time: u64, event: E) {
        let key = self.keep(time, event);
        self.heap.push(key);
    }

    /// As [`push`](Self::push), quicker where `time` is not before that of the last timer.
    pub(super) fn push_timer(&mut self, time: u64, event: E) {
        let key = self.keep(time, event);
        if self.timers.back().is_none_or(|last| *last < key) {
            self.timers.push_back(key);
        } else {
            self.heap.push(key);
        }
    }

    fn keep(&mut self, time: u64, event: E) -> Key {
        let place = if let Some(place) = self.vacant.pop() {
            self.slab[place as usize] = Some(event);
            place
        } else {
            self.slab.push(Some(event));
            let place = u32::try_from(self.slab.len() - 1).ok();
            place.filter(|place| place >> PLACE_BITS == 0).expect("fewer than 2^24 events wait")
        };
        self.pushed += 1;
        Key::new(time, self.pushed, place)
    }

    /// The next event, if it is due at `until` or before.
    pub(super) fn pop_until(&mut self, until: u64) -> Option<(u64, E)> {
        let key = match (self.heap.first(), self.timers.front()) {
            (Some(first), Some(&timer)) if timer < first => self.pop_timer(timer, until)?,
            (None, Some(&timer)) => self.pop_timer(timer, until)?,
            (Some(first), _) if first.time() <= until => self.heap.pop()?,
            (Some(_), _) | (None, None) => return None,
        };
        self.vacant.push(key.place());
        let event = self.slab[key.place() as usize].take().expect("a queued place holds its event");
        Some((key.time(), event))
    }

    fn pop_timer(&mut self, first: Key, until: u64) -> Option<Key> {
        if first.time() <= until { self.timers.pop_front() } else { None }
    }

    /// How many events were pushed so far.
    #[cfg(test)]
    pub(super) fn pushed(&self) -> u64 {
        self.pushed
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rashomon_workloads::Seed;

    use super::*;

    #[test]
    fn equal_times_come_in_the_order_of_pushing() {
        let mut queue = Queue::new();
        for (time, name) in [(5, "b"), (3, "a"), (5, "c"), (9, "d")] {
            queue.push(time, name);
        }
        let due: Vec<_> = std::iter::from_fn(|| queue.pop_until(8)).collect();
        assert_eq!(due, [(3, "a"), (5, "b"), (5, "c")]);
        queue.push(8, "e");
        assert_eq!(queue.pop_until(9), Some((8, "e")));
        assert_eq!(queue.pop_until(9), Some((9, "d")));
        assert_eq!(queue.pop_until(u64::MAX), None);
    }

    /// Against a sorted set: many equal times, timers that end out of order, and a clock that goes on.
    #[test]
    fn events_and_timers_come_in_one_order() {
        let mut rng = Seed(11).rng();
        for _ in 0..200 {
            let (mut queue, mut model) = (Queue::new(), BTreeSet::new());
            let mut now = 0;
            for number in 0..200_u64 {
                let time = now + rng.below(20);
                if rng.below(2) == 0 {
                    queue.push(time, number);
                } else {
                    queue.push_timer(time, number);
                }
                model.insert((time, number));
                if rng.below(4) == 0 {
                    now += rng.below(15);
                    while let Some(&first) = model.first().filter(|(time, _)| *time <= now) {
                        model.pop_first();
                        assert_eq!(queue.pop_until(now), Some(first));
                    }
                    assert_eq!(queue.pop_until(now), None);
                }
            }
            let rest: Vec<_> = std::iter::from_fn(|| queue.pop_until(u64::MAX)).collect();
            assert_eq!(rest, model.into_iter().collect::<Vec<_>>());
            assert_eq!(queue.pushed(), 200);
        }
    }
}
