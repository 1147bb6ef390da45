//! What an audit runs, and what one run shows.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use rashomon_checker::ladder::{Ladder, Standing, Subject as Judged};
use rashomon_checker::linearizability::{Options, Witnesses};
use rashomon_checker::{Budget, Consistency, Stop};
use rashomon_targets::{FaultKind, ObjectClass, SafetyProperty, TargetConfig};
use rashomon_workloads::Kind;

use super::Unclaimed;
use crate::claims::Style;
use crate::execute::{self, Finished, Keep};
use crate::fault::Plan;
use crate::judge::{CheckFinding, Outcome, Question, Requirement, class, class_asked};
use crate::run::drive::{Ended, UntilStopped};
use crate::settings::{Driver, Settings, fitting};
use crate::subject::Subject;

/// Clusters of this size are audited, where a design has none that fits, larger ones.
const NODES: std::ops::RangeInclusive<u16> = 3..=5;
/// Configurations that the search for an order of a stronger model may visit in one run: a run of another seed
/// refutes a model sooner than a long search.
const SEARCH: u64 = 50_000;
/// Kinds of fault in one run. Of too many at once none is seen at work.
const KINDS: u64 = 3;

/// One run of one design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AuditJob {
    /// The place of the design.
    pub(crate) design: usize,
    /// The workload.
    pub(crate) kind: Kind,
    /// The seed.
    pub(crate) seed: u64,
}

