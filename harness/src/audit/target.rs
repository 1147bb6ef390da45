//! Claims that others wrote down, held against runs of a target.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rashomon_checker::Consistency;
use rashomon_checker::consistency::ConsistencyFamily;
use rashomon_workloads::Kind;

use super::job::shows_order;
use super::judged::{ClaimEvidence, ClaimFate, JudgedClaim, ServedPromise, worst};
use super::written::{WrittenClaim, WrittenPromise};
use crate::availability::CutServed;
use crate::campaign::SeedRange;
use crate::claims::RunCounts;
use crate::cut::{self, LoneNode};
use crate::execute::{self, Keep};
use crate::judge::{Judgement, Outcome, Question, Requirement, class};
use crate::run::drive::{Ended, UntilStopped};
use crate::settings::{Driver, Settings, fitting};
use crate::subject::Subject;

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
/// Why nothing was tested after Ctrl-C.
const INTERRUPTED: &str = "the audit was interrupted before a run of it had ended";

impl JudgedTarget<'_> {
    /// Holds a claim against it.
    ///
    /// # Errors
    /// If a run cannot be made.
    pub(crate) fn judge(&self, claim: &WrittenClaim) -> anyhow::Result<JudgedClaim> {
        let untested = |why: String| Ok(JudgedClaim::because(claim, ClaimFate::Untested, why));
        if claim.keys.is_some() {
            let why = "the keys of a target are those of its workloads; audit a history, or leave `keys` out";
            return untested(why.to_owned());
        }
        if let Some(why) = claim.leaves_cuts_out() {
            return untested(why);
        }
        match claim.promise {
            WrittenPromise::Keeps(question) => {
                let refusal = claim.under.iter().find_map(|kind| self.target.refusal(*kind));
                match refusal {
                    Some(why) => untested(why),
                    None => self.keeps(claim, question),
                }
            }
            WrittenPromise::Serves { operations, side, percent } => {
                self.serves(claim, ServedPromise { operations, side, percent })
            }
        }
    }

    fn keeps(&self, claim: &WrittenClaim, question: Question) -> anyhow::Result<JudgedClaim> {
        let shows = |kind: &Kind| shows(*kind, claim, question);
        let kinds: Vec<Kind> = fitting(self.target).into_iter().filter(shows).collect();
        if kinds.is_empty() {
            let why = "no workload of the target shows it";
            return Ok(JudgedClaim::because(claim, ClaimFate::Untested, why));
        }
        let mut found = FoundInRuns::default();
        for seed in self.seeds.first..self.seeds.first + self.seeds.count {
            for &kind in &kinds {
                if self.stop.load(Ordering::Relaxed) {
                    break;
                }
                let settings = self.settings(claim, question, (kind, seed));
                let plan = execute::plan(&settings);
                let asked = Requirement::new(&settings, kind, &plan.kinds()).alone();
                let watcher = &mut UntilStopped(self.stop);
                let run =
                    execute::execute_asking(&asked, &settings, &plan, Keep::default(), watcher)?;
                if !matches!(run.driven.ended, Ended::Interrupted { .. }) {
                    found.take(&run.judgement, &settings);
                }
            }
        }
        Ok(found.told(claim))
    }

    /// Each node that can be cut off is judged by itself: one claim is about all cuts, and the worst of them counts.
    fn serves(&self, claim: &WrittenClaim, promise: ServedPromise) -> anyhow::Result<JudgedClaim> {
        let untested = |why: &str| JudgedClaim::because(claim, ClaimFate::Untested, why);
        let mut kinds = fitting(self.target).into_iter();
        let Some(kind) = kinds.find(|kind| class(*kind) == claim.objects) else {
            return Ok(untested("the target offers no such objects"));
        };
        let mut cuts = Vec::new();
        for lone in LoneNode::of(self.target) {
            let mut runs: Vec<(CutServed, String)> = Vec::new();
            for seed in self.seeds.first..self.seeds.first + self.seeds.count.min(CUTS) {
                let settings = cut::settings(self.target, kind, seed);
                let run = cut::run(&settings, lone, &mut UntilStopped(self.stop))?;
                if matches!(run.driven.ended, Ended::Interrupted { .. }) {
                    break;
                }
                runs.push((cut::served(&run, &settings), cut::command(&settings, lone)));
            }
            if runs.is_empty() {
                cuts.push(untested(INTERRUPTED));
                continue;
            }
            let served: Vec<CutServed> = runs.iter().map(|(served, _)| *served).collect();
            let judged = promise.judge(claim, &served, Some(lone.name()));
            let first = runs.into_iter().find(|(served, _)| promise.is_broken_by(&[*served]));
            let again = first.map(|(_, command)| command);
            let again = again.filter(|_| judged.fate == ClaimFate::Broken);
            cuts.push(JudgedClaim { again, ..judged });
        }
        Ok(worst(cuts).unwrap_or_else(|| untested("no node of the target can be cut off")))
    }

    fn settings(
        &self,
        claim: &WrittenClaim,
        question: Question,
        (kind, seed): (Kind, u64),
    ) -> Settings {
        let mut settings = Settings::new(self.target.clone(), kind, Driver::Simulation, seed);
        settings.faults.clone_from(&claim.under);
        settings.ops = Some(OPERATIONS);
        settings.require = vec![question.name().to_owned()];
        settings
    }
}

