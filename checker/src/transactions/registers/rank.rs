//! A likely order of the transactions, from which the order of the versions of each register follows.
//!
//! Any order of the versions is possible that no cycle forbids, and to find one is hard in general
//! (Papadimitriou, "The serializability of concurrent database updates", JACM 1979). This one is what a store
//! that is correct has nearly always: reads come after what they read, what was known earlier comes earlier,
//! and what is seen to have been overwritten comes before what overwrote it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::table::{OutsideRead, RegisterTable};
use crate::Position;

/// When something ended that never did.
const NEVER: Position = Position(u32::MAX);

/// How much an order of two transactions counts, where not all orders can be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// It was decided.
    Decided,
    /// One read what the other wrote.
    Read,
    /// One was seen to have been overwritten by the other.
    Seen,
}

/// What is known of each transaction, from which the order is made.
pub(super) struct Ranking<'a> {
    table: &'a RegisterTable,
    reads: Vec<OutsideRead>,
    /// When it is certain that each transaction has committed: it completed, or what it wrote was read by one
    /// of which it was certain.
    known: Vec<Position>,
    /// Which of two writers of a key comes first, as reads show.
    seen: Vec<(u32, u32)>,
}

impl<'a> Ranking<'a> {
    /// O(n (log n + c)) for n micro-operations and c writers of one key at the same time.
    pub(super) fn new(table: &'a RegisterTable) -> Self {
        let reads: Vec<OutsideRead> = table.outside_reads().collect();
        let known = known(table, &reads);
        let mut seen = seen_in_time(table, &reads, &known);
        seen.extend(seen_at_once(table, &reads));
        Self { table, reads, known, seen }
    }

    pub(super) fn reads(&self) -> &[OutsideRead] {
        &self.reads
    }

    /// For each transaction its place, where each of `decided` comes before the other of its pair. These
    /// must not form a cycle. O(n log n).
    pub(super) fn places(&self, decided: &[(u32, u32)]) -> Vec<u32> {
        let sources = self.reads.iter().filter_map(|read| Some((read.seen?.1, read.txn)));
        let weighed = |weight| move |pair| (pair, weight);
        let orders = decided
            .iter()
            .copied()
            .map(weighed(Weight::Decided))
            .chain(sources.map(weighed(Weight::Read)))
            .chain(self.seen.iter().copied().map(weighed(Weight::Seen)));
        Sorting::new(self.known.len(), orders)
            .by(|txn| (self.known[txn as usize], self.table.txns[txn as usize].invoked, txn))
    }
}

/// See [`Ranking::known`].
fn known(table: &RegisterTable, reads: &[OutsideRead]) -> Vec<Position> {
    let ended = |txn: u32| table.txns[txn as usize].completed.unwrap_or(NEVER);
    let count = u32::try_from(table.txns.len()).expect("they are numbered so");
    let sources = Successors::new(
        table.txns.len(),
        reads.iter().filter_map(|read| Some((read.txn, read.seen?.1))),
    );
    let mut by_end: Vec<u32> = (0..count).collect();
    by_end.sort_by_key(|&txn| ended(txn));
    let mut known = vec![None; table.txns.len()];
    let mut open = Vec::new();
    for txn in by_end {
        open.push(txn);
        while let Some(it) = open.pop() {
            if known[it as usize].is_none() {
                known[it as usize] = Some(ended(txn));
                open.extend_from_slice(sources.of(it));
            }
        }
    }
    known.into_iter().map(|it| it.unwrap_or(NEVER)).collect()
}

/// Pairs of writers of one key at the same time, of which the first was certain before a read of the second
/// began: who read comes after both, and did not see the first.
fn seen_in_time(
    table: &RegisterTable,
    reads: &[OutsideRead],
    known: &[Position],
) -> Vec<(u32, u32)> {
    let mut last_read: Vec<Option<Position>> = vec![None; table.versions.len()];
    for read in reads {
        if let Some((version, _)) = read.seen {
            let last = &mut last_read[version as usize];
            *last = (*last).max(Some(table.txns[read.txn as usize].invoked));
        }
    }
    let mut pairs = Vec::new();
    for versions in versions_of_keys(table) {
        let mut writes: Vec<(Position, Position, u32, u32)> = versions
            .into_iter()
            .map(|(version, txn)| {
                (table.txns[txn as usize].invoked, known[txn as usize], version, txn)
            })
            .collect();
        writes.sort_unstable();
        // Those of which it is not certain yet that they committed, when the next began.
        let mut active: Vec<(Position, Position, u32, u32)> = Vec::new();
        for write in writes {
            active.retain(|&(_, end, ..)| end > write.0);
            for &other in &active {
                for ((_, end, _, one), (_, _, version, two)) in [(write, other), (other, write)] {
                    if last_read[version as usize].is_some_and(|last| end < last) {
                        pairs.push((one, two));
                    }
                }
            }
            // One that is never certain comes before nothing, and was never read.
            if write.1 < NEVER {
                active.push(write);
            }
        }
    }
    pairs
}

