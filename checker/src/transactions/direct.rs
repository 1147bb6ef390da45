//! Anomalies of single reads and of single versions, which need no cycle.
//!
//! | class | what it is | weakest model that forbids it |
//! |---|---|---|
//! | `read-from-nowhere` | an element was read that no transaction appends | read committed |
//! | `g1a` | an element was read of a transaction that aborted | read committed |
//! | `dirty-update` | an element of a transaction that committed comes after one of a transaction that aborted | read committed |
//! | `g1b` | a list was read that ends between two appends of one other transaction | read committed |
//! | `duplicate-element` | an element comes twice in one list | read uncommitted |
//! | `incompatible-order` | two lists were read of one key, neither of which is a beginning of the other; or a list without, before it, what its transaction appended before it | read committed |
//! | `internal` | a transaction did not read what it had read and appended itself, or read what it appended later | read atomic |
//! | `lost-update` | two transactions read the same list of a key, and both append to that | cursor stability and parallel snapshot isolation |
//! | `g-cursor` | a transaction read a list and appended to it, and an element of another one comes in between | the same |

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::lists::{ListRead, Lists};
use super::table::{Deed, TxnTable};
use super::txn::TxnEnd;
use crate::AnomalyClass;
use crate::plant::{Bug, planted};

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
    let turns = Turns::new(table);
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
        if turns.has_next[last as usize] {
            note(AnomalyClass::IntermediateRead, read.key, vec![read.txn, by], Some(last));
        }
    }
    for &(one, other) in &lists.incompatible {
        let [one, other] = [one, other].map(|part| &table.parts[part as usize]);
        note(AnomalyClass::IncompatibleOrder, one.key, vec![one.txn, other.txn], None);
    }
    if let Some((key, element, txns)) = turns.missed(table, lists) {
        note(AnomalyClass::IncompatibleOrder, key, txns, Some(element));
    }
    let mut lost = BTreeSet::new();
    for (key, one, other) in lost_updates(table, lists) {
        note(AnomalyClass::LostUpdate, key, vec![one, other], None);
        lost.insert(key);
    }
    // One of these is enough, as each is looked for in all reads.
    let mut left = updates(table, lists).filter(|read| !lost.contains(&read.key));
    let between = left.find_map(|read| Some((read.key, came_between(table, lists, read)?)));
    if let Some((key, (element, txns))) = between {
        note(AnomalyClass::GCursor, key, txns, Some(element));
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
    let mut keys: Vec<u32> = table.parts_of(txn).iter().map(|part| part.key).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair[0] == pair[1])
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

/// In which turn transactions appended to each key, for each element.
struct Turns {
    /// The one that its transaction appended to the key before it.
    before: Vec<Option<u32>>,
    /// Whether its transaction appended one to the key after it.
    has_next: Vec<bool>,
}

impl Turns {
    /// O(micro-operations).
    fn new(table: &TxnTable) -> Self {
        let elements = table.elements.len();
        let mut it = Self { before: vec![None; elements], has_next: vec![false; elements] };
        let mut last: Vec<Option<(u32, u32)>> = vec![None; table.keys.len()];
        for part in &table.parts {
            let Deed::Append(element) = part.deed else { continue };
            match last[part.key as usize].replace((part.txn, element)) {
                Some((by, before)) if by == part.txn => {
                    it.before[element as usize] = Some(before);
                    it.has_next[before as usize] = true;
                }
                _ => {}
            }
        }
        it
    }

    /// The first element that was read without, before it, what its transaction had appended before it; with a
    /// transaction that read it and the one that appended it. O(elements and reads).
    fn missed(&self, table: &TxnTable, lists: &Lists) -> Option<(u32, u32, Vec<u32>)> {
        let mut is_placed = vec![false; table.elements.len()];
        for (key, list) in (0u32..).zip(&lists.longest) {
            for (at, &element) in table.list(list).iter().enumerate() {
                let before = self.before[element as usize];
                let is_early = before.is_some_and(|it| !is_placed[it as usize]);
                if let (true, Some(by)) = (is_early, table.appender(element)) {
                    let has_it = |read: &&ListRead| read.key == key && read.seen.len() > at;
                    let mut readers = lists.reads.iter().filter(has_it);
                    let reader = readers.find(|read| lists.is_in_order(table, read))?;
                    return Some((key, element, vec![reader.txn, by]));
                }
                is_placed[element as usize] = true;
            }
        }
        None
    }
}

/// The reads of a key by transactions that append to it after that, and did not see that already.
pub(super) fn updates<'a>(
    table: &'a TxnTable,
    lists: &'a Lists,
) -> impl Iterator<Item = &'a ListRead> {
    let mut first: FxHashMap<(u32, u32), u32> = FxHashMap::default();
    for part in &table.parts {
        if let Deed::Append(element) = part.deed {
            first.entry((part.txn, part.key)).or_insert(element);
        }
    }
    lists.reads.iter().filter(move |read| {
        let Some(&first) = first.get(&(read.txn, read.key)) else { return false };
        lists.counts[read.txn as usize]
            && table.appended_by[first as usize].is_some_and(|by| by > read.part)
            && lists.is_in_order(table, read)
            && !lists.sees(read, first)
    })
}

/// Pairs of transactions that read the same list of a key and both append to it after that.
fn lost_updates(table: &TxnTable, lists: &Lists) -> Vec<(u32, u32, u32)> {
    let mut first: BTreeMap<(u32, usize), u32> = BTreeMap::new();
    let mut found = Vec::new();
    for read in updates(table, lists) {
        let other = *first.entry((read.key, read.seen.len())).or_insert(read.txn);
        if other != read.txn {
            found.push((read.key, other, read.txn));
        }
    }
    found
}

/// The element that comes after the list that a transaction read and appended to, if it is of another one; the
/// transaction, that other one, and one that shows the order.
fn came_between(table: &TxnTable, lists: &Lists, read: &ListRead) -> Option<(u32, Vec<u32>)> {
    let &next = lists.order(table, read.key).get(read.seen.len())?;
    let other = table.appender(next).filter(|&by| by != read.txn && lists.counts[by as usize])?;
    if planted(Bug::TxnForgetCursor) {
        return None;
    }
    let shows = |it: &&ListRead| {
        it.key == read.key && it.seen.len() > read.seen.len() && lists.is_in_order(table, it)
    };
    let is_another = |it: &&ListRead| it.txn != read.txn && it.txn != other;
    let longer =
        lists.reads.iter().filter(shows).min_by_key(|it| (is_another(it), it.seen.len()))?;
    Some((next, vec![read.txn, other, longer.txn]))
}
