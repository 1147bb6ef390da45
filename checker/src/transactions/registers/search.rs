//! Whether some order of the versions forms no cycle that a model forbids.
//!
//! One order is tried, the likely one. Where it forms a cycle, the transactions of that are looked at by
//! themselves: an order of theirs is looked for (`instants.rs`; `trials.rs` for models without instants). Is there one without such a cycle, it is kept, and if the
//! whole forms another cycle with some of them, its transactions are looked at together with them. So a model is kept by an order of the whole, and broken by few
//! transactions that have no order at all. (Clarke et al., "Counterexample-guided abstraction refinement", CAV
//! 2000, is the same idea.) All that depends on itself is looked at in each round, so that there are few rounds.

use std::collections::BTreeMap;

use super::as_lists::{dependencies, orders_by};
use super::demand::Demand;
use super::instants::Instants;
use super::rank::{Ranking, versions_of_keys};
use super::table::RegisterTable;
use super::trials::{Tried, VersionTrials};
use crate::plant::{Bug, planted};
use crate::transactions::cycles::{TxnCycle, components};
use crate::transactions::graph::{EdgeKind, TxnGraph};
use crate::transactions::txn::TxnEnd;
use crate::{Budget, Doubt, History, OpIndex};

/// Transactions that are looked at by themselves, at most: by their instants, and by the order of their versions.
const CORE_MAX: usize = 400;
const TRIED_MAX: usize = 60;
/// Transactions that all depend on each other, and are looked at together at once, at most.
const COMPONENT_MAX: usize = 60;
/// Versions of one key that transactions may have that break a model: each order of them is tried again by who
/// verifies it.
const VERSIONS_MAX: usize = 7;

/// Whether a model is kept.
#[derive(Clone, Debug)]
pub(super) enum Decision {
    Kept,
    /// These transactions alone break it.
    Broken(Vec<OpIndex>),
    /// Nobody knows.
    Open(Doubt),
}

/// Transactions that are looked at by themselves, with the orders of their versions that are decided so far.
#[derive(Debug, Default)]
struct Core {
    /// In their order.
    txns: Vec<u32>,
    decided: Vec<(u32, u32)>,
}

impl Core {
    /// Whether it has all of these, which are in order.
    fn has_all(&self, txns: &[u32]) -> bool {
        txns.iter().all(|it| self.txns.binary_search(it).is_ok())
    }
}

/// Searches for orders of the versions of one history.
pub(super) struct OrderSearch<'a> {
    history: &'a History,
    table: &'a RegisterTable,
    ranking: &'a Ranking<'a>,
    pub(super) budget: &'a Budget,
    steps: u64,
    steps_max: u64,
}

impl<'a> OrderSearch<'a> {
    pub(super) fn new(
        history: &'a History,
        table: &'a RegisterTable,
        ranking: &'a Ranking<'a>,
        budget: &'a Budget,
    ) -> Self {
        let steps_max = budget.configurations;
        Self { history, table, ranking, budget, steps: 0, steps_max }
    }

    /// Why nothing is known, where the steps are spent.
    pub(super) fn spent(&self) -> Doubt {
        Doubt::BudgetSpent {
            key: None,
            configurations: self.steps_max,
            bytes: self.budget.bytes,
            proved_events: 0,
            events: self.table.txns.len() as u64,
            why: Some("a search for an order of the versions of registers".to_owned()),
        }
    }

    /// The same where too much is open about transactions that depend on each other, `txn` for one.
    fn too_open(&self, txn: u32, what: &str) -> Decision {
        let reason = format!(
            "{what}, and the order of their writes is open: read a key before you write it, so that the \
             order is known"
        );
        let op = self.table.txns[txn as usize].op;
        Decision::Open(Doubt::Unsupported { op, reason })
    }

    /// Whether some order of the versions meets a demand.
    pub(super) fn decide(&mut self, demand: &Demand) -> Decision {
        // What one model takes leaves as much for the others.
        self.steps_max = self.steps + (self.budget.configurations.saturating_sub(self.steps)) / 2;
        let mut cores: Vec<Core> = Vec::new();
        while self.steps <= self.steps_max && !self.budget.is_stopped() {
            let decided: Vec<(u32, u32)> =
                cores.iter().flat_map(|core| core.decided.iter().copied()).collect();
            let places = self.ranking.places(&decided);
            let orders = orders_by(self.table, &places);
            let graph = dependencies(self.table, self.ranking.reads(), &orders);
            match demand.is_met(&graph, &mut self.steps, self.steps_max) {
                Some(true) => return Decision::Kept,
                Some(false) => {}
                None => break,
            }
            let mut groups = self.components(&graph, demand);
            groups.retain(|group| !cores.iter().any(|core| core.has_all(group)));
            if groups.is_empty() {
                let cycle = demand.cycle(&graph, &mut self.steps, self.steps_max);
                let Some((cycle, _)) = cycle else { break };
                groups.push(self.concerned(&cycle));
            }
            for group in groups {
                match self.settle(&mut cores, group, demand, &places) {
                    Ok(()) => {}
                    Err(decision) => return decision,
                }
            }
        }
        let is_spent = self.steps > self.steps_max || self.budget.is_stopped();
        Decision::Open(if is_spent { self.spent() } else { self.not_simple() })
    }