/// Pairs of writers of one key whose versions one transaction saw, the second of that key and the first of
/// another one. O(k^2 log n) for a transaction that read k keys, however much others wrote.
fn seen_at_once(table: &RegisterTable, reads: &[OutsideRead]) -> Vec<(u32, u32)> {
    let mut pairs = Vec::new();
    let mut left: Vec<(u32, u32)> = versions_of_keys(table)
        .into_iter()
        .zip(0u32..)
        .flat_map(|(versions, key)| versions.into_iter().map(move |(_, writer)| (writer, key)))
        .collect();
    left.sort_unstable();
    for of_txn in reads.chunk_by(|one, other| one.txn == other.txn) {
        let mut by_key: Vec<(u32, u32)> =
            of_txn.iter().filter_map(|read| Some((read.key, read.seen?.1))).collect();
        if by_key.len() < 2 {
            continue;
        }
        by_key.sort_unstable();
        let mut sources: Vec<u32> = by_key.iter().map(|&(_, source)| source).collect();
        sources.sort_unstable();
        sources.dedup();
        for source in sources {
            let other = by_key.iter().filter(|&&(_, writer)| writer != source);
            let wrote_it = other.filter(|&&(key, _)| left.binary_search(&(source, key)).is_ok());
            pairs.extend(wrote_it.map(|&(_, writer)| (source, writer)));
        }
    }
    pairs
}

/// For each key the versions that transactions that count left, each with its transaction.
pub(super) fn versions_of_keys(table: &RegisterTable) -> Vec<Vec<(u32, u32)>> {
    let mut all = vec![Vec::new(); table.keys.len()];
    for (number, version) in (0u32..).zip(&table.versions) {
        let writer = table.writer(number).filter(|&txn| table.counts[txn as usize]);
        if let (true, Some(writer)) = (version.is_last, writer) {
            all[version.key as usize].push((number, writer));
        }
    }
    all
}

/// What comes after each of some numbers.
struct Successors {
    starts: Vec<u32>,
    all: Vec<u32>,
}

impl Successors {
    fn new(count: usize, pairs: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut pairs: Vec<(u32, u32)> = pairs.collect();
        pairs.sort_unstable();
        pairs.dedup();
        let mut starts = vec![0u32; count + 1];
        for &(from, _) in &pairs {
            starts[from as usize + 1] += 1;
        }
        for at in 0..count {
            starts[at + 1] += starts[at];
        }
        Self { starts, all: pairs.into_iter().map(|(_, to)| to).collect() }
    }

    fn of(&self, from: u32) -> &[u32] {
        let (start, end) = (self.starts[from as usize], self.starts[from as usize + 1]);
        &self.all[start as usize..end as usize]
    }
}

/// Sorts so that as many orders as can be are kept, the weightiest first. Kahn, "Topological sorting of large
/// networks", CACM 1962.
struct Sorting {
    /// Of each weight.
    after: [Successors; 3],
    /// For each number, how many of each weight come before it and are not sorted yet.
    waits: Vec<[u32; 3]>,
}

impl Sorting {
    fn new(count: usize, orders: impl Iterator<Item = ((u32, u32), Weight)>) -> Self {
        let mut by_weight = [Vec::new(), Vec::new(), Vec::new()];
        for (pair, weight) in orders.filter(|((one, other), _)| one != other) {
            by_weight[weight as usize].push(pair);
        }
        let after = by_weight.map(|pairs| Successors::new(count, pairs.into_iter()));
        let mut waits = vec![[0; 3]; count];
        for (weight, after) in after.iter().enumerate() {
            for &to in &after.all {
                waits[to as usize][weight] += 1;
            }
        }
        Self { after, waits }
    }

    /// Of how little weight what a number still waits for is: nothing (0) to something decided (3).
    fn rest(&self, number: u32) -> usize {
        self.waits[number as usize].iter().position(|&it| it > 0).map_or(0, |weight| 3 - weight)
    }

    /// For each number its place; what comes first by `key` is taken first where there is a choice.
    fn by<K: Ord>(mut self, key: impl Fn(u32) -> K) -> Vec<u32> {
        let count = u32::try_from(self.waits.len()).expect("they are numbered so");
        let mut open: [BinaryHeap<Reverse<(K, u32)>>; 4] = Default::default();
        for number in 0..count {
            open[self.rest(number)].push(Reverse((key(number), number)));
        }
        let mut places = vec![u32::MAX; count as usize];
        let mut place = 0;
        // What stands in several has been moved to an earlier one.
        while let Some(Reverse((_, number))) = open.iter_mut().find_map(BinaryHeap::pop) {
            if places[number as usize] != u32::MAX {
                continue;
            }
            places[number as usize] = place;
            place += 1;
            for weight in 0..3 {
                for at in 0..self.after[weight].of(number).len() {
                    let to = self.after[weight].of(number)[at];
                    let before = self.rest(to);
                    self.waits[to as usize][weight] -= 1;
                    let now = self.rest(to);
                    if now < before && places[to as usize] == u32::MAX {
                        open[now].push(Reverse((key(to), to)));
                    }
                }
            }
        }
        places
    }
}
