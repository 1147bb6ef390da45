//! Segment trees.

/// A row of keys that finds the least key in any range. O(log n) a question or change.
#[derive(Clone, Debug)]
pub(in crate::linearizability) struct LeastTree {
    size: usize,
    nodes: Vec<u64>,
}

/// The key of a place that is not to be found.
pub(in crate::linearizability) const ABSENT: u64 = u64::MAX;

impl LeastTree {
    pub(in crate::linearizability) fn new(keys: &[u64]) -> Self {
        let size = keys.len().next_power_of_two();
        let mut nodes = vec![ABSENT; 2 * size];
        nodes[size..size + keys.len()].copy_from_slice(keys);
        for node in (1..size).rev() {
            nodes[node] = nodes[2 * node].min(nodes[2 * node + 1]);
        }
        Self { size, nodes }
    }

    pub(in crate::linearizability) fn set(&mut self, place: usize, key: u64) {
        let mut node = self.size + place;
        self.nodes[node] = key;
        while node > 1 {
            node /= 2;
            self.nodes[node] = self.nodes[2 * node].min(self.nodes[2 * node + 1]);
        }
    }

    /// Some place in `from..to` whose key is below `limit`.
    pub(in crate::linearizability) fn below(
        &self,
        from: usize,
        to: usize,
        limit: u64,
    ) -> Option<usize> {
        let (mut left, mut right) = (self.size + from, self.size + to);
        while left < right {
            if left % 2 == 1 {
                if self.nodes[left] < limit {
                    return Some(self.descend(left, limit));
                }
                left += 1;
            }
            if right % 2 == 1 {
                right -= 1;
                if self.nodes[right] < limit {
                    return Some(self.descend(right, limit));
                }
            }
            left /= 2;
            right /= 2;
        }
        None
    }

    fn descend(&self, mut node: usize, limit: u64) -> usize {
        while node < self.size {
            node *= 2;
            if self.nodes[node] >= limit {
                node += 1;
            }
        }
        node - self.size
    }
}

/// A row of sums, initially 0, with additions to whole ranges. O(log n) a question or
/// change.
#[derive(Clone, Debug)]
pub(in crate::linearizability) struct SumTree {
    size: usize,
    /// Least and greatest sum below a node, without what was added to its ancestors.
    bounds: Vec<(i64, i64)>,
    added: Vec<i64>,
}

impl SumTree {
    pub(in crate::linearizability) fn new(len: usize) -> Self {
        let size = len.next_power_of_two();
        Self { size, bounds: vec![(0, 0); 2 * size], added: vec![0; 2 * size] }
    }

    /// Adds `amount` to every place in `from..to`.
    pub(in crate::linearizability) fn add(&mut self, from: usize, to: usize, amount: i64) {
        self.add_below(1, (0, self.size), (from, to), amount);
    }

    fn add_below(
        &mut self,
        node: usize,
        (left, right): (usize, usize),
        (from, to): (usize, usize),
        amount: i64,
    ) {
        if to <= left || right <= from {
            return;
        }
        if from <= left && right <= to {
            self.added[node] += amount;
            self.bounds[node].0 += amount;
            self.bounds[node].1 += amount;
            return;
        }
        let middle = left.midpoint(right);
        self.add_below(2 * node, (left, middle), (from, to), amount);
        self.add_below(2 * node + 1, (middle, right), (from, to), amount);
        let ((low, high), (low_too, high_too)) = (self.bounds[2 * node], self.bounds[2 * node + 1]);
        let added = self.added[node];
        self.bounds[node] = (low.min(low_too) + added, high.max(high_too) + added);
    }

    /// The first place in `from..to` whose sum is 0. Sums must not be negative.
    pub(in crate::linearizability) fn first_zero(&self, from: usize, to: usize) -> Option<usize> {
        self.first(1, (0, self.size), (from, to), 0, &|(low, _), above| low + above == 0)
    }

    /// The first place in `from..to` whose sum is not 0. Sums must not be negative.
    pub(in crate::linearizability) fn first_positive(
        &self,
        from: usize,
        to: usize,
    ) -> Option<usize> {
        self.first(1, (0, self.size), (from, to), 0, &|(_, high), above| high + above > 0)
    }

    fn first(
        &self,
        node: usize,
        (left, right): (usize, usize),
        (from, to): (usize, usize),
        above: i64,
        has: &impl Fn((i64, i64), i64) -> bool,
    ) -> Option<usize> {
        if to <= left || right <= from || !has(self.bounds[node], above) {
            return None;
        }
        if right - left == 1 {
            return Some(left);
        }
        let middle = left.midpoint(right);
        let above = above + self.added[node];
        self.first(2 * node, (left, middle), (from, to), above, has)
            .or_else(|| self.first(2 * node + 1, (middle, right), (from, to), above, has))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_least_tree_finds_what_is_below_the_limit_and_nothing_else() {
        let mut tree = LeastTree::new(&[5, 3, 9, 1, 7]);
        assert_eq!(tree.below(0, 5, 2), Some(3));
        assert_eq!(tree.below(0, 3, 3), None);
        assert_eq!(tree.below(0, 3, 4), Some(1));
        tree.set(3, ABSENT);
        assert_eq!(tree.below(2, 5, 7), None);
        assert_eq!(tree.below(2, 5, 8), Some(4));
        assert_eq!(LeastTree::new(&[]).below(0, 0, ABSENT), None);
    }

    #[test]
    fn a_sum_tree_finds_the_first_zero_and_the_first_positive() {
        let mut tree = SumTree::new(6);
        tree.add(1, 5, 1);
        tree.add(3, 6, 2);
        tree.add(1, 3, -1);
        assert_eq!(tree.first_positive(0, 6), Some(3));
        assert_eq!(tree.first_zero(0, 6), Some(0));
        assert_eq!(tree.first_zero(3, 6), None);
        tree.add(4, 5, -3);
        assert_eq!(tree.first_zero(3, 6), Some(4));
        assert_eq!(tree.first_positive(4, 6), Some(5));
    }
}