    /// Looks at these transactions, with all that was looked at with one of them: an order of theirs, or why there
    /// is none.
    fn settle(
        &mut self,
        cores: &mut Vec<Core>,
        group: Vec<u32>,
        demand: &Demand,
        places: &[u32],
    ) -> Result<(), Decision> {
        let core = self.joined(cores, group, demand)?;
        let ops = self.ops(&core.txns);
        if planted(Bug::RegistersTrustLikely) {
            return Err(Decision::Broken(ops));
        }
        match self.try_all(&ops, demand, places) {
            Tried::None => Err(self.broken(ops, demand, core.txns[0])),
            Tried::Spent => {
                self.steps = self.steps.max(self.steps_max.saturating_add(1));
                Err(Decision::Open(self.spent()))
            }
            Tried::Found(orders) => {
                let of = |txn: u32| core.txns[txn as usize];
                let decided = orders.iter().map(|&(one, two)| (of(one), of(two))).collect();
                cores.push(Core { decided, ..core });
                Ok(())
            }
        }
    }

    /// Groups of few transactions that all depend on each other, each with those that wrote what it read.
    fn components(&self, graph: &TxnGraph, demand: &Demand) -> Vec<Vec<u32>> {
        let component = components(graph, demand.edges());
        let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (txn, &number) in (0u32..).zip(component.iter().take(self.table.txns.len())) {
            members.entry(number).or_default().push(txn);
        }
        let groups = members.into_values().filter(|it| (2..=COMPONENT_MAX).contains(&it.len()));
        groups.map(|txns| self.with_sources(txns)).collect()
    }

    fn with_sources(&self, mut txns: Vec<u32>) -> Vec<u32> {
        let reads = self.ranking.reads();
        let sources: Vec<u32> = txns
            .iter()
            .flat_map(|&txn| {
                let from = reads.partition_point(|read| read.txn < txn);
                reads[from..].iter().take_while(move |read| read.txn == txn)
            })
            .filter_map(|read| Some(read.seen?.1))
            .collect();
        txns.extend(sources);
        self.with_readers(txns)
    }

    /// Why nothing is known, where a search that passes no transaction twice gave up.
    pub(super) fn not_simple(&self) -> Doubt {
        let reason = "transactions depend on each other in a cycle, and none was found that passes each of \
                      them once";
        Doubt::Unsupported { op: self.table.txns[0].op, reason: reason.to_owned() }
    }

    /// What these transactions are looked at with: all cores that have one of them, which are taken away.
    fn joined(
        &self,
        cores: &mut Vec<Core>,
        mut txns: Vec<u32>,
        demand: &Demand,
    ) -> Result<Core, Decision> {
        let (touched, rest): (Vec<Core>, Vec<Core>) = std::mem::take(cores)
            .into_iter()
            .partition(|core| core.txns.iter().any(|it| txns.binary_search(it).is_ok()));
        *cores = rest;
        let before = touched.iter().map(|core| core.txns.len()).max().unwrap_or(0);
        txns.extend(touched.into_iter().flat_map(|core| core.txns));
        txns.sort_unstable();
        txns.dedup();
        let most = if demand.has_instants() { CORE_MAX } else { TRIED_MAX };
        if txns.len() > most {
            let what = format!("more than {most} transactions depend on each other");
            return Err(self.too_open(txns[0], &what));
        }
        if txns.len() == before {
            return Err(self.too_open(txns[0], "transactions depend on each other in several ways"));
        }
        Ok(Core { txns, decided: Vec::new() })
    }

    fn broken(&mut self, ops: Vec<OpIndex>, demand: &Demand, txn: u32) -> Decision {
        let least = self.least(ops, demand);
        if self.is_small(&least, demand) {
            return Decision::Broken(least);
        }
        let what = format!("no order of more than {VERSIONS_MAX} versions of a key is allowed");
        self.too_open(txn, &what)
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
        self.with_readers(txns)
    }

    /// With one that shows, of each of unknown outcome, that it committed. In order.
    fn with_readers(&self, mut txns: Vec<u32>) -> Vec<u32> {
        let unknown = |txn: &&u32| self.table.txns[**txn as usize].end == TxnEnd::Unknown;
        let readers: Vec<u32> =
            txns.iter().filter(unknown).filter_map(|&txn| self.table.reader_of(txn)).collect();
        txns.extend(readers);
        txns.sort_unstable();
        txns.dedup();
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
        let steps_left = self.steps_max.saturating_sub(self.steps);
        if let Some(mut instants) = Instants::of(&table, demand, &places) {
            let tried = instants.try_all(steps_left);
            self.steps += instants.steps();
            return tried;
        }
        let mut orders = VersionTrials::new(&table, demand, &places);
        let tried = orders.try_all(steps_left);
        self.steps += orders.steps();
        tried
    }

    /// Whether who verifies it can try each order: there are few, or none need be chosen.
    fn is_small(&self, ops: &[OpIndex], demand: &Demand) -> bool {
        let Ok(table) = RegisterTable::new(self.history, ops.iter().copied()) else { return false };
        let is_few = versions_of_keys(&table).iter().all(|it| it.len() <= VERSIONS_MAX);
        let places: Vec<u32> = (0..).take(table.txns.len()).collect();
        is_few || VersionTrials::new(&table, demand, &places).needs_no_choice(self.steps_max)
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
        // Of one of unknown outcome that nobody reads any more nothing is known.
        if let Ok(table) = RegisterTable::new(self.history, ops.iter().copied()) {
            let mut counts = table.counts.iter();
            ops.retain(|_| counts.next() == Some(&true));
        }
        ops
    }
}
