//! Whether the versions have an order in which transactions see all that they observe.
//!
//! A read of another version says that what was written by a transaction that is observed is older than that
//! version. The model is kept if that and the reads form no cycle: then each order that goes on from it will do.

use std::collections::{BTreeMap, VecDeque};

use super::table::{OutsideRead, RegisterAct, RegisterPart, RegisterTable};
use crate::plant::{Bug, planted};
use crate::transactions::cycles::{CycleRule, CycleSearch, RwRule, has_cycle, shortest};
use crate::transactions::graph::{EdgeKind, GraphEdge, TxnGraph, WR, WW};
use crate::transactions::observed::{LeftWrites, Sight, StepsSpent};

/// Why something comes before something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Older {
    /// It was read by `by`.
    Read { writer: u32, reader: u32, part: u32 },
    /// `reader` observes it, and yet read something else, of `newer`, or what was there before any write.
    Overwritten { writer: u32, newer: Option<u32>, chain: Vec<u32>, part: u32 },
}

impl Older {
    /// The transactions that it is about.
    pub(super) fn txns(&self) -> Vec<u32> {
        match self {
            Self::Read { writer, reader, .. } => vec![*writer, *reader],
            Self::Overwritten { newer, chain, .. } => newer.iter().chain(chain).copied().collect(),
        }
    }
}

/// What shows that there is no order: a cycle, or something that is older than the first version. O(micro-operations),
/// and for [`Sight::ByWayOfOthers`] as much for each transaction, up to `steps_max`.
pub(super) fn contradiction(
    table: &RegisterTable,
    sight: Sight,
    steps_max: u64,
) -> Result<Option<Vec<Older>>, StepsSpent> {
    let reads: Vec<OutsideRead> = table.outside_reads().collect();
    let write = |part: &RegisterPart| match part.deed {
        RegisterAct::Write(version) => Some((part.txn, part.key, version)),
        RegisterAct::Read(_) | RegisterAct::LostRead => None,
    };
    let left = LeftWrites::new(table.parts.iter().filter_map(write));
    let mut observing = VersionsObserved { table, reads: &reads, left, steps: 0 };
    let mut edges: Vec<(u32, GraphEdge)> = Vec::new();
    let mut add = |from: u32, to: u32, kind: EdgeKind, because: u32| {
        edges.push((from, GraphEdge { to, kind, because, is_direct: true }));
    };
    for read in &reads {
        if let Some((_, writer)) = read.seen {
            add(writer, read.txn, EdgeKind::Wr, read.part);
        }
    }
    for txn in (0u32..).take(table.txns.len()) {
        for (writer, newer, part) in observing.overwritten(txn, sight) {
            if newer.is_none() && planted(Bug::ObservedForgetInitial)
                || newer.is_some() && planted(Bug::ObservedForgetNewer)
            {
                continue;
            }
            let Some(newer) = newer else {
                let chain = observing.chain(txn, writer);
                return Ok(Some(vec![Older::Overwritten { writer, newer, chain, part }]));
            };
            add(writer, newer, EdgeKind::Ww, part);
        }
        if observing.steps > steps_max {
            return Err(StepsSpent);
        }
    }
    let txns = u32::try_from(table.txns.len()).expect("they are numbered so");
    let graph = TxnGraph::from_edges(txns, txns, edges);
    if !has_cycle(&graph, WW | WR) {
        return Ok(None);
    }
    let rule = CycleRule { edges: WW | WR, first: WW, needs: 0, rw: RwRule::None };
    let found = shortest(&graph, rule, &mut observing.steps, steps_max);
    let (CycleSearch::Found(cycle) | CycleSearch::Spent(Some(cycle))) = found else {
        return Err(StepsSpent);
    };
    let mut why = |&(writer, edge): &(u32, GraphEdge)| {
        let (reader, part) = (table.parts[edge.because as usize].txn, edge.because);
        if edge.kind == EdgeKind::Wr {
            return Older::Read { writer, reader, part };
        }
        let chain = observing.chain(reader, writer);
        Older::Overwritten { writer, newer: Some(edge.to), chain, part }
    };
    Ok(Some(cycle.edges.iter().map(&mut why).collect()))
}

struct VersionsObserved<'a> {
    table: &'a RegisterTable,
    reads: &'a [OutsideRead],
    left: LeftWrites,
    steps: u64,
}

impl<'a> VersionsObserved<'a> {
    fn reads_of(&self, txn: u32) -> &'a [OutsideRead] {
        let from = self.reads.partition_point(|read| read.txn < txn);
        let many = self.reads[from..].partition_point(|read| read.txn == txn);
        &self.reads[from..from + many]
    }

    /// What is older than what: a transaction that this one observes, the one that wrote the newer version, and the
    /// read that says so.
    fn overwritten(&mut self, txn: u32, sight: Sight) -> Vec<(u32, Option<u32>, u32)> {
        let reads = self.reads_of(txn);
        let mut keys: Vec<(u32, usize)> =
            reads.iter().enumerate().map(|(at, read)| (read.key, at)).collect();
        keys.sort_unstable();
        // Each with the first read that must see all of it.
        let mut observed: BTreeMap<u32, usize> = BTreeMap::new();
        if sight == Sight::ByWayOfOthers {
            observed.extend(self.observed(txn).into_keys().map(|writer| (writer, 0)));
        } else {
            for (at, by) in reads.iter().enumerate() {
                let since = if sight == Sight::FromThenOn { at + 1 } else { 0 };
                if let Some((_, writer)) = by.seen {
                    observed.entry(writer).or_insert(since);
                }
            }
        }
        let mut found = Vec::new();
        for (writer, since) in observed {
            let parts = self.table.parts_of(writer);
            self.steps += 1 + parts.len().min(reads.len()) as u64;
            let common = self.left.read(writer, parts.iter().map(|part| part.key), &keys);
            for (at, _) in common.into_iter().filter(|&(at, _)| at >= since) {
                let newer = reads[at].seen.map(|(_, by)| by);
                if newer != Some(writer) {
                    found.push((writer, newer, reads[at].part));
                }
            }
        }
        found
    }

    /// The transactions that one observes, if by way of others, each with the one that read something of it.
    fn observed(&mut self, txn: u32) -> BTreeMap<u32, u32> {
        let mut by = BTreeMap::new();
        let mut queue = VecDeque::from([txn]);
        while let Some(next) = queue.pop_front() {
            for read in self.reads_of(next) {
                self.steps += 1;
                let Some((_, writer)) = read.seen else { continue };
                let is_near = next == txn || !planted(Bug::ObservedForgetOthers);
                if is_near && writer != txn && !by.contains_key(&writer) {
                    by.insert(writer, next);
                    queue.push_back(writer);
                }
            }
        }
        by
    }

    /// From a transaction to one that it observes, each of which observes the next.
    fn chain(&mut self, txn: u32, writer: u32) -> Vec<u32> {
        let by = self.observed(txn);
        let mut chain = vec![writer];
        while let Some(&from) = chain.last().and_then(|it| by.get(it)) {
            chain.push(from);
            if from == txn {
                break;
            }
        }
        chain.reverse();
        chain
    }
}