/// The name of a check, how it came out, and what was found if it is broken.
pub(crate) type AuditedCheck = (&'static str, Outcome, Option<String>);

/// What one run shows.
#[derive(Clone, Debug)]
pub(crate) struct AuditRun {
    /// The kind of objects.
    pub(crate) class: ObjectClass,
    /// The settings, with which it can be made again.
    pub(crate) settings: Settings,
    /// The kinds of fault in it.
    pub(crate) faults: Vec<&'static str>,
    /// Each check that the claim requires, with the kind of objects that it is about.
    pub(crate) checks: Vec<(ObjectClass, AuditedCheck)>,
    /// Each property that it promises of what happens inside.
    pub(crate) inside: Vec<AuditedCheck>,
    /// The models beyond the claim that were decided, and what was found against those that are broken by
    /// themselves.
    pub(crate) beyond: Vec<(Consistency, Option<String>)>,
}

impl AuditRun {
    /// Whether it refutes something that the design claims.
    pub(crate) fn is_refuting(&self) -> bool {
        let mut checks = self.checks.iter().map(|(_, check)| check).chain(&self.inside);
        checks.any(|(_, outcome, _)| *outcome == Outcome::Violation)
    }
}

/// One configuration of each variant of each family: of those that claim the same, the one with the most copies
/// of a key on the smallest cluster. Where there is one copy only, there is nothing to be weaker than linearizable, and no
/// final reads to compare: those are left out.
pub(crate) fn designs() -> Vec<TargetConfig> {
    let mut found: Vec<(String, TargetConfig)> = Vec::new();
    let has_copies = |target: &TargetConfig| target.profile().copies > 1;
    for target in TargetConfig::every(NODES).into_iter().filter(has_copies) {
        let name = format!("{} {}: {}", target.name(), target.variant(), target.claim());
        match found.iter_mut().find(|(known, _)| *known == name) {
            None => found.push((name, target)),
            Some((_, best)) => {
                let is_better =
                    target.nodes == best.nodes && target.profile().copies > best.profile().copies;
                if is_better {
                    *best = target;
                }
            }
        }
    }
    // Families in their order, whatever the size of the cluster.
    let place = |target: &TargetConfig| {
        rashomon_targets::Family::ALL.iter().position(|about| about.name == target.name())
    };
    let mut designs: Vec<TargetConfig> = found.into_iter().map(|(_, target)| target).collect();
    designs.sort_by_key(place);
    designs
}

/// What each round of an audit runs, with a seed of its own: every design with every workload that tells something
/// of it.
pub(crate) fn round(designs: &[TargetConfig], seed: u64) -> Vec<AuditJob> {
    let of_one = |(design, target): (usize, &TargetConfig)| {
        let claim = target.claim();
        let tells = move |kind: &Kind| {
            let is_claimed = claimed(target, *kind).names().next().is_some();
            is_claimed
                || shows_order(*kind) && !Unclaimed::of(&claim, class(*kind)).models().is_empty()
        };
        let kinds = fitting(&Subject::from(target.clone())).into_iter().filter(tells);
        kinds.map(|kind| AuditJob { design, kind, seed }).collect::<Vec<_>>()
    };
    designs.iter().enumerate().flat_map(of_one).collect()
}

/// What a claim promises of a workload that the faults of an audit leave in force.
fn claimed(target: &TargetConfig, kind: Kind) -> Requirement {
    let settings = Settings::new(target.clone(), kind, Driver::Simulation, 0);
    Requirement::new(&settings, kind, &[])
}

/// All that a claim promises of some workload: each check, with the kind of objects that it is about.
pub(super) fn promised(target: &TargetConfig) -> BTreeSet<(ObjectClass, &'static str)> {
    let of_one = |kind: Kind| {
        let asked = claimed(target, kind);
        let models = asked.required.into_iter().map(Question::Model);
        let all = models.chain(asked.required_invariants.into_iter().map(Question::Invariant));
        all.map(move |check| (class_asked(check, kind), check.name()))
    };
    fitting(&Subject::from(target.clone())).into_iter().flat_map(of_one).collect()
}

/// The settings of a run. Of three seeds, one gives a short run with restarts at every step of the protocol, one a
/// long run under three of the kinds of fault that the claim covers, by turns, and one a long run without
/// faults, which shows what needs none.
pub(crate) fn settings(target: &TargetConfig, kind: Kind, seed: u64) -> Settings {
    let (round, turn) = (seed / 3, seed % 3);
    if turn == 0 {
        return Style::Short.with_workload(target, kind, seed);
    }
    let mut settings = Style::Long.with_workload(target, kind, seed);
    settings.ops = Some(600);
    let claim = target.claim();
    let keeps = |fault: &FaultKind| {
        claim.keeps_order(class(kind), &[*fault]) && settings.target.takes(*fault)
    };
    let covered: Vec<_> = claim.under.iter().copied().filter(keeps).collect();
    settings.faults = match (turn, covered.len() as u64) {
        (1, all @ 1..) => {
            let at = |it: u64| usize::try_from((round * KINDS + it) % all).unwrap_or(0);
            let mut faults: Vec<_> = (0..KINDS.min(all)).map(|it| covered[at(it)]).collect();
            faults.sort_unstable();
            faults
        }
        _ => Vec::new(),
    };
    settings
}

/// Makes a run, and judges it by the claim and by the models in `beyond`; `None` if it was stopped.
///
/// # Errors
/// If a simulated cluster does not start.
pub(crate) fn execute_audited(
    target: &TargetConfig,
    job: &AuditJob,
    beyond: &[Consistency],
    stop: &Arc<AtomicBool>,
) -> anyhow::Result<Option<AuditRun>> {
    let settings = settings(target, job.kind, job.seed);
    let kind = settings.kind().context("workloads that fit exist")?;
    let plan = execute::plan(&settings);
    let asked = Requirement::new(&settings, kind, &plan.kinds()).alone();
    let watcher = &mut UntilStopped(stop);
    let finished = execute::execute_asking(&asked, &settings, &plan, Keep::default(), watcher)?;
    if matches!(finished.driven.ended, Ended::Interrupted { .. }) {
        return Ok(None);
    }
    let mut found = Vec::new();
    if shows_order(kind) {
        let ladder = climb(&finished, kind, beyond, until(stop));
        found = beyond.iter().filter_map(|&model| told(&ladder, model)).collect();
    }
    if stop.load(Ordering::Relaxed) {
        return Ok(None);
    }
    Ok(Some(AuditRun {
        class: class(kind),
        faults: faults(&plan),
        checks: checks(&finished, kind),
        inside: inside(&finished),
        beyond: found,
        settings,
    }))
}

/// Asks for an end once a flag is set.
pub(super) fn until(stop: &Arc<AtomicBool>) -> Stop {
    let flag = stop.clone();
    Stop::when(move || flag.load(Ordering::Relaxed))
}

/// The kinds of fault in a plan, each once.
fn faults(plan: &Plan) -> Vec<&'static str> {
    let mut kinds = plan.kinds();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// How a check came out in which nothing was found: what the run as a whole leaves in doubt, no check decides.
fn held(finished: &Finished) -> Outcome {
    let is_certain = finished.judgement.doubts.is_empty();
    if is_certain { Outcome::Valid } else { Outcome::Unknown }
}

/// How each check came out that the claim requires.
fn checks(finished: &Finished, kind: Kind) -> Vec<(ObjectClass, AuditedCheck)> {
    let of_one = |check: &CheckFinding| {
        let outcome = match check.outcome() {
            Outcome::Valid => held(finished),
            other => other,
        };
        let found = check.anomalies.first().map(|it| it.summary.clone());
        (class_asked(check.check, kind), (check.check.name(), outcome, found))
    };
    finished.judgement.required().map(of_one).collect()
}

/// How each property came out that the claim promises of what happens inside.
fn inside(finished: &Finished) -> Vec<AuditedCheck> {
    let judgement = &finished.judgement;
    let of_one = |property: &SafetyProperty| {
        let breach = judgement.breaches.iter().find(|it| it.property == *property);
        let outcome = if breach.is_some() { Outcome::Violation } else { held(finished) };
        (property.name(), outcome, breach.map(ToString::to_string))
    };
    judgement.requirement.safety.iter().map(of_one).collect()
}

/// Whether the objects of a workload have one value after another, whatever the target, and nothing beside it: what a
/// removal takes away depends on what it has observed, and a transaction is about several objects.
pub(super) fn shows_order(kind: Kind) -> bool {
    kind.has_order() && kind.invariants().is_empty()
}

/// Judges a history by these models, as far as that takes little.
fn climb(finished: &Finished, kind: Kind, models: &[Consistency], stop: Stop) -> Ladder {
    let budget = Budget { configurations: SEARCH, stop: Some(stop), ..Budget::default() };
    let options = Options { budget, witnesses: Witnesses::AsFound, ..Options::default() };
    let judged = Judged::new(&finished.history, kind.model(), &options);
    let mut ladder = Ladder::new();
    ladder.judge(&judged, |model| models.contains(&model));
    ladder
}

/// What a ladder says of a model, if it is decided by itself.
fn told(ladder: &Ladder, model: Consistency) -> Option<(Consistency, Option<String>)> {
    match &ladder.rung(model).standing {
        Standing::Held | Standing::ImpliedBy(_) => Some((model, None)),
        Standing::Broken(anomaly) => Some((model, Some(anomaly.summary.clone()))),
        Standing::FallsWith(_) | Standing::Undecided(_) | Standing::NotJudged(_) => None,
    }
}
