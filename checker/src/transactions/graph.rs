//! The dependencies between transactions.

use super::lists::Lists;
use super::table::TxnTable;

/// Why one transaction comes before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum EdgeKind {
    /// It wrote the version before.
    Ww = 1,
    /// It wrote what the other read.
    Wr = 2,
    /// It read the version that the other overwrote.
    Rw = 4,
    /// It comes before it in its process.
    Process = 8,
    /// It had completed when the other began.
    Realtime = 16,
}

impl EdgeKind {
    pub(super) fn bit(self) -> u8 {
        self as u8
    }
}

pub(super) const WW: u8 = EdgeKind::Ww as u8;
pub(super) const WR: u8 = EdgeKind::Wr as u8;
pub(super) const RW: u8 = EdgeKind::Rw as u8;

/// What follows from reads and writes.
pub(super) const DEPENDENCIES: u8 = WW | WR | RW;

/// An edge to another node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GraphEdge {
    pub(super) to: u32,
    pub(super) kind: EdgeKind,
    /// What shows it: the element that comes next (`Ww`), or the read (`Wr`, `Rw`).
    pub(super) because: u32,
    /// Of `Rw`, whether the other overwrote the version at once; else a transaction that is not here did, and
    /// the other wrote after that.
    pub(super) is_direct: bool,
}

/// Transactions are the first nodes; then come those of the order of processes and of real time.
#[derive(Debug)]
pub(super) struct TxnGraph {
    pub(super) txns: u32,
    starts: Vec<u32>,
    edges: Vec<GraphEdge>,
}

/// What is taken for known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TxnScope {
    /// All transactions are here.
    Whole,
    /// All are here, and elements that were never read come as their transactions were invoked: a guess.
    Guessed,
    /// Some are not here: elements of which the source is not known are theirs.
    Some,
}

/// Nothing shows it but the history.
pub(super) const NOTHING: u32 = u32::MAX;

impl TxnGraph {
    /// The dependencies of the transactions that count. O(n log n).
    pub(super) fn new(table: &TxnTable, lists: &Lists, scope: TxnScope) -> Self {
        let mut found: Vec<(u32, GraphEdge)> = Vec::new();
        let mut misses: Vec<(u32, GraphEdge)> = Vec::new();
        let mut add = |from: u32, to: u32, kind: EdgeKind, because: u32| {
            if from != to {
                found.push((from, GraphEdge { to, kind, because, is_direct: true }));
            }
        };
        let counts = |txn: &u32| lists.counts[*txn as usize];
        let appender = |element: u32| table.appender(element).filter(counts);
        let mut is_placed = vec![false; table.elements.len()];
        for key in 0..table.keys.len() {
            let key = u32::try_from(key).expect("keys are numbered so");
            let order = lists.order(table, key);
            // An element of which the source is not known is passed over, and one that comes again: only its
            // first place counts.
            let mut last = None;
            for &element in order {
                if std::mem::replace(&mut is_placed[element as usize], true) {
                    continue;
                }
                let Some(next) = appender(element) else { continue };
                if let Some(last) = last.replace(next) {
                    add(last, next, EdgeKind::Ww, element);
                }
            }
            for &element in &lists.unread[key as usize] {
                let Some(next) = appender(element) else { continue };
                if let Some(last) = last {
                    add(last, next, EdgeKind::Ww, element);
                }
                if scope == TxnScope::Guessed {
                    last = Some(next);
                }
            }
        }
        for read in lists.reads.iter().filter(|read| lists.counts[read.txn as usize]) {
            let seen = table.list(&read.seen);
            if let Some(writer) = seen.last().and_then(|&element| appender(element)) {
                add(writer, read.txn, EdgeKind::Wr, read.part);
            }
            if !lists.is_in_order(table, read) {
                continue;
            }
            let order = lists.order(table, read.key);
            let mut miss = |to: u32, is_direct: bool| {
                if to != read.txn {
                    let is_direct = is_direct || scope != TxnScope::Some;
                    let (kind, because) = (EdgeKind::Rw, read.part);
                    misses.push((read.txn, GraphEdge { to, kind, because, is_direct }));
                }
            };
            let mut rest = (0..).zip(&order[seen.len()..]);
            let next = rest.find_map(|(at, &next)| Some((at, appender(next)?)));
            if let Some((at, next)) = next {
                miss(next, at == 0);
            } else {
                for &next in &lists.unread[read.key as usize] {
                    if let Some(next) = appender(next) {
                        miss(next, seen.len() == order.len());
                    }
                }
            }
        }
        let times = of_processes_and_time(table, lists, &mut add);
        found.append(&mut misses);
        let txns = u32::try_from(table.txns.len()).expect("they are numbered so");
        Self::from_edges(txns, txns + times, found)
    }

