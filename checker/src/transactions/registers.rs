//! Transactions on registers: `w` writes a value, and `r` reads one, or nil before any write.
//!
//! No value is written to a key twice, so that a read names its write. It does not tell what that overwrote:
//! the order of the versions of a key is open, beside what follows from reads, processes and time. A model is
//! kept if some order of the versions forms none of the cycles that it forbids (the classes are those of
//! lists), and broken if each order forms one. Both are decided by what shows it: an order of the whole, or few
//! transactions that have none, which the witness holds. Elle takes an order from reads followed by writes, and
//! from time where asked, and finds no more than forms a cycle with that; it passes a stale read by default.
//!
//! | anomaly | where |
//! |---|---|
//! | of single reads: `read-from-nowhere`, `g1a`, `g1b`, `internal`, `lost-update` | `direct.rs` |
//! | cycles, of whichever order of the versions | `search.rs` |
//!
//! O(n log n) steps for n micro-operations where the likely order of `rank.rs` is allowed. Each cycle that it
//! forms takes as much again.

mod as_lists;
mod demand;
mod direct;
mod instants;
mod observed;
mod partial_order;
mod rank;
mod search;
mod story;
mod table;
mod trials;

use std::collections::BTreeSet;

use self::demand::Demand;
use self::direct::WrongRead;
use self::observed::{Older, contradiction};
use self::rank::Ranking;
use self::search::{Decision, OrderSearch};
use self::story::RegisterStory;
use self::table::RegisterTable;
use super::judge::{IsolationJudgement, LEAST_MAX, MODELS, TransactionReport, weakest};
use super::observed::{Sight, StepsSpent};
use crate::{Anomaly, Budget, Consistency, Doubt, History, OpIndex};

pub(super) use self::table::are_there;

/// What was found so far.
struct Found<'a> {
    history: &'a History,
    anomalies: Vec<Anomaly>,
    /// The models that each of them breaks, and all that imply one of these.
    breaks: Vec<Vec<Consistency>>,
}

impl Found<'_> {
    fn wrong_read(&mut self, table: &RegisterTable, wrong: &WrongRead) {
        if self.anomalies.iter().any(|it| it.class == wrong.class) {
            return;
        }
        let story = RegisterStory { history: self.history, table };
        let models = weakest(wrong.class);
        self.anomalies.push(story.wrong_read(wrong, models[0]));
        self.breaks.push(models.to_vec());
    }

    /// Takes note of a cycle that these transactions form whatever the order of the versions.
    fn cycle(&mut self, ops: &[OpIndex], demand: &Demand) -> Option<usize> {
        let table = RegisterTable::new(self.history, ops.iter().copied()).ok()?;
        let story = RegisterStory { history: self.history, table: &table };
        let anomaly = story.cycle(demand)?;
        let is_same = |it: &Anomaly| {
            it.class == anomaly.class && it.witness.operations == anomaly.witness.operations
        };
        let at = self.anomalies.iter().position(is_same).unwrap_or_else(|| {
            self.anomalies.push(anomaly);
            self.breaks.push(Vec::new());
            self.breaks.len() - 1
        });
        self.breaks[at].push(demand.model);
        Some(at)
    }

    /// Whether transactions see all that a model demands.
    fn observed(
        &mut self,
        table: &RegisterTable,
        sight: Sight,
        search: &OrderSearch<'_>,
    ) -> IsolationJudgement {
        let ops: Vec<OpIndex> = match contradiction(table, sight, search.budget.configurations) {
            Ok(None) => return IsolationJudgement::Holds,
            Ok(Some(reasons)) => {
                let txns: BTreeSet<u32> = reasons.iter().flat_map(Older::txns).collect();
                txns.into_iter().map(|txn| table.txns[txn as usize].op).collect()
            }
            Err(StepsSpent) => return IsolationJudgement::Undecided(search.spent()),
        };
        let (ops, reasons) = self.least_observed(ops, sight);
        let least = RegisterTable::new(self.history, ops.into_iter()).expect("it was one before");
        let story = RegisterStory { history: self.history, table: &least };
        self.anomalies.push(story.observed(&reasons, sight));
        self.breaks.push(vec![sight.model()]);
        IsolationJudgement::Broken(self.anomalies.len() - 1)
    }

    /// As few of these transactions as contradict each other, and how they do.
    fn least_observed(&self, mut ops: Vec<OpIndex>, sight: Sight) -> (Vec<OpIndex>, Vec<Older>) {
        let of = |ops: &[OpIndex]| {
            let table = RegisterTable::new(self.history, ops.iter().copied()).ok()?;
            contradiction(&table, sight, u64::MAX).ok().flatten()
        };
        let mut reasons = of(&ops).unwrap_or_default();
        // More of them are shown as they were found.
        let mut at = if ops.len() > LEAST_MAX { ops.len() } else { 0 };
        while at < ops.len() {
            let mut rest = ops.clone();
            rest.remove(at);
            match of(&rest) {
                Some(still) => (ops, reasons) = (rest, still),
                None => at += 1,
            }
        }
        (ops, reasons)
    }

    /// What a decision says of a model, whose cycle is taken note of.
    fn judgement(
        &mut self,
        decision: Decision,
        demand: &Demand,
        search: &OrderSearch<'_>,
    ) -> IsolationJudgement {
        match decision {
            Decision::Kept => IsolationJudgement::Holds,
            Decision::Broken(ops) => self.cycle(&ops, demand).map_or_else(
                || IsolationJudgement::Undecided(search.not_simple()),
                IsolationJudgement::Broken,
            ),
            Decision::Open(doubt) => IsolationJudgement::Undecided(doubt),
        }
    }

    /// The first anomaly from `from` on that breaks a model.
    fn breaking(&self, model: Consistency, from: usize) -> Option<usize> {
        (from..self.breaks.len()).find(|&at| self.breaks[at].iter().any(|&it| model.implies(it)))
    }
}

