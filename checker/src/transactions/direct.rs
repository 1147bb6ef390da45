//! Anomalies of single reads and of single versions, which need no cycle.
//!
//! | class | what it is | weakest model that forbids it |
//! |---|---|---|
//! | `read-from-nowhere` | an element was read that no transaction appends | read committed |
//! | `g1a` | an element was read of a transaction that aborted | read committed |
//! | `dirty-update` | an element of a transaction that committed comes after one of a transaction that aborted | read committed |
//! | `g1b` | a list was read that ends between two appends of one other transaction | read committed |
//! | `duplicate-element` | an element comes twice in one list | read uncommitted |
//! | `incompatible-order` | two lists were read of one key, neither of which is a beginning of the other | read committed |
//! | `internal` | a transaction did not read what it had read and appended itself, or read what it appended later | read atomic |
//! | `lost-update` | two transactions read the same list of a key, and both append to that | cursor stability and parallel snapshot isolation |

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::lists::Lists;
use super::table::{Deed, TxnTable};
use super::txn::TxnEnd;
use crate::AnomalyClass;

/// Something wrong that needs no cycle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DirectAnomaly {
    pub(super) class: AnomalyClass,
    pub(super) key: u32,
    /// The transactions that show it: the one that read first.
    pub(super) txns: Vec<u32>,
    /// What is wrong, about the transactions by these numbers.
    pub(super) element: Option<u32>,
}

/// All of them, one of each class and key. O(n log n) for n micro-operations and elements that were appended, where each
/// list goes on from another one.
pub(super) fn find(table: &TxnTable, lists: &Lists) -> Vec<DirectAnomaly> {
    let mut found = BTreeMap::new();
    let mut note = |class: AnomalyClass, key: u32, txns: Vec<u32>, element: Option<u32>| {
        found.entry((class, key)).or_insert(DirectAnomaly { class, key, txns, element });
    };
    let sound = sound(table, lists);
    for (txn, place) in (0u32..).zip(&table.txns) {
        for part in table.parts_of(txn) {
            let Deed::Read(range) = &part.deed else { continue };
            if table.begins(&sound[part.key as usize], range) {
                continue;
            }
            let mut seen = BTreeSet::new();
            let mut aborted = None;
            for &element in table.list(range) {
                if !seen.insert(element) {
                    note(AnomalyClass::DuplicateElement, part.key, vec![txn], Some(element));
                }
                let Some(by) = table.appender(element) else {
                    note(AnomalyClass::ReadFromNowhere, part.key, vec![txn], Some(element));
                    continue;
                };
                match (table.txns[by as usize].end, aborted) {
                    (TxnEnd::Aborted, _) => {
                        note(AnomalyClass::AbortedRead, part.key, vec![txn, by], Some(element));
                        aborted = Some(by);
                    }
                    (_, Some(before)) => {
                        let txns = vec![txn, before, by];
                        note(AnomalyClass::DirtyUpdate, part.key, txns, Some(element));
                    }
                    _ => {}
                }
            }
        }
        if place.end == TxnEnd::Committed && touches_a_key_twice(table, txn) {
            for key in internal(table, txn) {
                note(AnomalyClass::Internal, key, vec![txn], None);
            }
        }
    }
    for read in &lists.reads {
        let Some(&last) = table.list(&read.seen).last() else { continue };
        let Some(by) = table.appender(last).filter(|&by| by != read.txn) else { continue };
        if table.appends(by, read.key).last() != Some(last) {
            note(AnomalyClass::IntermediateRead, read.key, vec![read.txn, by], Some(last));
        }
    }
    for &(one, other) in &lists.incompatible {
        let [one, other] = [one, other].map(|part| &table.parts[part as usize]);
        note(AnomalyClass::IncompatibleOrder, one.key, vec![one.txn, other.txn], None);
    }
    for (key, one, other) in lost_updates(table, lists) {
        note(AnomalyClass::LostUpdate, key, vec![one, other], None);
    }
    found.into_values().collect()
}

/// For each key the beginning of the order of its versions with nothing wrong in it: elements that come once,
/// of transactions that did not abort. O(elements).
fn sound(table: &TxnTable, lists: &Lists) -> Vec<Range<u32>> {
    let mut seen = vec![false; table.elements.len()];
    let mut is_sound = |element: u32| {
        let is_new = !std::mem::replace(&mut seen[element as usize], true);
        let aborted = |by: u32| table.txns[by as usize].end == TxnEnd::Aborted;
        is_new && table.appender(element).is_some_and(|by| !aborted(by))
    };
    let beginning = |range: &Range<u32>| {
        let sound = table.list(range).iter().take_while(|&&element| is_sound(element)).count();
        range.start..range.start + u32::try_from(sound).expect("no longer than the list")
    };
    lists.longest.iter().map(beginning).collect()
}

fn touches_a_key_twice(table: &TxnTable, txn: u32) -> bool {
    let parts = table.parts_of(txn);
    (1..parts.len()).any(|at| parts[..at].iter().any(|before| before.key == parts[at].key))
}

/// The keys of which a transaction did not read what it knew.
fn internal(table: &TxnTable, txn: u32) -> Vec<u32> {
    // What is known of the end of each list, and whether that is all of it.
    let mut known: BTreeMap<u32, (Vec<u32>, bool)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (place, part) in (table.txns[txn as usize].parts.start..).zip(table.parts_of(txn)) {
        match &part.deed {
            Deed::Append(element) => {
                known.entry(part.key).or_insert((Vec::new(), false)).0.push(*element);
            }
            Deed::Read(range) => {
                let list = table.list(range);
                let is_right = match known.get(&part.key) {
                    None => true,
                    Some((all, true)) => all == list,
                    Some((end, false)) => list.ends_with(end),
                };
                // Nor can it read what it has yet to append.
                let is_later = |&element: &u32| {
                    table.appender(element) == Some(txn)
                        && table.appended_by[element as usize] > Some(place)
                };
                if !is_right || list.iter().any(is_later) {
                    wrong.push(part.key);
                }
                known.insert(part.key, (list.to_vec(), true));
            }
            Deed::LostRead => {}
        }
    }
    wrong
}

/// Pairs of transactions that read the same list of a key and both append to it after that.
fn lost_updates(table: &TxnTable, lists: &Lists) -> Vec<(u32, u32, u32)> {
    let mut first: BTreeMap<(u32, usize), (u32, u32)> = BTreeMap::new();
    let mut found = Vec::new();
    let mut done = BTreeSet::new();
    for read in lists.reads.iter().filter(|read| lists.counts[read.txn as usize]) {
        let before = |part: u32| part < read.part;
        let mut appends = table.appends(read.txn, read.key);
        let appended_before = appends.any(|it| table.appended_by[it as usize].is_some_and(before));
        let appends = table.appends(read.txn, read.key).next().is_some();
        let seen = read.seen.len();
        if !appends || appended_before || !lists.is_in_order(table, read) {
            continue;
        }
        if !done.insert((read.txn, read.key)) {
            continue; // It reads the key again.
        }
        match first.get(&(read.key, seen)) {
            None => {
                first.insert((read.key, seen), (read.txn, read.part));
            }
            Some(&(other, _)) => found.push((read.key, other, read.txn)),
        }
    }
    found
}
