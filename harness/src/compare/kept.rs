//! The strongest consistency models that survive, and the first run that refutes the next one; and whether anything
//! acknowledged was lost meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use rashomon_checker::ladder::{Ladder, Subject as Judged};
use rashomon_checker::linearizability::{Options, Witnesses};
use rashomon_checker::{Budget, Consistency};
use rashomon_targets::TargetConfig;
use rashomon_workloads::Kind;

use super::{each, workload};
use crate::audit::{Unclaimed, strongest, weakest};
use crate::campaign::SeedRange;
use crate::claims::Style;
use crate::execute::{self, Finished, Keep};
use crate::judge::Requirement;
use crate::run::drive::Watcher;
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
    /// The strongest models that every run which decided them kept.
    pub(crate) strongest: Vec<Consistency>,
    /// The weakest models that a run refutes, each with the command of the first that does.
    pub(crate) refuted: Vec<(Consistency, String)>,
    /// Writes that were acknowledged, and those of them that were gone in the end, in runs that came to rest.
    pub(crate) acknowledged: u64,
    /// See above.
    pub(crate) lost: u64,
    /// The command that shows the first loss.
    pub(crate) lost_in: Option<String>,
}

/// Judges runs by all models of single objects, under the faults that the claim covers and without faults, by turns. Losses are counted
/// with every fault that is usual, claimed or not.
pub(super) fn measure(
    target: &TargetConfig,
    seeds: SeedRange,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Option<KeptModels>> {
    let subject = Subject::from(target.clone());
    let of_registers: Vec<Kind> =
        ["session-roam", "register"].iter().filter_map(|it| workload(&subject, it)).collect();
    let (kinds, objects) = if of_registers.is_empty() {
        (workload(&subject, "counter").into_iter().collect(), "counters")
    } else {
        (of_registers, "registers")
    };
    let all = Unclaimed::above(&[]);
    let (mut broken, mut decided) = (Vec::new(), BTreeSet::new());
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
        lost(&mut kept, &run, &settings);
        let ladder = climb(&run, kind.model(), &all, &broken);
        decided.extend(all.models().iter().copied().filter(|&it| ladder.rung(it).holds()));
        for model in ladder.weakest_broken() {
            broken.push(model);
            commands
                .entry(model)
                .or_insert_with(|| settings.requiring(model).command().unwrap_or_default());
        }
    }
    let is_open = |it: &Consistency| !broken.iter().any(|known| it.implies(*known));
    kept.strongest = strongest(&decided.into_iter().filter(is_open).collect::<Vec<_>>());
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

/// Counts what was acknowledged and lost. What a cluster lacks that has not come to rest may still come.
fn lost(kept: &mut KeptModels, run: &Finished, settings: &Settings) {
    if run.driven.rest != crate::run::drive::Rest::Rested {
        return;
    }
    let ledger = &run.judgement.ledger;
    kept.acknowledged += ledger.acknowledged;
    kept.lost += ledger.lost.len() as u64;
    if !ledger.lost.is_empty() && kept.lost_in.is_none() {
        kept.lost_in = settings.requiring(Consistency::Durable).command();
    }
}
