//! Claims that others wrote down, held against a history, or against runs of a target.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rashomon_checker::ladder::{Ladder, Subject as Judged};
use rashomon_checker::linearizability::Options;
use rashomon_checker::{
    Budget, Consistency, History, HistoryBuilder, ModelKind, Stop, Verdict, invariants,
};
use rashomon_results::ServedRecord;
use rashomon_workloads::Kind;

use super::{ClaimedSide, ServedOperations, WrittenClaim, WrittenPromise};
use crate::availability::{CutServed, SideServed, served_across_cuts};
use crate::campaign::SeedRange;
use crate::cut::{self, LoneNode};
use crate::execute::{self, Keep};
use crate::judge::{Outcome, Question, Requirement, class};
use crate::run::drive::{Driven, Ended, Rest, UntilStopped};
use crate::settings::{Driver, Settings, fitting};
use crate::subject::Subject;

/// A claim, and what was found.
#[derive(Clone, Debug)]
pub(crate) struct JudgedClaim {
    /// The claim.
    pub(crate) claim: WrittenClaim,
    /// What was found.
    pub(crate) fate: ClaimFate,
    /// What that rests on.
    pub(crate) evidence: ClaimEvidence,
    /// The command that makes a run again that breaks it.
    pub(crate) again: Option<String>,
}

/// What the fate of a claim rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClaimEvidence {
    /// A reason, in a sentence.
    Reason(String),
    /// A history of this number of operations, and what was found in it.
    History(u64, Option<String>),
    /// Runs.
    Runs {
        /// Runs that tell something.
        decided: u64,
        /// Those of them that break it.
        broken: u64,
        /// What the first of these shows.
        why: Option<String>,
    },
    /// What sides of cuts did.
    Sides(Vec<(&'static str, ServedRecord)>),
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClaimFate {
    /// Nothing was found against it.
    Held,
    /// Something was.
    Broken,
    /// It could not be decided.
    Undecided,
    /// Nothing tested it.
    Untested,
}

impl JudgedClaim {
    fn of(claim: &WrittenClaim, fate: ClaimFate, evidence: ClaimEvidence) -> Self {
        Self { claim: claim.clone(), fate, evidence, again: None }
    }

    fn because(claim: &WrittenClaim, fate: ClaimFate, why: impl Into<String>) -> Self {
        Self::of(claim, fate, ClaimEvidence::Reason(why.into()))
    }
}

/// A history that claims are held against.
pub(crate) struct JudgedHistory<'a> {
    /// What happened.
    pub(crate) history: &'a History,
    /// What its objects are.
    pub(crate) model: ModelKind,
    /// What is known of the run beside it, if it is one of ours.
    pub(crate) driven: Option<&'a Driven>,
    /// How much judging may take.
    pub(crate) options: &'a Options,
}

impl JudgedHistory<'_> {
    /// Holds a claim against it.
    pub(crate) fn judge(&self, claim: &WrittenClaim) -> JudgedClaim {
        if let Some(driven) = self.driven {
            let known = claim.under.iter().map(|kind| kind.name()).collect::<BTreeSet<_>>();
            let struck = driven.spans.iter().filter(|span| span.struck.is_some());
            if let Some(other) =
                struck.map(|span| span.span.kind()).find(|kind| !known.contains(kind))
            {
                let why = format!("the run had a fault that the claim leaves out: {other}");
                return JudgedClaim::because(claim, ClaimFate::Untested, why);
            }
        }
        let part = claim.keys.as_ref().map(|prefix| with_keys(self.history, prefix));
        let history = part.as_ref().unwrap_or(self.history);
        if history.is_empty() {
            return JudgedClaim::because(claim, ClaimFate::Untested, "the history has no such key");
        }
        match claim.promise {
            WrittenPromise::Keeps(question) => self.keeps(claim, history, question),
            WrittenPromise::Serves { operations, side, percent } => match self.driven {
                None => JudgedClaim::because(
                    claim,
                    ClaimFate::Untested,
                    "a history alone does not say when there was a partition; audit a stored run, or a target",
                ),
                Some(driven) => {
                    let patience = rashomon_targets::Pace::LOCAL.patience;
                    let served = served_across_cuts(history, &driven.spans, [0, patience]);
                    serves(claim, &[served], (operations, side, percent))
                }
            },
        }
    }

    fn keeps(&self, claim: &WrittenClaim, history: &History, question: Question) -> JudgedClaim {
        let verdict = match question {
            Question::Invariant(invariant) => Some(invariants::check(history, invariant).verdict),
            Question::Model(model) => {
                let judged = Judged::new(history, self.model, self.options);
                let mut ladder = Ladder::new();
                ladder.decide(&judged, model);
                ladder.verdict(model)
            }
        };
        let of = |found| ClaimEvidence::History(history.len() as u64, found);
        let is_shaken =
            matches!(question, Question::Model(Consistency::Durable | Consistency::Convergent))
                && self.driven.is_some_and(|driven| driven.rest != Rest::Rested);
        match verdict {
            None => {
                let why = format!("{} is not judged for such a history", question.name());
                JudgedClaim::because(claim, ClaimFate::Undecided, why)
            }
            Some(Verdict::Valid { .. }) => JudgedClaim::of(claim, ClaimFate::Held, of(None)),
            Some(Verdict::Invalid { anomaly, .. }) if !is_shaken => {
                JudgedClaim::of(claim, ClaimFate::Broken, of(Some(anomaly.summary)))
            }
            Some(Verdict::Invalid { anomaly, .. }) => {
                let why = format!("{}, but the cluster had not come to rest", anomaly.summary);
                JudgedClaim::because(claim, ClaimFate::Undecided, why)
            }
            Some(Verdict::Unknown { doubt, .. }) => {
                JudgedClaim::because(claim, ClaimFate::Undecided, doubt.to_string())
            }
        }
    }
}

