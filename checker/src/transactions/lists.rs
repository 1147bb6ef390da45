//! The order of the versions of each list, and what each transaction saw of it from outside.

use std::ops::Range;

use super::table::{Deed, TxnTable};
use super::txn::TxnEnd;
use crate::plant::{Bug, planted};

/// A read of a list by a committed transaction, without what that had appended itself.
#[derive(Clone, Debug)]
pub(super) struct ListRead {
    pub(super) txn: u32,
    /// The micro-operation.
    pub(super) part: u32,
    pub(super) key: u32,
    pub(super) seen: Range<u32>,
}

/// What is known of the lists.
#[derive(Debug)]
pub(super) struct Lists {
    /// Whether each transaction counts: it committed, or something that it appended was read.
    pub(super) counts: Vec<bool>,
    /// In the order of the history.
    pub(super) reads: Vec<ListRead>,
    /// For each key the longest list that was read, as far as no other contradicts it.
    pub(super) longest: Vec<Range<u32>>,
    /// For each element its place in the order of its key, if it has one.
    pub(super) place: Vec<u32>,
    /// For each key the elements that were never read and are there: those of committed transactions.
    pub(super) unread: Vec<Vec<u32>>,
    /// Two reads, of which neither is a beginning of the other.
    pub(super) incompatible: Vec<(u32, u32)>,
}

impl Lists {
    /// O(n), for n micro-operations and elements that were appended, where each list goes on from another one.
    pub(super) fn new(table: &TxnTable) -> Self {
        let mut it = Self {
            counts: table.txns.iter().map(|txn| txn.end == TxnEnd::Committed).collect(),
            reads: outside(table),
            longest: vec![0..0; table.keys.len()],
            place: vec![u32::MAX; table.elements.len()],
            unread: vec![Vec::new(); table.keys.len()],
            incompatible: Vec::new(),
        };
        let mut longest_by: Vec<Option<u32>> = vec![None; table.keys.len()];
        for read in &it.reads {
            let longest = &mut it.longest[read.key as usize];
            if read.seen.len() > longest.len() || longest_by[read.key as usize].is_none() {
                *longest = read.seen.clone();
                longest_by[read.key as usize] = Some(read.part);
            }
        }
        let mut apart = Vec::new();
        for read in &it.reads {
            let is_beginning = table.begins(&it.longest[read.key as usize], &read.seen);
            if let (false, Some(other)) = (is_beginning, longest_by[read.key as usize]) {
                it.incompatible.push((read.part, other));
                apart.push(read.seen.clone());
            }
        }
        let mut is_read = vec![false; table.elements.len()];
        // What a transaction alone read of itself is in no order yet.
        for &element in it.longest.iter().chain(&apart).flat_map(|list| table.list(list)) {
            is_read[element as usize] = true;
        }
        it.leave_contradicted(table);
        for list in &it.longest {
            for (at, &element) in (0u32..).zip(table.list(list)) {
                it.place[element as usize] = at;
            }
        }
        for (part, is_seen) in table.parts.iter().filter_map(|part| match part.deed {
            Deed::Append(element) => Some((part, is_read[element as usize])),
            Deed::Read(_) | Deed::LostRead => None,
        }) {
            let is_unknown = table.txns[part.txn as usize].end == TxnEnd::Unknown;
            it.counts[part.txn as usize] |=
                is_seen && is_unknown && !planted(Bug::TxnForgetUnknown);
        }
        for part in &table.parts {
            if let Deed::Append(element) = part.deed
                && !is_read[element as usize]
                && it.counts[part.txn as usize]
                && !planted(Bug::TxnForgetUnread)
            {
                it.unread[part.key as usize].push(element);
            }
        }
        it
    }

    /// Of lists that contradict each other, what they begin with alike has an order, and the rest has none.
    fn leave_contradicted(&mut self, table: &TxnTable) {
        let mut left: Vec<Option<u32>> = vec![None; self.longest.len()];
        for read in &self.reads {
            let longest = &self.longest[read.key as usize];
            if !table.begins(longest, &read.seen) {
                let (one, other) = (table.list(longest), table.list(&read.seen));
                let alike = one.iter().zip(other).take_while(|(one, other)| one == other).count();
                let alike = u32::try_from(alike).expect("lists are no longer than that");
                let left = &mut left[read.key as usize];
                *left = Some(left.map_or(alike, |it| it.min(alike)));
            }
        }
        for (longest, left) in self.longest.iter_mut().zip(left) {
            longest.end = left.map_or(longest.end, |left| longest.start + left);
        }
    }

    /// Whether elements of several transactions were never read of one key.
    pub(super) fn has_open_order(&self, table: &TxnTable) -> bool {
        self.unread.iter().any(|elements| {
            let mut by = elements.iter().map(|&element| table.appender(element));
            let first = by.next();
            by.any(|it| Some(it) != first)
        })
    }

    /// Whether a read that is a beginning of the order of its key has an element.
    pub(super) fn sees(&self, read: &ListRead, element: u32) -> bool {
        (self.place[element as usize] as usize) < read.seen.len()
    }

    /// Whether a read is a beginning of the order of the versions of its key.
    pub(super) fn is_in_order(&self, table: &TxnTable, read: &ListRead) -> bool {
        table.begins(&self.longest[read.key as usize], &read.seen)
    }

    /// The order of the versions of a key, as far as it was read.
    pub(super) fn order<'a>(&self, table: &'a TxnTable, key: u32) -> &'a [u32] {
        table.list(&self.longest[key as usize])
    }
}

/// The reads of committed transactions, each without the elements at its end that its transaction had
/// appended before.
fn outside(table: &TxnTable) -> Vec<ListRead> {
    let mut reads = Vec::new();
    for (txn, place) in (0u32..).zip(&table.txns) {
        for (part, it) in (place.parts.start..).zip(table.parts_of(txn)) {
            let Deed::Read(range) = &it.deed else { continue };
            let mut end = range.end;
            let is_own = |element: u32| {
                let by = table.appended_by[element as usize];
                by.is_some_and(|by| by < part && table.parts[by as usize].txn == txn)
            };
            while end > range.start && is_own(table.read[end as usize - 1]) {
                end -= 1;
            }
            reads.push(ListRead { txn, part, key: it.key, seen: range.start..end });
        }
    }
    reads
}
