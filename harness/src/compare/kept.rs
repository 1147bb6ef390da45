//! The strongest consistency models that survive, and the first run that refutes the next one; and whether anything
//! acknowledged was lost meanwhile.

use std::collections::BTreeMap;

use rashomon_checker::ladder::{Ladder, Subject as Judged};
use rashomon_checker::linearizability::{Options, Witnesses};
use rashomon_checker::{Budget, Consistency};
use rashomon_results::LedgerRecord;
use rashomon_targets::TargetConfig;
use rashomon_workloads::Kind;

use super::{COUNTERS, each, workload};
use crate::audit::{Unclaimed, strongest, weakest};
use crate::campaign::SeedRange;
use crate::claims::Style;
use crate::execute::{self, Finished, Keep};
use crate::judge::Requirement;
use crate::run::drive::{Rest, Watcher};
use crate::settings::Settings;
use crate::subject::Subject;

/// Configurations that a search for one order may visit in a run.
const SEARCH: u64 = 50_000;

/// What survives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeptModels {
    /// The objects.
    pub(crate) objects: &'static str,
    /// Runs that were made.
    pub(crate) runs: u64,
    /// The strongest models that every run which decided them kept, each with the number of these runs.
    pub(crate) strongest: Vec<(Consistency, u64)>,
    /// The weakest models that a run refutes, each with the command of the first that does.
    pub(crate) refuted: Vec<(Consistency, String)>,
    /// The writes of runs that came to rest. Of counters it is not known how many additions are lost.
    pub(crate) writes: Option<KeptWrites>,
    /// The command that shows the first loss.
    pub(crate) lost_in: Option<String>,
}

/// What became of writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeptWrites {
    /// Those that were acknowledged.
    pub(crate) acknowledged: u64,
    /// Those of them that were gone in the end.
    pub(crate) lost: u64,
}

/// Judges runs by all models of single objects, and counts losses. By turns the runs have the usual faults that the
/// claim covers, and none.
pub(super) fn measure(
    target: &TargetConfig,
    seeds: SeedRange,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Option<KeptModels>> {
    let subject = Subject::from(target.clone());
    let of_registers: Vec<Kind> =
        ["session-roam", "register"].iter().filter_map(|it| workload(&subject, it)).collect();
    let (kinds, objects) = if of_registers.is_empty() {
        (workload(&subject, "counter").into_iter().collect(), COUNTERS)
    } else {
        (of_registers, "registers")
    };
    let all = Unclaimed::above(&[]);
    let mut broken = Vec::new();
    // In how many runs each model was kept.
    let mut decided: BTreeMap<Consistency, u64> = BTreeMap::new();
    let mut commands: BTreeMap<Consistency, String> = BTreeMap::new();
    let mut kept = KeptModels { objects, ..KeptModels::default() };
    for (seed, &kind) in each(seeds).flat_map(|seed| kinds.iter().map(move |kind| (seed, kind))) {
        let mut settings = Style::Long.with_workload(target, kind, seed);
        settings.ops = Some(600);
        if seed % 2 == 0 {
            settings.faults.clear();
        }
        let plan = execute::plan(&settings);
        let asked = Requirement::new(&settings, kind, &plan.kinds());
        let run = execute::execute_asking(&asked, &settings, &plan, Keep::default(), watcher)?;
        if watcher.wants_stop() {
            return Ok(None);
        }
        kept.runs += 1;
        // What a cluster lacks that has not come to rest may still come.
        if run.driven.rest == Rest::Rested {
            kept.count(&run.judgement.ledger, &settings);
        }
        let ladder = climb(&run, kind.model(), &all, &broken);
        for &model in all.models().iter().filter(|&&it| ladder.rung(it).holds()) {
            *decided.entry(model).or_default() += 1;
        }
        for model in ladder.weakest_broken() {
            broken.push(model);
            commands
                .entry(model)
                .or_insert_with(|| settings.requiring(model).command().unwrap_or_default());
        }
    }
    let is_open = |it: &Consistency| !broken.iter().any(|known| it.implies(*known));
    let left: Vec<Consistency> = decided.keys().copied().filter(is_open).collect();
    kept.strongest = strongest(&left).into_iter().map(|model| (model, decided[&model])).collect();
    kept.refuted = weakest(&broken)
        .into_iter()
        .filter_map(|model| Some((model, commands.get(&model)?.clone())))
        .collect();
    kept.refuted.sort();
    kept.refuted.dedup();
    Ok(Some(kept))
}

fn climb(
    run: &Finished,
    model: rashomon_checker::ModelKind,
    all: &Unclaimed,
    broken: &[Consistency],
) -> Ladder {
    let budget = Budget { configurations: SEARCH, ..Budget::default() };
    let options = Options { budget, witnesses: Witnesses::AsFound, ..Options::default() };
    let judged = Judged::new(&run.history, model, &options);
    let mut ladder = Ladder::new();
    let is_open = |it: Consistency| {
        all.models().contains(&it) && !broken.iter().any(|known| it.implies(*known))
    };
    ladder.judge(&judged, is_open);
    ladder
}

impl KeptModels {
    /// Counts what was acknowledged and lost in a run.
    fn count(&mut self, ledger: &LedgerRecord, settings: &Settings) {
        // Of a counter, the ledger names its sum, whatever the number of additions that it lacks.
        if self.objects != COUNTERS {
            let writes = self.writes.get_or_insert_default();
            writes.acknowledged += ledger.acknowledged;
            writes.lost += ledger.lost.len() as u64;
        }
        if !ledger.lost.is_empty() && self.lost_in.is_none() {
            self.lost_in = settings.requiring(Consistency::Durable).command();
        }
    }
}

#[cfg(test)]
mod tests {
    use rashomon_checker::Value;
    use rashomon_checker::convergence::Named;

    use super::*;
    use crate::settings::Driver;

    #[test]
    fn a_counter_that_lacks_additions_is_not_counted_as_one_lost_write() {
        let target = TargetConfig::every(3..=3).swap_remove(0);
        let settings = Settings::new(target, Kind::Counter, Driver::Simulation, 1);
        let lost = vec![Named { key: None, value: Value::Int(3) }];
        let ledger = LedgerRecord { acknowledged: 9, lost, ..LedgerRecord::default() };
        let count = |objects| {
            let mut kept = KeptModels { objects, ..KeptModels::default() };
            kept.count(&ledger, &settings);
            assert!(kept.lost_in.is_some_and(|it| it.ends_with("--require durable")));
            kept.writes
        };
        assert_eq!(count("registers"), Some(KeptWrites { acknowledged: 9, lost: 1 }));
        assert_eq!(count(COUNTERS), None);
    }
}
