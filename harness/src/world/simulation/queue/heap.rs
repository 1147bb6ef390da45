//! A heap with four children a parent: half as deep as one with two, and the children lie side by side.

use super::Key;

/// Children of a parent.
const CHILDREN: usize = 4;

/// Keys, the least first.
#[derive(Default)]
pub(super) struct Heap {
    keys: Vec<Key>,
}

impl Heap {
    /// The least.
    pub(super) fn first(&self) -> Option<Key> {
        self.keys.first().copied()
    }

    /// Adds one. O(log n).
    pub(super) fn push(&mut self, key: Key) {
        let mut at = self.keys.len();
        self.keys.push(key);
        while at > 0 {
            let parent = (at - 1) / CHILDREN;
            if self.keys[parent] < key {
                break;
            }
            self.keys[at] = self.keys[parent];
            at = parent;
        }
        self.keys[at] = key;
    }

    /// Takes the least. O(log n).
    pub(super) fn pop(&mut self) -> Option<Key> {
        let last = self.keys.pop()?;
        let Some(&first) = self.keys.first() else { return Some(last) };
        let mut at = 0;
        while let Some((child, key)) = self.least_child(at)
            && key < last
        {
            self.keys[at] = key;
            at = child;
        }
        self.keys[at] = last;
        Some(first)
    }

    fn least_child(&self, parent: usize) -> Option<(usize, Key)> {
        let first = parent * CHILDREN + 1;
        let children = self.keys.get(first..self.keys.len().min(first + CHILDREN))?;
        (first..).zip(children.iter().copied()).min_by_key(|&(_, key)| key)
    }
}
