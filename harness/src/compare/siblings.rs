//! What becomes of concurrent writes of one register: whether a reader sees both, or one of them is gone.

use rashomon_checker::{EventKind, Invariant, Value};

use super::{each, workload};
use crate::campaign::SeedRange;
use crate::execute::{self, Keep};
use crate::fault::Plan;
use crate::judge::{Question, Requirement};
use crate::run::drive::Watcher;
use crate::settings::{Driver, Settings};
use crate::subject::Subject;

/// What became of concurrent writes, in runs without faults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Siblings {
    /// Writes that were acknowledged.
    pub(crate) writes: u64,
    /// Those of them that no other had seen, and that were gone in the end.
    pub(crate) discarded: u64,
    /// Reads that returned.
    pub(crate) reads: u64,
    /// Those that returned several values.
    pub(crate) conflicting: u64,
    /// The most values of one read.
    pub(crate) most: u64,
    /// The command that makes the first of these runs again.
    pub(crate) again: String,
}

/// Writes in place of what was read, as carts are kept.
pub(super) fn measure(
    target: &Subject,
    seeds: SeedRange,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Option<Siblings>> {
    let kinds = crate::settings::fitting(target).into_iter();
    let mut kinds = kinds.filter(|kind| kind.invariants().contains(&Invariant::MvRegister));
    let Some(kind) = kinds.next().filter(|kind| workload(target, kind.name()).is_some()) else {
        return Ok(None);
    };
    let mut found = Siblings::default();
    for seed in each(seeds) {
        let mut settings = Settings::new(target.clone(), kind, Driver::Simulation, seed);
        settings.faults = Vec::new();
        let plan = Plan::default();
        let asked = Requirement::new(&settings, kind, &[]);
        let run = execute::execute_asking(&asked, &settings, &plan, Keep::default(), watcher)?;
        for event in run.history.events().filter(|it| !it.is_final && it.kind == EventKind::Ok) {
            match &event.value {
                Value::List(values) => {
                    let values = values.len() as u64;
                    found.reads += 1;
                    found.conflicting += u64::from(values > 1);
                    found.most = found.most.max(values);
                }
                _ => found.writes += 1,
            }
        }
        let kept = Question::Invariant(Invariant::MvRegister);
        let check = run.judgement.checks.iter().find(|check| check.check == kept);
        found.discarded += check.map_or(0, |check| check.anomalies.len() as u64);
        if found.again.is_empty() {
            found.again = settings.command().unwrap_or_default();
        }
    }
    Ok(Some(found))
}
