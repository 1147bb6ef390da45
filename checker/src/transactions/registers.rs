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
mod rank;
mod search;
mod story;
mod table;
mod trials;

use self::demand::Demand;
use self::direct::WrongRead;
use self::rank::Ranking;
use self::search::{Decision, OrderSearch};
use self::story::RegisterStory;
use self::table::RegisterTable;
use super::judge::{IsolationJudgement, MODELS, TransactionReport, weakest};
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
    let mut models: Vec<(Consistency, IsolationJudgement)> = Vec::new();
    for model in MODELS {
        let wrong_read = found.breaking(model, 0);
        let is_open = found.breaking(model, cycles_from).is_none();
        let judgement = match Demand::of(model).filter(|_| is_open) {
            // It is broken by a cycle of a weaker model, or only what breaks it is looked for.
            None => wrong_read.map(IsolationJudgement::Broken),
            Some(demand) => {
                let decision = search.decide(&demand);
                let judgement = found.judgement(decision, &demand, &search);
                Some(wrong_read.map_or(judgement, IsolationJudgement::Broken))
            }
        };
        models.extend(judgement.map(|it| (model, it)));
    }
    decide_by_others(&mut models);
    Ok(TransactionReport { anomalies: found.anomalies, models })
}

/// A model that a stronger one implies holds where that does.
fn decide_by_others(models: &mut [(Consistency, IsolationJudgement)]) {
    let holds = |(model, it): &(Consistency, IsolationJudgement)| {
        (*it == IsolationJudgement::Holds).then_some(*model)
    };
    let held: Vec<Consistency> = models.iter().filter_map(holds).collect();
    for (model, it) in models {
        let is_implied = held.iter().any(|strong| strong.implies(*model));
        if is_implied && matches!(it, IsolationJudgement::Undecided(_)) {
            *it = IsolationJudgement::Holds;
        }
    }
}

#[cfg(test)]
mod tests;
