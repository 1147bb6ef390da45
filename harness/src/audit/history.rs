//! Claims that others wrote down, held against one history.

use rashomon_checker::ladder::{Ladder, Subject as Judged};
use rashomon_checker::linearizability::Options;
use rashomon_checker::{History, HistoryBuilder, ModelKind, Value, Verdict, invariants, vacuity};
use rashomon_workloads::Kind;

use super::judged::{ClaimEvidence, ClaimFate, JudgedClaim, ServedPromise};
use super::written::{WrittenClaim, WrittenPromise};
use crate::availability::served_across_cuts;
use crate::cut;
use crate::fault::Plan;
use crate::judge::{self, Asked, Outcome, Question, Requirement, class, class_of};
use crate::run::drive::Driven;
use crate::settings::Settings;

/// A history that claims are held against.
pub(crate) struct JudgedHistory {
    /// What happened.
    pub(crate) history: History,
    /// Where it comes from.
    pub(crate) source: HistorySource,
    /// How much judging may take.
    pub(crate) options: Options,
}

/// Where a history comes from.
pub(crate) enum HistorySource {
    /// From anybody's system, whose objects are these.
    System(ModelKind),
    /// From a run of ours.
    Run(Box<JudgedRun>),
}

/// What is known of a run of ours beside its history.
pub(crate) struct JudgedRun {
    /// What was run.
    pub(crate) settings: Settings,
    /// The workload.
    pub(crate) kind: Kind,
    /// The faults that were planned.
    pub(crate) plan: Plan,
    /// What it knew at its end.
    pub(crate) driven: Driven,
}

impl JudgedHistory {
    /// Holds a claim against it.
    pub(crate) fn judge(&self, claim: &WrittenClaim) -> JudgedClaim {
        let untested = |why: String| JudgedClaim::because(claim, ClaimFate::Untested, why);
        if let Some(why) = self.leaves_out(claim) {
            return untested(why);
        }
        let part = claim.keys.as_ref().map(|prefix| with_keys(&self.history, prefix));
        if part.as_ref().is_some_and(History::is_empty) {
            return untested("the history has no such key".to_owned());
        }
        let history = part.as_ref().unwrap_or(&self.history);
        match (claim.promise, &self.source) {
            (WrittenPromise::Keeps(question), _) => self.keeps(claim, history, question),
            (WrittenPromise::Serves { .. }, HistorySource::System(_)) => untested(
                "a history alone does not say when there was a partition; audit a stored run, or a target"
                    .to_owned(),
            ),
            (
                WrittenPromise::Serves { operations, side, percent },
                HistorySource::Run(run),
            ) => {
                let times = [cut::GRACE, run.settings.pace().patience];
                let served = served_across_cuts(history, &run.driven.spans, times);
                ServedPromise { operations, side, percent }.judge(claim, &[served], None)
            }
        }
    }

    /// Why the history tests nothing of a claim, if so.
    fn leaves_out(&self, claim: &WrittenClaim) -> Option<String> {
        if let Some(why) = claim.leaves_cuts_out() {
            return Some(why);
        }
        let class = match &self.source {
            HistorySource::System(model) => class_of(*model),
            HistorySource::Run(run) => {
                let struck = run.driven.spans.iter().filter(|span| span.struck.is_some());
                let mut kinds = struck.map(|span| span.span.kind());
                let is_claimed = |kind: &str| claim.under.iter().any(|it| it.name() == kind);
                if let Some(other) = kinds.find(|kind| !is_claimed(kind)) {
                    return Some(format!("the run had a fault that the claim leaves out: {other}"));
                }
                class(run.kind)
            }
        };
        let is_of_others = claim.promise.is_of_objects() && class != claim.objects;
        is_of_others.then(|| {
            format!("the history is of {}, and the claim of {}", class.name(), claim.objects.name())
        })
    }

    fn keeps(&self, claim: &WrittenClaim, history: &History, question: Question) -> JudgedClaim {
        let (outcome, why) = match &self.source {
            HistorySource::System(model) => self.of_system(*model, history, question),
            HistorySource::Run(run) => self.of_run(run, history, (claim, question)),
        };
        let of = |fate, found| {
            JudgedClaim::of(claim, fate, ClaimEvidence::History(history.len() as u64, found))
        };
        match (outcome, vacuity(history)) {
            (Outcome::Violation, _) => of(ClaimFate::Broken, why),
            (Outcome::Valid | Outcome::Unknown, Some(doubt)) => {
                JudgedClaim::because(claim, ClaimFate::Untested, doubt.to_string())
            }
            (Outcome::Valid, None) => of(ClaimFate::Held, None),
            (Outcome::Unknown, None) => {
                JudgedClaim::because(claim, ClaimFate::Undecided, why.unwrap_or_default())
            }
        }
    }

    /// The verdict on a history with nothing else known of it, and what was found or why it is undecided.
    fn of_system(
        &self,
        model: ModelKind,
        history: &History,
        question: Question,
    ) -> (Outcome, Option<String>) {
        let verdict = match question {
            Question::Invariant(invariant) => Some(invariants::check(history, invariant).verdict),
            Question::Model(consistency) => {
                let judged = Judged::new(history, model, &self.options);
                let mut ladder = Ladder::new();
                ladder.decide(&judged, consistency);
                ladder.verdict(consistency)
            }
        };
        match verdict {
            None => {
                let why = format!("{} is not judged for such a history", question.name());
                (Outcome::Unknown, Some(why))
            }
            Some(Verdict::Valid { .. }) => (Outcome::Valid, None),
            Some(Verdict::Invalid { anomaly, .. }) => (Outcome::Violation, Some(anomaly.summary)),
            Some(Verdict::Unknown { doubt, .. }) => (Outcome::Unknown, Some(doubt.to_string())),
        }
    }

    /// The same of a run, which is judged as always, with what is known of it.
    fn of_run(
        &self,
        run: &JudgedRun,
        history: &History,
        (claim, question): (&WrittenClaim, Question),
    ) -> (Outcome, Option<String>) {
        let mut settings = run.settings.clone();
        settings.require = vec![question.name().to_owned()];
        let requirement = Requirement::new(&settings, run.kind, &run.plan.kinds()).alone();
        let asked = Asked { kind: run.kind, requirement, options: self.options.clone() };
        let judgement = match &claim.keys {
            None => judge::judge(&asked, history, &run.driven),
            Some(prefix) => judge::judge(&asked, history, &of_keys(&run.driven, prefix)),
        };
        let why = match judgement.outcome() {
            Outcome::Valid => None,
            Outcome::Violation => judgement.found(),
            Outcome::Unknown => judgement.all_doubts().next().map(ToString::to_string),
        };
        (judgement.outcome(), why)
    }
}

/// Whether a key begins so.
fn begins(key: &str, prefix: &str) -> bool {
    key.trim_matches('"').starts_with(prefix)
}

/// The operations on keys that begin so.
fn with_keys(history: &History, prefix: &str) -> History {
    let mut builder = HistoryBuilder::new();
    let is_one = |key: &Value| begins(&key.to_string(), prefix);
    for event in history.events().filter(|event| event.key.as_ref().is_some_and(is_one)) {
        builder.push(&event).expect("the whole history took it");
    }
    builder.finish()
}

/// What is known of a run as far as it is about keys that begin so.
fn of_keys(driven: &Driven, prefix: &str) -> Driven {
    let mut part = driven.clone();
    part.unread.retain(|it| begins(&it.key, prefix));
    // It may be of another key; if it is not, judging the part finds it again.
    part.sighting = None;
    part
}
