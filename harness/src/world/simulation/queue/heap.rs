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

    #[inline]
    fn least_child(&self, parent: usize) -> Option<(usize, Key)> {
        let first = parent * CHILDREN + 1;
        if let Some(&[a, b, c, d]) = self.keys.get(first..first + CHILDREN) {
            // Which is the least cannot be foretold, so pairs are compared without a branch.
            let left = if b < a { (first + 1, b) } else { (first, a) };
            let right = if d < c { (first + 3, d) } else { (first + 2, c) };
            return Some(if right.1 < left.1 { right } else { left });
        }
        let children = self.keys.get(first..self.keys.len().min(first + CHILDREN))?;
        (first..).zip(children.iter().copied()).min_by_key(|&(_, key)| key)
    }
}
