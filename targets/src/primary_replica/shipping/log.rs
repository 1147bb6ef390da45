//! The log: entries numbered from 1.

use super::Entry;

/// A sequence of entries; number 0 stands for "before the first".
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    entries: Vec<Entry>,
}

impl Log {
    pub(super) fn len(&self) -> u64 {
        self.entries.len() as u64
    }

    /// Where it ends, and the epoch of its last entry; zeros if it is empty.
    pub(super) fn last(&self) -> (u64, u64) {
        (self.len(), self.epoch_at(self.len()).unwrap_or(0))
    }

    pub(super) fn get(&self, index: u64) -> Option<&Entry> {
        let at = usize::try_from(index.checked_sub(1)?).ok()?;
        self.entries.get(at)
    }

    /// The epoch of entry `index`; 0 for index 0, `None` beyond the end.
    pub(super) fn epoch_at(&self, index: u64) -> Option<u64> {
        if index == 0 { Some(0) } else { self.get(index).map(|entry| entry.epoch) }
    }

    /// How many entries a log may share with this one that has another entry `index`: not those of
    /// the epoch that stands there here. To go back entry by entry would take a message for each.
    pub(super) fn may_share(&self, index: u64) -> u64 {
        let Some(stranger) = self.epoch_at(index) else { return self.len() };
        (0..index).rev().find(|&before| self.epoch_at(before) != Some(stranger)).unwrap_or(0)
    }

    /// The entries after `index`.
    pub(super) fn after(&self, index: u64) -> &[Entry] {
        let at = usize::try_from(index).unwrap_or(usize::MAX).min(self.entries.len());
        &self.entries[at..]
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Keeps the first `len` entries.
    pub(super) fn truncate(&mut self, len: u64) {
        self.entries.truncate(usize::try_from(len).unwrap_or(usize::MAX));
    }
}
