//! Where a search stands between two events.

use std::hash::{Hash, Hasher};

use crate::plant::{Bug, planted};

/// An element that is certainly inside: its insertion has ended.
///
/// Its window is given in numbers that say only how windows are placed relative to each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct ContainerItem {
    /// The ends of its window.
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) value: u32,
    /// What put it in. It decides nothing.
    pub(super) insertion: u32,
}

impl ContainerItem {
    fn key(&self) -> (u32, u32, u32) {
        (self.to, self.from, self.value)
    }
}

/// Where a search stands between two events.
#[derive(Clone, Debug)]
pub(super) struct ContainerConfiguration {
    /// The open takes that have taken effect, ascending.
    pub(super) done: Vec<u32>,
    /// For each open insertion, in the order in which they began, the start of its window; [`GONE`],
    /// if its element was taken out already.
    pub(super) open: Vec<u32>,
    /// What is certainly inside.
    pub(super) items: Vec<ContainerItem>,
    /// A stack: the number of gaps; the last one is now.
    pub(super) gaps: u32,
    /// Whether something is inside that nothing will ever take.
    pub(super) is_sealed: bool,
    /// What took effect last: a place in the trail. It decides nothing.
    pub(super) trail: u32,
}

/// The window of an open insertion whose element was taken out.
pub(super) const GONE: u32 = u32::MAX;

impl PartialEq for ContainerConfiguration {
    fn eq(&self, other: &Self) -> bool {
        let same_items = || {
            let pairs = self.items.iter().zip(&other.items);
            self.items.len() == other.items.len()
                && pairs.into_iter().all(|(mine, theirs)| mine.key() == theirs.key())
        };
        self.gaps == other.gaps
            && self.is_sealed == other.is_sealed
            && self.done == other.done
            && self.open == other.open
            && same_items()
    }
}

impl Eq for ContainerConfiguration {}

impl Hash for ContainerConfiguration {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.done, &self.open, self.gaps, self.is_sealed).hash(state);
        self.items.iter().for_each(|item| item.key().hash(state));
    }
}

impl ContainerConfiguration {
    /// Nothing is inside, and nothing is open.
    pub(super) fn at_rest(trail: u32) -> Self {
        let (done, open, items) = (Vec::new(), Vec::new(), Vec::new());
        Self { done, open, items, gaps: 1, is_sealed: false, trail }
    }

    /// Whether nothing is certainly inside.
    pub(super) fn may_be_empty(&self) -> bool {
        self.items.is_empty() && (!self.is_sealed || planted(Bug::DelayedStackForgetSeal))
    }

    pub(super) fn is_done(&self, take: u32) -> bool {
        self.done.binary_search(&take).is_ok()
    }

    /// Lets a take take effect.
    pub(super) fn take(&mut self, take: u32) {
        let place = self.done.partition_point(|&other| other < take);
        self.done.insert(place, take);
    }

    /// Puts the items in the order in which equal configurations have them.
    pub(super) fn sort(&mut self) {
        self.items.sort_unstable_by_key(|item| (item.key(), item.insertion));
    }

    /// How much took effect that need not have yet.
    pub(super) fn haste(&self) -> usize {
        self.done.len() + self.open.iter().filter(|&&from| from == GONE).count()
    }

    /// Bytes held beyond its own size.
    pub(super) fn contents(&self) -> usize {
        (self.done.capacity() + self.open.capacity()) * size_of::<u32>()
            + self.items.capacity() * size_of::<ContainerItem>()
    }
}