/// The operations on keys that begin so.
fn with_keys(history: &History, prefix: &str) -> History {
    let mut builder = HistoryBuilder::new();
    let begins =
        |key: &rashomon_checker::Value| key.to_string().trim_matches('"').starts_with(prefix);
    for event in history.events().filter(|event| event.key.as_ref().is_some_and(begins)) {
        builder.push(&event).expect("the whole history took it");
    }
    builder.finish()
}

/// A target that claims are held against.
pub(crate) struct JudgedTarget<'a> {
    /// The target.
    pub(crate) target: &'a Subject,
    /// The seeds of each kind of run.
    pub(crate) seeds: SeedRange,
    /// Whether to stop.
    pub(crate) stop: &'a Arc<AtomicBool>,
}

/// Operations of a run.
const OPERATIONS: u64 = 600;
/// Runs that cut a node off, at most: each is of thousands of operations.
const CUTS: u64 = 3;

impl JudgedTarget<'_> {
    /// Holds a claim against it.
    ///
    /// # Errors
    /// If a run cannot be made.
    pub(crate) fn judge(&self, claim: &WrittenClaim) -> anyhow::Result<JudgedClaim> {
        if claim.keys.is_some() {
            let why = "the keys of a target are those of its workloads; audit a history, or leave `keys` out";
            return Ok(JudgedClaim::because(claim, ClaimFate::Untested, why));
        }
        let of_objects =
            fitting(self.target).into_iter().filter(|kind| class(*kind) == claim.objects);
        let kinds: Vec<Kind> = of_objects.collect();
        match claim.promise {
            WrittenPromise::Keeps(question) => {
                let shows = |kind: &Kind| match question {
                    Question::Invariant(invariant) => kind.invariants().contains(&invariant),
                    Question::Model(Consistency::Durable | Consistency::Convergent) => {
                        kind.final_reads().is_some()
                    }
                    Question::Model(_) => kind.has_order(),
                };
                self.keeps(claim, question, &kinds.into_iter().filter(shows).collect::<Vec<_>>())
            }
            WrittenPromise::Serves { operations, side, percent } => {
                let Some(&kind) = kinds.iter().find(|kind| kind.has_order()) else {
                    let why = "the target offers no such objects";
                    return Ok(JudgedClaim::because(claim, ClaimFate::Untested, why));
                };
                let mut served = Vec::new();
                let mut again = None;
                for lone in LoneNode::of(self.target) {
                    for seed in self.seeds.first..self.seeds.first + self.seeds.count.min(CUTS) {
                        let settings = cut::settings(self.target, kind, seed);
                        let run = cut::run(&settings, lone, &mut UntilStopped(self.stop))?;
                        served.push(cut::served(&run, &settings));
                        again.get_or_insert_with(|| cut::command(&settings, lone));
                    }
                }
                let judged = serves(claim, &served, (operations, side, percent));
                let again = again.filter(|_| judged.fate == ClaimFate::Broken);
                Ok(JudgedClaim { again, ..judged })
            }
        }
    }

    fn keeps(
        &self,
        claim: &WrittenClaim,
        question: Question,
        kinds: &[Kind],
    ) -> anyhow::Result<JudgedClaim> {
        let (mut decided, mut broken, mut doubt) = (0_u64, 0_u64, None);
        let mut first: Option<(String, String)> = None;
        for seed in self.seeds.first..self.seeds.first + self.seeds.count {
            for &kind in kinds {
                if self.stop.load(Ordering::Relaxed) {
                    break;
                }
                let settings = self.settings(claim, question, (kind, seed));
                let plan = execute::plan(&settings);
                let asked = Requirement::new(&settings, kind, &plan.kinds()).alone();
                let watcher = &mut UntilStopped(self.stop);
                let run =
                    execute::execute_asking(&asked, &settings, &plan, Keep::default(), watcher)?;
                match (run.judgement.outcome(), run.driven.ended) {
                    (_, Ended::Interrupted { .. }) => {}
                    (Outcome::Valid, _) => decided += 1,
                    (Outcome::Violation, _) => {
                        (decided, broken) = (decided + 1, broken + 1);
                        let command = settings.command().unwrap_or_default();
                        let why = run.judgement.found().unwrap_or_default();
                        first.get_or_insert((command, why));
                    }
                    (Outcome::Unknown, _) => {
                        doubt = doubt
                            .or_else(|| run.judgement.all_doubts().next().map(ToString::to_string));
                    }
                }
            }
        }
        let (again, why) = first.unzip();
        let of = |fate| {
            let evidence = ClaimEvidence::Runs { decided, broken, why: why.clone() };
            JudgedClaim { again: again.clone(), ..JudgedClaim::of(claim, fate, evidence) }
        };
        Ok(match (broken, decided, doubt) {
            (1.., ..) => of(ClaimFate::Broken),
            (0, 1.., _) => of(ClaimFate::Held),
            (0, 0, Some(doubt)) => JudgedClaim::because(claim, ClaimFate::Undecided, doubt),
            (0, 0, None) => {
                let why = "no workload of the target shows it";
                JudgedClaim::because(claim, ClaimFate::Untested, why)
            }
        })
    }

    fn settings(
        &self,
        claim: &WrittenClaim,
        question: Question,
        (kind, seed): (Kind, u64),
    ) -> Settings {
        let mut settings = Settings::new(self.target.clone(), kind, Driver::Simulation, seed);
        let takes = |fault: &rashomon_targets::FaultKind| self.target.takes(*fault);
        settings.faults = claim.under.iter().copied().filter(takes).collect();
        settings.ops = Some(OPERATIONS);
        settings.require = vec![question.name().to_owned()];
        settings
    }
}

