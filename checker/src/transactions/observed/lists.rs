//! Appends that a transaction should have seen.

use std::collections::{BTreeMap, VecDeque};

use super::{LeftWrites, Sight, StepsSpent};
use crate::plant::{Bug, planted};
use crate::transactions::cycles::components;
use crate::transactions::graph::{DEPENDENCIES, TxnGraph};
use crate::transactions::lists::{ListRead, Lists};
use crate::transactions::table::{Deed, MicroOp, TxnTable};

/// A transaction did not see what one appended that it observes.
#[derive(Clone, Debug)]
pub(in crate::transactions) struct MissedAppend {
    /// From the one that misses it to the one that appended it: each observed the next one.
    pub(in crate::transactions) chain: Vec<u32>,
    /// The reads by which they did, one less.
    pub(in crate::transactions) by: Vec<u32>,
    /// The read that misses it.
    pub(in crate::transactions) part: u32,
    pub(in crate::transactions) element: u32,
}

/// The first append that the first transaction should have seen, of a history in which reads are of what was
/// committed, and agree on the order of the elements. With all dependencies, only transactions that depend on each
/// other in a cycle are looked at: no others can miss something. O(elements that those read), and for
/// [`Sight::ByWayOfOthers`] as much for each of them, up to `steps_max`.
pub(in crate::transactions) fn observe(
    (table, lists, graph): (&TxnTable, &Lists, Option<&TxnGraph>),
    sight: Sight,
    steps_max: u64,
) -> Result<Option<MissedAppend>, StepsSpent> {
    let component =
        graph.map_or_else(|| vec![0; table.txns.len()], |it| components(it, DEPENDENCIES));
    let mut sizes = vec![0u32; component.len()];
    for &it in &component {
        sizes[it as usize] += 1;
    }
    let append = |part: &MicroOp| match part.deed {
        Deed::Append(element) => Some((part.txn, part.key, element)),
        Deed::Read(_) | Deed::LostRead => None,
    };
    let left = LeftWrites::new(table.parts.iter().filter_map(append));
    let came = vec![None; table.txns.len()];
    let mut observing = Observing { table, lists, left, component, came, steps: 0 };
    for txn in (0u32..).take(table.txns.len()) {
        let is_alone = sizes[observing.component[txn as usize] as usize] < 2;
        if is_alone || observing.reads_of(txn).is_empty() {
            continue;
        }
        let missed = match sight {
            Sight::FromThenOn | Sight::AtAnyTime => observing.at_once(txn, sight),
            Sight::ByWayOfOthers => observing.by_way_of_others(txn),
        };
        if missed.is_some() {
            return Ok(missed);
        }
        if observing.steps > steps_max {
            return Err(StepsSpent);
        }
    }
    Ok(None)
}

/// Which transaction observed one, and by which read.
type Observed = Option<(u32, u32)>;

struct Observing<'a> {
    table: &'a TxnTable,
    lists: &'a Lists,
    left: LeftWrites,
    component: Vec<u32>,
    /// For each transaction how it was observed, by way of others.
    came: Vec<Observed>,
    steps: u64,
}

impl<'a> Observing<'a> {
    fn reads_of(&self, txn: u32) -> &'a [ListRead] {
        let reads = &self.lists.reads;
        let from = reads.partition_point(|read| read.txn < txn);
        let many = reads[from..].partition_point(|read| read.txn == txn);
        &reads[from..from + many]
    }

    /// The others of the same cycles that a read observes.
    fn observed_by(&self, read: &'a ListRead) -> impl Iterator<Item = u32> + use<'_, 'a> {
        let of_cycle = move |it: &u32| {
            *it != read.txn && self.component[*it as usize] == self.component[read.txn as usize]
        };
        let elements = self.table.list(&read.seen).iter();
        elements.filter_map(|&element| self.table.appender(element)).filter(of_cycle)
    }

    /// The keys of reads, in order, each with its place among them.
    fn keys(reads: &[ListRead]) -> Vec<(u32, usize)> {
        let mut keys: Vec<(u32, usize)> =
            reads.iter().enumerate().map(|(at, read)| (read.key, at)).collect();
        keys.sort_unstable();
        keys
    }

    /// What `other` appended and the first of these reads from `since` on that misses something does not have.
    fn missed(
        &mut self,
        (reads, keys): (&[ListRead], &[(u32, usize)]),
        since: usize,
        other: u32,
    ) -> Option<(u32, u32)> {
        let parts = self.table.parts_of(other);
        self.steps += parts.len().min(reads.len()) as u64;
        // What it appended last comes last: where that is, all is.
        let common = self.left.read(other, parts.iter().map(|part| part.key), keys);
        let is_missed =
            |&(at, element): &(usize, u32)| at >= since && !self.lists.sees(&reads[at], element);
        let (at, element) = common.into_iter().find(is_missed)?;
        Some((reads[at].part, element))
    }

    fn at_once(&mut self, txn: u32, sight: Sight) -> Option<MissedAppend> {
        let reads = self.reads_of(txn);
        let keys = Self::keys(reads);
        let mut observed: BTreeMap<u32, usize> = BTreeMap::new();
        for (at, by) in reads.iter().enumerate() {
            for other in self.observed_by(by) {
                observed.entry(other).or_insert(at);
            }
        }
        observed.into_iter().find_map(|(other, by)| {
            let since = if sight == Sight::FromThenOn { by + 1 } else { 0 };
            let (part, element) = self.missed((reads, &keys), since, other)?;
            Some(MissedAppend { chain: vec![txn, other], by: vec![reads[by].part], part, element })
        })
    }

    /// Goes from each transaction to those that it observes.
    fn by_way_of_others(&mut self, txn: u32) -> Option<MissedAppend> {
        let reads = self.reads_of(txn);
        let keys = Self::keys(reads);
        let mut reached = vec![];
        let mut queue = VecDeque::from([txn]);
        let mut found = None;
        while let Some(next) = queue.pop_front() {
            if next != txn {
                found = self.missed((reads, &keys), 0, next).map(|missed| (next, missed));
            }
            let is_far = next != txn && planted(Bug::ObservedForgetOthers);
            if found.is_some() || is_far {
                break;
            }
            for read in self.reads_of(next) {
                self.steps += read.seen.len() as u64 + 1;
                let new: Vec<u32> = self
                    .observed_by(read)
                    .filter(|&it| it != txn && self.came[it as usize].is_none())
                    .collect();
                for other in new {
                    if self.came[other as usize].is_none() {
                        self.came[other as usize] = Some((next, read.part));
                        reached.push(other);
                        queue.push_back(other);
                    }
                }
            }
        }
        let missed = found.map(|(last, missed)| self.chain(txn, last, missed));
        for other in reached {
            self.came[other as usize] = None;
        }
        missed
    }

    fn chain(&self, txn: u32, last: u32, (part, element): (u32, u32)) -> MissedAppend {
        let (mut chain, mut by) = (vec![last], Vec::new());
        let mut here = last;
        while here != txn {
            let Some((from, read)) = self.came[here as usize] else { break };
            chain.push(from);
            by.push(read);
            here = from;
        }
        chain.reverse();
        by.reverse();
        MissedAppend { chain, by, part, element }
    }
}
