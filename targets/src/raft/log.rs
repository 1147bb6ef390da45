//! The log: entries numbered from 1; a snapshot may replace the first ones.

use std::collections::VecDeque;

use super::{Command, Entry, Place};
use crate::NodeId;

/// A sequence of entries after a base.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    /// The last entry that is not kept any more; index 0 if all are kept.
    base: Place,
    entries: VecDeque<Entry>,
}

impl Log {
    /// A log whose entries are all in a snapshot.
    pub(crate) fn since(base: Place) -> Self {
        Self { base, entries: VecDeque::new() }
    }

    /// The last entry that is not kept any more.
    pub(crate) fn base(&self) -> Place {
        self.base
    }

    /// The place of the last entry.
    pub(crate) fn last(&self) -> Place {
        let index = self.base.index + self.entries.len() as u64;
        Place { index, term: self.entries.back().map_or(self.base.term, |entry| entry.term) }
    }

    fn at(&self, index: u64) -> Option<usize> {
        usize::try_from(index.checked_sub(self.base.index + 1)?).ok()
    }

    pub(crate) fn get(&self, index: u64) -> Option<&Entry> {
        self.entries.get(self.at(index)?)
    }

    /// The last entry after `index` that names the members: where it is, and the list. Linear in the number of
    /// entries after `index`.
    pub(crate) fn members_after(&self, index: u64) -> Option<(u64, Vec<NodeId>)> {
        let places = (index.max(self.base.index) + 1..=self.last().index).rev();
        places.into_iter().find_map(|at| match &self.get(at)?.command {
            Command::Members(members) => Some((at, members.clone())),
            Command::Begin | Command::Op { .. } => None,
        })
    }

    /// The term of an entry; that of the base, too. `None` where nothing is known of it.
    pub(crate) fn term_at(&self, index: u64) -> Option<u64> {
        if index == self.base.index {
            return Some(self.base.term);
        }
        self.get(index).map(|entry| entry.term)
    }

    /// The place of an entry that is kept, or of the base.
    pub(crate) fn place(&self, index: u64) -> Option<Place> {
        self.term_at(index).map(|term| Place { index, term })
    }

    /// The last place up to `index` whose entry is of `term` or an earlier one; `None` if that is
    /// before the base. A log that has nothing of a later term up to `index` shares nothing beyond
    /// with this one.
    pub(crate) fn up_to(&self, Place { index, term }: Place) -> Option<Place> {
        let index = index.min(self.last().index);
        let mut places = (self.base.index..=index).rev().filter_map(|index| self.place(index));
        places.find(|place| place.term <= term)
    }

    /// Up to `most` entries after `index`, which is not before the base.
    pub(crate) fn after(&self, index: u64, most: usize) -> Vec<Entry> {
        let from = self.at(index + 1).unwrap_or(0).min(self.entries.len());
        self.entries.range(from..).take(most).cloned().collect()
    }

    pub(crate) fn push(&mut self, entry: Entry) {
        self.entries.push_back(entry);
    }

    /// Keeps the entries up to `index`.
    pub(crate) fn truncate(&mut self, index: u64) {
        let kept = index.saturating_sub(self.base.index);
        self.entries.truncate(usize::try_from(kept).unwrap_or(usize::MAX));
    }

    /// Forgets the entries up to `index`, which a snapshot stands for.
    pub(crate) fn compact(&mut self, index: u64) {
        let Some(place) = self.place(index) else { return };
        let gone = usize::try_from(index - self.base.index).unwrap_or(usize::MAX);
        self.entries.drain(..gone.min(self.entries.len()));
        self.base = place;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(terms: &[u64]) -> Log {
        let mut log = Log::default();
        for &term in terms {
            log.push(Entry { term, command: Command::Begin });
        }
        log
    }

    #[test]
    fn what_is_compacted_keeps_its_places() {
        let mut compacted = log(&[1, 1, 2, 3, 3]);
        compacted.compact(3);
        assert_eq!(compacted.base(), Place { index: 3, term: 2 });
        assert_eq!(compacted.last(), Place { index: 5, term: 3 });
        assert_eq!(
            [2, 3, 4, 6].map(|index| compacted.term_at(index)),
            [None, Some(2), Some(3), None]
        );
        assert_eq!(compacted.after(3, 9).len(), 2);
        compacted.truncate(4);
        assert_eq!(compacted.last(), Place { index: 4, term: 3 });
        compacted.compact(4);
        assert_eq!((compacted.base(), compacted.last()), (compacted.last(), compacted.base()));
    }

    #[test]
    fn a_refusal_goes_back_a_term_at_a_time_and_not_beyond_the_base() {
        let up_to =
            |log: &Log, index, term| log.up_to(Place { index, term }).map(|place| place.index);
        assert_eq!(up_to(&log(&[1, 1, 4, 4, 4]), 5, 3), Some(2));
        assert_eq!(up_to(&log(&[1, 1, 4, 4, 4]), 9, 4), Some(5));
        assert_eq!(up_to(&log(&[4, 4]), 2, 3), Some(0));
        let mut compacted = log(&[2, 2, 2, 2]);
        compacted.compact(2);
        assert_eq!([up_to(&compacted, 4, 2), up_to(&compacted, 4, 1)], [Some(4), None]);
        assert_eq!(up_to(&compacted, 1, 2), None);
    }
}
