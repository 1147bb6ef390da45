//! Each order of the versions of few transactions.

use super::demand::Demand;
use super::rank::versions_of_keys;
use super::table::{OutsideRead, RegisterTable};
use crate::plant::{Bug, planted};
use crate::transactions::graph::{EdgeKind, GraphEdge, NOTHING, TxnGraph};

/// Versions of which the place is to be chosen, at most.
const OPEN_MAX: usize = 2_000;

/// What came of trying each order.
#[derive(Clone, Debug)]
pub(super) enum Tried {
    /// This one is allowed: pairs of transactions, the first of which wrote a version and the second the next.
    Found(Vec<(u32, u32)>),
    /// None is.
    None,
    /// The steps are spent.
    Spent,
}

/// The orders of the versions of each key, as far as they are chosen.
pub(super) struct VersionTrials<'a> {
    table: &'a RegisterTable,
    demand: &'a Demand,
    /// What no order changes.
    fixed: Vec<(u32, GraphEdge)>,
    /// For each key those that wrote the versions of which the place is chosen, in that order, and the others.
    keys: Vec<KeyOrder>,
    steps: u64,
    steps_max: u64,
}

/// The versions of a key, each with its writer.
#[derive(Clone, Debug, Default)]
struct KeyOrder {
    chosen: Vec<(u32, u32)>,
    open: Vec<(u32, u32)>,
    reads: Vec<OutsideRead>,
}

fn edge(to: u32, kind: EdgeKind, because: u32) -> GraphEdge {
    GraphEdge { to, kind, because, is_direct: true }
}

impl<'a> VersionTrials<'a> {
    /// Nothing is chosen yet; those like `places` are tried first.
    pub(super) fn new(table: &'a RegisterTable, demand: &'a Demand, places: &[u32]) -> Self {
        let keys = versions_of_keys(table).into_iter().map(|mut open| {
            open.sort_by_key(|&(_, writer)| places[writer as usize]);
            // Of one version there is nothing to choose.
            let chosen = if open.len() == 1 { std::mem::take(&mut open) } else { Vec::new() };
            KeyOrder { chosen, open, reads: Vec::new() }
        });
        let reads: Vec<OutsideRead> = table.outside_reads().collect();
        let mut fixed: Vec<(u32, GraphEdge)> = reads
            .iter()
            .filter_map(|read| Some((read.seen?.1, edge(read.txn, EdgeKind::Wr, read.part))))
            .collect();
        let txns = (0u32..).zip(&table.txns).filter(|(txn, _)| table.counts[*txn as usize]);
        for (one, before) in txns.clone() {
            for (other, after) in txns.clone() {
                if before.completed.is_some_and(|end| end < after.invoked) {
                    fixed.push((one, edge(other, EdgeKind::Realtime, NOTHING)));
                    if before.process == after.process {
                        fixed.push((one, edge(other, EdgeKind::Process, NOTHING)));
                    }
                }
            }
        }
        let mut keys: Vec<KeyOrder> = keys.collect();
        for read in reads {
            keys[read.key as usize].reads.push(read);
        }
        Self { table, demand, fixed, keys, steps: 0, steps_max: 0 }
    }

    /// What was done: nodes of graphs that were looked at.
    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    /// Tries one after the other, from the first version of the first key on, and goes back as soon as what is
    /// chosen is forbidden whatever comes after it. At most n! orders for n versions of a key.
    pub(super) fn try_all(&mut self, steps_max: u64) -> Tried {
        self.steps_max = steps_max;
        let open: usize = self.keys.iter().map(|it| it.open.len()).sum();
        match self.is_allowed() {
            Some(false) => Tried::None,
            // Each takes a call on the stack.
            Some(true) if open <= OPEN_MAX => self.go_on(0),
            _ => Tried::Spent,
        }
    }

    /// Whether each order is forbidden by what no order changes.
    pub(super) fn needs_no_choice(&mut self, steps_max: u64) -> bool {
        self.steps_max = steps_max;
        self.keys.iter_mut().for_each(|key| key.open.clear());
        self.is_allowed() == Some(false)
    }

    fn go_on(&mut self, from: usize) -> Tried {
        let Some(key) = (from..self.keys.len()).find(|&it| !self.keys[it].open.is_empty()) else {
            let pairs = self.keys.iter().flat_map(|it| it.chosen.windows(2));
            return Tried::Found(pairs.map(|pair| (pair[0].1, pair[1].1)).collect());
        };
        for at in 0..self.keys[key].open.len() {
            let next = self.keys[key].open.remove(at);
            self.keys[key].chosen.push(next);
            let tried = match self.is_allowed() {
                None => Tried::Spent,
                Some(true) => self.go_on(key),
                Some(false) => Tried::None,
            };
            if !matches!(tried, Tried::None) || planted(Bug::RegistersTryOne) {
                return tried;
            }
            self.keys[key].chosen.pop();
            self.keys[key].open.insert(at, next);
        }
        Tried::None
    }

    /// Whether what is chosen may be; nothing if the steps are spent.
    fn is_allowed(&mut self) -> Option<bool> {
        if self.steps > self.steps_max {
            return None;
        }
        let graph = self.graph();
        self.demand.is_met(&graph, &mut self.steps, self.steps_max)
    }

    /// The dependencies that follow from what is chosen. One that was missed is the next of the chosen ones, or
    /// one of those that come after all of them: perhaps not at once, but then what is forbidden is so all the
    /// more.
    fn graph(&mut self) -> TxnGraph {
        let mut edges = self.fixed.clone();
        for order in &self.keys {
            let reads = order.reads.iter();
            let mut before: Option<(u32, u32)> = None;
            let mut follow = |before: Option<(u32, u32)>, next: (u32, u32)| {
                edges.extend(before.map(|(_, one)| (one, edge(next.1, EdgeKind::Ww, next.0))));
                let missing = reads.clone().filter(|read| read.seen == before);
                edges.extend(missing.map(|read| (read.txn, edge(next.1, EdgeKind::Rw, read.part))));
            };
            for &next in &order.chosen {
                follow(before, next);
                before = Some(next);
            }
            for &next in &order.open {
                follow(before, next);
            }
        }
        edges.retain(|(from, edge)| *from != edge.to);
        self.steps += edges.len() as u64;
        let txns = u32::try_from(self.table.txns.len()).expect("they are numbered so");
        TxnGraph::from_edges(txns, txns, edges)
    }
}