/// Judges the transactions on registers of `history`. A configuration of the budget is a node of the
/// dependencies that is looked at, or an edge that a search for a cycle passes.
///
/// # Errors
///
/// Says why, if it is not a history of transactions on registers.
pub(super) fn check(history: &History, budget: &Budget) -> Result<TransactionReport, Doubt> {
    let table = RegisterTable::new(history, history.indices())?;
    let ranking = Ranking::new(&table);
    let mut found = Found { history, anomalies: Vec::new(), breaks: Vec::new() };
    for wrong in direct::find(&table) {
        found.wrong_read(&table, &wrong);
    }
    let cycles_from = found.anomalies.len();
    let mut search = OrderSearch::new(history, &table, &ranking, budget);
    // Where the strongest model is kept, so are all others.
    let mut strongest = Demand::of(STRONGEST).map(|demand| search.decide(&demand));
    let mut judgements: Vec<(Consistency, IsolationJudgement)> = Vec::new();
    if matches!(strongest, Some(Decision::Kept)) {
        judgements.push((STRONGEST, IsolationJudgement::Holds));
    }
    for model in in_turn() {
        let is_broken = found.breaking(model, cycles_from).is_some();
        let is_held = judgements
            .iter()
            .any(|(it, judgement)| *judgement == IsolationJudgement::Holds && it.implies(model));
        if is_broken || is_held {
            continue;
        }
        if let Some(sight) = Sight::of(model) {
            judgements.push((model, found.observed(&table, sight, &search)));
        } else if let Some(demand) = Demand::of(model) {
            let first = strongest.take_if(|_| model == STRONGEST);
            let decision = first.unwrap_or_else(|| search.decide(&demand));
            judgements.push((model, found.judgement(decision, &demand, &search)));
        }
    }
    let models = MODELS.into_iter().filter_map(|model| {
        // What was read wrongly breaks it as well as a cycle does.
        let broken = found.breaking(model, 0).map(IsolationJudgement::Broken);
        Some((model, broken.or_else(|| judged(model, &judgements))?))
    });
    let models = models.collect();
    Ok(TransactionReport { anomalies: found.anomalies, models })
}

/// The model that implies all others.
const STRONGEST: Consistency = Consistency::StrictSerializable;

/// The models in the order in which they are decided: the weakest first, but those that take longest after what
/// implies them.
fn in_turn() -> impl Iterator<Item = Consistency> {
    let is_last = |it: &Consistency| {
        matches!(it, Consistency::ParallelSnapshotIsolation | Consistency::TransactionalCausal)
    };
    let (last, first): (Vec<_>, Vec<_>) = MODELS.into_iter().partition(is_last);
    first.into_iter().chain(last)
}

/// What is known of a model, which holds where one does that implies it.
fn judged(
    model: Consistency,
    judgements: &[(Consistency, IsolationJudgement)],
) -> Option<IsolationJudgement> {
    let holds = |(it, judgement): &&(Consistency, IsolationJudgement)| {
        *judgement == IsolationJudgement::Holds && it.implies(model)
    };
    // Of cursor stability only what breaks it is looked for.
    if model == Consistency::CursorStability {
        return None;
    }
    let own = || judgements.iter().find(|(it, _)| *it == model);
    judgements.iter().find(holds).or_else(own).map(|(_, judgement)| judgement.clone())
}

#[cfg(test)]
mod tests;
