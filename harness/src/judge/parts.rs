//! A history of transactions and of single objects, in its parts.
//!
//! Each is judged by itself: what is promised of the one says nothing of the other, and nothing is promised
//! across. A transaction is about several objects, so its operations have no key.

use rashomon_checker::convergence::{self, ConvergenceReport, Judge};
use rashomon_checker::{
    Anomaly, ConvergenceKind, History, HistoryBuilder, Invariant, KeyRange, Verdict, invariants,
};

/// The parts of a history that has both.
pub(super) struct Parts<'a> {
    whole: &'a History,
    mixed: Option<Mixed>,
}

struct Mixed {
    transactions: History,
    /// Those of all keys: of none of them, a part is in two.
    objects: Vec<History>,
}

impl<'a> Parts<'a> {
    /// The parts of a history.
    pub(super) fn of(whole: &'a History) -> Self {
        let has_key = |op| whole.key_of(op).is_some();
        let is_mixed = whole.indices().any(has_key) && !whole.indices().all(has_key);
        let mixed = is_mixed.then(|| {
            let keyless = KeyRange::place(None);
            let objects = KeyRange::ALL.without(keyless).into_iter().flatten();
            Mixed {
                transactions: part(whole, KeyRange::at(keyless)),
                objects: objects.map(|keys| part(whole, keys)).collect(),
            }
        });
        Self { whole, mixed }
    }

    /// Whether the final reads of objects show that they converged.
    pub(super) fn converge(&self, kind: ConvergenceKind) -> ConvergenceReport {
        let Some(mixed) = &self.mixed else { return convergence::check(self.whole, kind) };
        let mut judge = Judge::new(kind);
        mixed.objects.iter().for_each(|part| judge.add(part));
        judge.finish(self.whole.nodes().count() as u64)
    }

    /// Whether an invariant was kept: one of a bank by transactions, any other by all that happened.
    pub(super) fn keep(&self, invariant: Invariant) -> Verdict<Anomaly> {
        let history = match &self.mixed {
            Some(mixed) if invariant == Invariant::Bank => &mixed.transactions,
            Some(_) | None => self.whole,
        };
        invariants::check(history, invariant).verdict
    }
}

/// The operations on some keys, which know their places in the whole.
fn part(whole: &History, keys: KeyRange) -> History {
    let mut builder = HistoryBuilder::of_keys(keys);
    for event in whole.events() {
        builder.push(&event).expect("the whole history took it");
    }
    builder.finish()
}
