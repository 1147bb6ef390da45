//! Values as 32-bit numbers.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

/// Numbers distinct items in the order of their first appearance.
///
/// A table of numbers probed linearly, so that each item is held once and the table can be thrown
/// away when nothing more is to be added.
#[derive(Clone, Debug)]
pub(crate) struct Interner<T> {
    items: Vec<T>,
    slots: Vec<u32>,
}

const EMPTY: u32 = u32::MAX;

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self { items: Vec::new(), slots: Vec::new() }
    }
}

impl<T: Hash + Eq> Interner<T> {
    /// The number of `item`; a new one if it has none.
    pub(crate) fn intern(&mut self, item: T) -> u32 {
        if self.items.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let slot = self.slot(&item);
        if self.slots[slot] == EMPTY {
            self.slots[slot] = u32::try_from(self.items.len()).expect("fewer than 2^32 items");
            self.items.push(item);
        }
        self.slots[slot]
    }

    /// The number of `item`, if it has one.
    pub(crate) fn find(&self, item: &T) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let number = self.slots[self.slot(item)];
        (number != EMPTY).then_some(number)
    }

    /// The item of a number.
    pub(crate) fn get(&self, number: u32) -> &T {
        &self.items[number as usize]
    }

    /// How many items have numbers.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// Bytes held in the tables, the contents of items apart.
    pub(crate) fn bytes(&self) -> usize {
        self.items.len() * size_of::<T>() + self.slots.len() * size_of::<u32>()
    }

    /// The items, in the order of their numbers.
    pub(crate) fn items(&self) -> &[T] {
        &self.items
    }

    /// The items alone, in the order of their numbers.
    pub(crate) fn into_items(mut self) -> Vec<T> {
        self.items.shrink_to_fit();
        self.items
    }

    fn slot(&self, item: &T) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash_of(item) & mask;
        while self.slots[slot] != EMPTY && self.items[self.slots[slot] as usize] != *item {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(16);
        self.slots.clear();
        self.slots.resize(size, EMPTY);
        let mask = size - 1;
        for (number, item) in (0u32..).zip(&self.items) {
            let mut slot = hash_of(item) & mask;
            while self.slots[slot] != EMPTY {
                slot = (slot + 1) & mask;
            }
            self.slots[slot] = number;
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "any bits of a hash will do")]
fn hash_of(item: &impl Hash) -> usize {
    let mut hasher = FxHasher::default();
    item.hash(&mut hasher);
    let hash = hasher.finish();
    (hash ^ (hash >> 32)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_items_have_equal_numbers() {
        let mut interner = Interner::default();
        let first: Vec<u32> = (0..1000u64).map(|item| interner.intern(item * 7)).collect();
        let again: Vec<u32> = (0..1000u64).map(|item| interner.intern(item * 7)).collect();
        assert_eq!(first, (0..1000).collect::<Vec<u32>>());
        assert_eq!(first, again);
        assert_eq!(interner.find(&7), Some(1));
        assert_eq!(interner.find(&8), None);
        assert_eq!(*interner.get(3), 21);
        assert_eq!(interner.into_items().len(), 1000);
    }
}
