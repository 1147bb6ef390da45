//! Whether some order of the versions forms no cycle that a model forbids.
//!
//! One order is tried, the likely one. Where it forms a cycle, the transactions of that are looked at by
//! themselves: each order of their versions is tried. Is there one without such a cycle, it is kept, and the
//! next cycle of the whole adds its transactions. So a model is kept by an order of the whole, and broken by few
//! transactions that have no order at all. (Clarke et al., "Counterexample-guided abstraction refinement", CAV
//! 2000, is the same idea.) To try each order takes exponential time in the versions of one key there, which the
//! budget limits.

use super::as_lists::{dependencies, orders_by};
use super::demand::Demand;
use super::rank::{Ranking, versions_of_keys};
use super::table::RegisterTable;
use super::trials::{Tried, VersionTrials};
use crate::plant::{Bug, planted};
use crate::transactions::cycles::TxnCycle;
use crate::transactions::graph::EdgeKind;
use crate::transactions::table::TxnEnd;
use crate::{Doubt, History, OpIndex};

/// Transactions that are looked at by themselves, at most.
const CORE_MAX: usize = 60;
/// Versions of one key that transactions may have that break a model: each order of them is tried again by who
/// verifies it.
const VERSIONS_MAX: usize = 7;

/// Whether a model is kept.
#[derive(Clone, Debug)]
pub(super) enum Decision {
    Kept,
    /// These transactions alone break it.
    Broken(Vec<OpIndex>),
    /// The steps are spent.
    Spent,
    /// More transactions depend on each other than are looked at together.
    TooMany,
}

/// Searches for orders of the versions of one history.
pub(super) struct OrderSearch<'a> {
    history: &'a History,
    table: &'a RegisterTable,
    ranking: &'a Ranking<'a>,
    steps: u64,
    steps_max: u64,
}

impl<'a> OrderSearch<'a> {
    pub(super) fn new(
        history: &'a History,
        table: &'a RegisterTable,
        ranking: &'a Ranking<'a>,
        steps_max: u64,
    ) -> Self {
        Self { history, table, ranking, steps: 0, steps_max }
    }

    /// Why nothing is known, where the steps are spent.
    pub(super) fn spent(&self) -> Doubt {
        Doubt::BudgetSpent {
            key: None,
            configurations: self.steps_max,
            bytes: 0,
            proved_events: 0,
            events: self.table.txns.len() as u64,
            why: Some("a search for an order of the versions of registers".to_owned()),
        }
    }

    /// The same where too many transactions depend on each other.
    pub(super) fn too_many(&self) -> Doubt {
        let reason = format!(
            "more than {CORE_MAX} transactions depend on each other, and the order of their writes is open: \
             read a key before you write it, so that the order is known"
        );
        Doubt::Unsupported { op: self.table.txns[0].op, reason }
    }

    /// Whether some order of the versions meets a demand.
    pub(super) fn decide(&mut self, demand: &Demand) -> Decision {
        let mut core: Vec<u32> = Vec::new();
        let mut decided: Vec<(u32, u32)> = Vec::new();
        loop {
            let places = self.ranking.places(&decided);
            let graph =
                dependencies(self.table, self.ranking.reads(), &orders_by(self.table, &places));
            if demand.is_met(&graph, &mut self.steps) {
                return Decision::Kept;
            }
            let Some((cycle, _)) = demand.cycle(&graph, &mut self.steps, self.steps_max) else {
                return Decision::Spent;
            };
            let before = core.len();
            core.extend(self.concerned(&cycle));
            core.sort_unstable();
            core.dedup();
            if core.len() > CORE_MAX || core.len() == before {
                return Decision::TooMany;
            }
            let ops = self.ops(&core);
            if planted(Bug::RegistersTrustLikely) {
                return Decision::Broken(ops);
            }
            match self.try_all(&ops, demand, &places) {
                Tried::None => {
                    let least = self.least(ops, demand);
                    return if self.is_small(&least) {
                        Decision::Broken(least)
                    } else {
                        Decision::TooMany
                    };
                }
                Tried::Spent => return Decision::Spent,
                Tried::Found(orders) => {
                    decided = orders
                        .iter()
                        .map(|&(one, two)| (core[one as usize], core[two as usize]))
                        .collect();
                }
            }
            if self.steps > self.steps_max {
                return Decision::Spent;
            }
        }
    }

    /// The transactions of a cycle, those that wrote what was read there, and those that show which of them
    /// committed.
    fn concerned(&self, cycle: &TxnCycle) -> Vec<u32> {
        let mut txns = Vec::new();
        for &(from, edge) in &cycle.edges {
            txns.push(from);
            if edge.kind == EdgeKind::Rw {
                let reads = self.ranking.reads();
                let at = reads.partition_point(|read| read.part < edge.because);
                let read = reads.get(at).filter(|read| read.part == edge.because);
                txns.extend(read.and_then(|read| read.seen).map(|(_, writer)| writer));
            }
        }
        let unknown = |txn: &&u32| self.table.txns[**txn as usize].end == TxnEnd::Unknown;
        let readers: Vec<u32> =
            txns.iter().filter(unknown).filter_map(|&txn| self.table.reader_of(txn)).collect();
        txns.extend(readers);
        txns
    }

    fn ops(&self, txns: &[u32]) -> Vec<OpIndex> {
        txns.iter().map(|&txn| self.table.txns[txn as usize].op).collect()
    }

    /// Tries each order of the versions of these transactions alone, those like `places` first.
    fn try_all(&mut self, ops: &[OpIndex], demand: &Demand, places: &[u32]) -> Tried {
        let Ok(table) = RegisterTable::new(self.history, ops.iter().copied()) else {
            return Tried::Spent;
        };
        let place_of = |op: OpIndex| {
            let txns = &self.table.txns;
            txns.binary_search_by_key(&op, |txn| txn.op).map_or(u32::MAX, |at| places[at])
        };
        let places: Vec<u32> = table.txns.iter().map(|txn| place_of(txn.op)).collect();
        let mut orders = VersionTrials::new(&table, demand, &places);
        let steps_left = self.steps_max.saturating_sub(self.steps);
        let tried = orders.try_all(steps_left);
        self.steps += orders.steps();
        tried
    }

    fn is_small(&self, ops: &[OpIndex]) -> bool {
        let table = RegisterTable::new(self.history, ops.iter().copied());
        table.is_ok_and(|it| versions_of_keys(&it).iter().all(|it| it.len() <= VERSIONS_MAX))
    }

    /// As few of these transactions as break it.
    fn least(&mut self, mut ops: Vec<OpIndex>, demand: &Demand) -> Vec<OpIndex> {
        let places: Vec<u32> = (0..).take(self.table.txns.len()).collect();
        let mut at = 0;
        while at < ops.len() {
            let mut rest = ops.clone();
            rest.remove(at);
            match self.try_all(&rest, demand, &places) {
                Tried::None => ops = rest,
                Tried::Found(_) | Tried::Spent => at += 1,
            }
        }
        ops
    }
}
