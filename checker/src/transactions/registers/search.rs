//! Whether some order of the versions forms no cycle that a model forbids.
//!
//! One order is tried, the likely one. Where it forms a cycle, the transactions of that are looked at by
//! themselves: each order of their versions is tried. Is there one without such a cycle, it is kept, and the
//! next cycle of the whole adds its transactions. So a model is kept by an order of the whole, and broken by few
//! transactions that have no order at all. (Clarke et al., "Counterexample-guided abstraction refinement", CAV
//! 2000, is the same idea.) To try each order takes exponential time in the versions of one key there, which the
//! budget limits.

use super::as_lists::{dependencies, orders_by};
use super::orders::{Orders, Tried};
use super::rank::{Ranking, versions_of_keys};
use super::table::Registers;
use crate::plant::{Bug, planted};
use crate::transactions::cycles::{
    CycleRule, CycleSearch, TxnCycle, has_cycle, has_cycle_with_rw_apart, shortest,
};
use crate::transactions::graph::{EdgeKind, TxnGraph};
use crate::transactions::judge::{DEPENDENCIES, Form, WR, WW, weakest};
use crate::transactions::table::TxnEnd;
use crate::{AnomalyClass, Consistency, Doubt, History, OpIndex};

/// Transactions that are looked at by themselves, at most.
const CORE_MAX: usize = 60;
/// Versions of one key that transactions may have that break a model: each order of them is tried again by who
/// verifies it.
const VERSIONS_MAX: usize = 7;

/// What a model demands of the dependencies.
#[derive(Clone, Debug)]
pub(super) struct Demand {
    pub(super) model: Consistency,
    pub(super) form: Form,
    pub(super) kind: DemandKind,
}

/// Which cycles a model forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DemandKind {
    /// Those of these edges.
    OfEdges(u8),
    /// Those in which something is missed once at most.
    MissedOnce,
    /// Those in which no two are missed in a row.
    MissedApart,
}

impl Demand {
    /// What `model` demands; nothing of one of which only what breaks it is looked for.
    pub(super) fn of(model: Consistency) -> Option<Self> {
        use Consistency as C;
        let form = Form::of(model);
        let kind = match model {
            C::ReadUncommitted => DemandKind::OfEdges(WW),
            C::ReadCommitted => DemandKind::OfEdges(WW | WR),
            C::ParallelSnapshotIsolation => DemandKind::MissedOnce,
            C::SnapshotIsolation
            | C::StrongSessionSnapshotIsolation
            | C::StrongSnapshotIsolation => DemandKind::MissedApart,
            C::RepeatableRead
            | C::Serializable
            | C::StrongSessionSerializable
            | C::StrictSerializable => DemandKind::OfEdges(DEPENDENCIES | form.edges()),
            _ => return None,
        };
        Some(Self { model, form, kind })
    }

    /// The kinds of cycles that it forbids, the worst first.
    fn rules(&self) -> impl Iterator<Item = (CycleRule, AnomalyClass)> {
        let of_form = |form: &Form| *form == Form::Plain || *form == self.form;
        let rules = Form::ALL.into_iter().filter(of_form).flat_map(Form::rules);
        rules.filter(|(_, class)| weakest(*class).iter().any(|&it| self.model.implies(it)))
    }

    /// Whether the dependencies are as it demands. O(nodes and edges), and a search from each `rw` edge of a
    /// cycle for parallel snapshot isolation.
    pub(super) fn is_met(&self, graph: &TxnGraph, steps: &mut u64) -> bool {
        *steps += u64::from(graph.nodes());
        let edges = DEPENDENCIES | self.form.edges();
        match self.kind {
            DemandKind::OfEdges(edges) => !has_cycle(graph, edges),
            DemandKind::MissedApart => {
                !has_cycle(graph, edges) || !has_cycle_with_rw_apart(graph, edges)
            }
            DemandKind::MissedOnce => {
                !has_cycle(graph, edges) || self.cycle(graph, steps, u64::MAX).is_none()
            }
        }
    }

    /// The shortest cycle of the worst kind of those that it forbids.
    pub(super) fn cycle(
        &self,
        graph: &TxnGraph,
        steps: &mut u64,
        steps_max: u64,
    ) -> Option<(TxnCycle, AnomalyClass)> {
        self.rules().find_map(|(rule, class)| {
            if !has_cycle(graph, rule.edges) {
                return None;
            }
            match shortest(graph, rule, steps, steps_max) {
                CycleSearch::Found(cycle) | CycleSearch::Spent(Some(cycle)) => Some((cycle, class)),
                CycleSearch::None | CycleSearch::Spent(None) => None,
            }
        })
    }
}

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
    table: &'a Registers,
    ranking: &'a Ranking<'a>,
    steps: u64,
    steps_max: u64,
}

impl<'a> OrderSearch<'a> {
    pub(super) fn new(
        history: &'a History,
        table: &'a Registers,
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
        let Ok(table) = Registers::new(self.history, ops.iter().copied()) else {
            return Tried::Spent;
        };
        let place_of = |op: OpIndex| {
            let txns = &self.table.txns;
            txns.binary_search_by_key(&op, |txn| txn.op).map_or(u32::MAX, |at| places[at])
        };
        let places: Vec<u32> = table.txns.iter().map(|txn| place_of(txn.op)).collect();
        let mut orders = Orders::new(&table, demand, &places);
        let steps_left = self.steps_max.saturating_sub(self.steps);
        let tried = orders.try_all(steps_left);
        self.steps += orders.steps();
        tried
    }

    fn is_small(&self, ops: &[OpIndex]) -> bool {
        let table = Registers::new(self.history, ops.iter().copied());
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