/// Holds a claim of availability against what each side did in some runs.
fn serves(
    claim: &WrittenClaim,
    runs: &[CutServed],
    (operations, side, least): (ServedOperations, ClaimedSide, u64),
) -> JudgedClaim {
    let sum = |of: fn(&CutServed) -> SideServed| {
        let mut all = ServedRecord::default();
        for side in runs.iter().map(of) {
            let parts =
                [(operations.has_reads(), side.reads), (operations.has_writes(), side.writes)];
            for (_, part) in parts.into_iter().filter(|(is_claimed, _)| *is_claimed) {
                all.asked += part.asked;
                all.ok += part.ok;
            }
        }
        all
    };
    let larger = ("larger", sum(|it| it.larger));
    let sides = match side {
        ClaimedSide::Larger => vec![larger],
        ClaimedSide::Both => vec![("smaller", sum(|it| it.smaller)), larger],
    };
    if sides.iter().any(|(_, it)| it.asked == 0) {
        let why = "nothing was asked of a side of a partition";
        return JudgedClaim::because(claim, ClaimFate::Untested, why);
    }
    let is_served = |(_, it): &(&str, ServedRecord)| it.ok * 100 >= it.asked * least;
    let fate = if sides.iter().all(is_served) { ClaimFate::Held } else { ClaimFate::Broken };
    JudgedClaim::of(claim, fate, ClaimEvidence::Sides(sides))
}

/// How much judging a history may take, until it is interrupted.
pub(crate) fn options(stop: &Arc<AtomicBool>) -> Options {
    let flag = stop.clone();
    let stops = Stop::when(move || flag.load(Ordering::Relaxed));
    Options { budget: Budget { stop: Some(stops), ..Budget::default() }, ..Options::default() }
}