    /// A graph of these edges, each with the node that it comes from. O(n log n).
    pub(super) fn from_edges(txns: u32, nodes: u32, mut found: Vec<(u32, GraphEdge)>) -> Self {
        found.sort_by_key(|(from, edge)| (*from, edge.to, edge.kind, edge.because));
        found.dedup_by_key(|(from, edge)| (*from, edge.to, edge.kind, edge.is_direct));
        let mut starts = vec![0u32; nodes as usize + 1];
        for (from, _) in &found {
            starts[*from as usize + 1] += 1;
        }
        for node in 0..nodes as usize {
            starts[node + 1] += starts[node];
        }
        Self { txns, starts, edges: found.into_iter().map(|(_, edge)| edge).collect() }
    }

    pub(super) fn nodes(&self) -> u32 {
        u32::try_from(self.starts.len() - 1).expect("they are numbered so")
    }

    /// The edges from a node.
    pub(super) fn from(&self, node: u32) -> &[GraphEdge] {
        let (start, end) = (self.starts[node as usize], self.starts[node as usize + 1]);
        &self.edges[start as usize..end as usize]
    }
}

/// Adds the edges of processes and of time; how many nodes they take: one for each completion in its process,
/// and one for each in time, so that what comes later is reached without the transactions in between. A
/// transaction of unknown outcome may commit at any time after its invocation, so nothing comes after it.
fn of_processes_and_time(
    table: &TxnTable,
    lists: &Lists,
    add: &mut impl FnMut(u32, u32, EdgeKind, u32),
) -> u32 {
    let txns = u32::try_from(table.txns.len()).expect("they are numbered so");
    let counted = || (0..txns).filter(|&txn| lists.counts[txn as usize]);
    let mut by_start: Vec<u32> = counted().collect();
    by_start.sort_by_key(|&txn| table.txns[txn as usize].invoked);
    let mut node = txns;
    let mut last_of = std::collections::HashMap::new();
    for &txn in &by_start {
        let it = &table.txns[txn as usize];
        let before = last_of.get(&it.process).copied();
        if let Some(before) = before {
            add(before, txn, EdgeKind::Process, NOTHING);
        }
        if it.completed.is_some() {
            add(txn, node, EdgeKind::Process, NOTHING);
            if let Some(before) = last_of.insert(it.process, node) {
                add(before, node, EdgeKind::Process, NOTHING);
            }
            node += 1;
        }
    }
    let end = |txn: u32| Some((table.txns[txn as usize].completed?, txn));
    let mut ends: Vec<(crate::Position, u32)> = counted().filter_map(end).collect();
    ends.sort_unstable();
    let mut ends = ends.into_iter().peekable();
    let mut last = None;
    for txn in by_start {
        let invoked = table.txns[txn as usize].invoked;
        while let Some((_, ended)) = ends.next_if(|(end, _)| *end < invoked) {
            add(ended, node, EdgeKind::Realtime, NOTHING);
            if let Some(before) = last.replace(node) {
                add(before, node, EdgeKind::Realtime, NOTHING);
            }
            node += 1;
        }
        if let Some(last) = last {
            add(last, txn, EdgeKind::Realtime, NOTHING);
        }
    }
    node - txns
}
