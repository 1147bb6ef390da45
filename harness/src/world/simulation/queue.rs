//! Everything that will happen, in order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A queue ordered by time, and among equal times by the order of pushing.
///
/// O(log n) a push and a pop. Events lie in a slab, so that the heap moves three numbers only.
pub(super) struct Queue<E> {
    heap: BinaryHeap<Reverse<(u64, u64, u32)>>,
    slab: Vec<Option<E>>,
    vacant: Vec<u32>,
    pushed: u64,
}

impl<E> Queue<E> {
    pub(super) fn new() -> Self {
        Self { heap: BinaryHeap::new(), slab: Vec::new(), vacant: Vec::new(), pushed: 0 }
    }

    pub(super) fn push(&mut self, time: u64, event: E) {
        let slot = if let Some(slot) = self.vacant.pop() {
            self.slab[slot as usize] = Some(event);
            slot
        } else {
            self.slab.push(Some(event));
            u32::try_from(self.slab.len() - 1).expect("far fewer than 2^32 events wait at a time")
        };
        self.heap.push(Reverse((time, self.pushed, slot)));
        self.pushed += 1;
    }

    /// The next event, if it is due at `until` or before.
    pub(super) fn pop_until(&mut self, until: u64) -> Option<(u64, E)> {
        let &Reverse((time, _, slot)) = self.heap.peek()?;
        if time > until {
            return None;
        }
        self.heap.pop();
        self.vacant.push(slot);
        let event = self.slab[slot as usize].take().expect("a queued slot holds its event");
        Some((time, event))
    }
}

#[cfg(test)]
mod tests {
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
}