/// Whether runs of a workload show what a claim asks. An invariant is one of a workload, whatever its objects are.
fn shows(kind: Kind, claim: &WrittenClaim, question: Question) -> bool {
    let model = match question {
        Question::Invariant(invariant) => return kind.invariants().contains(&invariant),
        Question::Model(model) => model,
    };
    let has = |model| kind.checks().contains(&model);
    let is_shown = match model.family() {
        ConsistencyFamily::Replicas => has(model),
        ConsistencyFamily::Transactions => has(Consistency::StrictSerializable),
        ConsistencyFamily::RealTime | ConsistencyFamily::Sessions => {
            has(Consistency::Linearizable) || shows_order(kind) && kind.final_reads().is_some()
        }
    };
    class(kind) == claim.objects && is_shown
}

/// What runs say of a claim so far.
#[derive(Default)]
pub(super) struct FoundInRuns {
    /// How they came out, those apart that nothing judges by the claim.
    pub(super) counts: RunCounts,
    /// The first that breaks it: its command, and what was found.
    pub(super) first: Option<(String, String)>,
    /// Why the first one that is undecided, or not judged, is so.
    pub(super) doubt: Option<String>,
}

impl FoundInRuns {
    fn take(&mut self, judgement: &Judgement, settings: &Settings) {
        let doubt = || judgement.all_doubts().next().map(ToString::to_string);
        match judgement.outcome() {
            Outcome::Valid => {}
            Outcome::Violation => {
                let command = settings.command().unwrap_or_default();
                let why = judgement.found().unwrap_or_default();
                self.first.get_or_insert((command, why));
            }
            Outcome::Unknown => self.doubt = self.doubt.take().or_else(doubt),
        }
        if !judgement.leaves_out() {
            self.counts.count(judgement, 0.0);
        }
    }

    /// What became of the claim. If too few runs are decided, it is undecided.
    pub(super) fn told(self, claim: &WrittenClaim) -> JudgedClaim {
        let RunCounts { runs, violations: broken, unknown, .. } = self.counts;
        let is_broken = broken > 0;
        let (again, why) = self.first.unzip();
        let (fate, evidence) = match self.doubt {
            None if runs == 0 => {
                return JudgedClaim::because(claim, ClaimFate::Untested, INTERRUPTED);
            }
            Some(why) if runs == 0 => (ClaimFate::Undecided, ClaimEvidence::Reason(why)),
            Some(why) if !is_broken && self.counts.tells_too_little() => {
                (ClaimFate::Undecided, ClaimEvidence::TooFew { runs, unknown, why })
            }
            None | Some(_) => {
                let fate = if is_broken { ClaimFate::Broken } else { ClaimFate::Held };
                (fate, ClaimEvidence::Runs { decided: runs - unknown, broken, unknown, why })
            }
        };
        JudgedClaim { again, ..JudgedClaim::of(claim, fate, evidence) }
    }
}
