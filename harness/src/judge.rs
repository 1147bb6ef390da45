//! From a history to a verdict: the checks that apply, and whether the run tested enough for one.
//!
//! A violation is reported only where the target alone can explain it. What final reads lack, or
//! how they differ, proves nothing if the cluster did not come to rest, if that could not be
//! observed, if a part of it broke without a fault, or if a copy was not read: it is *suspected* then,
//! and the check is undecided.

mod doubts;
mod identity;
mod parts;
mod question;
mod requirement;

use rashomon_checker::k_atomic::stale_by_age;
use rashomon_checker::ladder::{Ladder, Subject};
use rashomon_checker::linearizability::{self, Options};
use rashomon_checker::{Anomaly, AnomalyClass, Consistency, History, Invariant, ModelKind};
use rashomon_checker::{Verdict, convergence, invariants};
use rashomon_results::LedgerRecord;
use rashomon_workloads::{Kind, Measure};

use crate::doubt::{Doubt, Whose};
use crate::run::drive::Driven;
use crate::safety::Breach;

use parts::Parts;

pub(crate) use doubts::interrupted;
pub(crate) use identity::{operation, weight};
pub(crate) use question::Question;
pub(crate) use requirement::{
    By, FinalCopies, Requirement, SESSION_GUARANTEES, class, class_asked, class_of, order,
};

/// What registers are judged against.
const MODEL: ModelKind = ModelKind::CasRegister;

/// The verdict on a whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing was found against what was asked, in this run.
    Valid,
    /// An anomaly was found.
    Violation,
    /// The run is undecided.
    Unknown,
}

/// What one check found.
#[derive(Clone, Debug)]
pub(crate) struct CheckFinding {
    /// What it asks.
    pub(crate) check: Question,
    /// Whether the verdict of the run depends on it.
    pub(crate) required: bool,
    /// Whether the target promises it.
    pub(crate) promised: bool,
    /// Whether there is a checker for it.
    pub(crate) judged: bool,
    /// Anomalies that only the target can have caused.
    pub(crate) anomalies: Vec<Anomaly>,
    /// Anomalies in final reads that prove nothing in this run.
    pub(crate) suspected: Vec<Anomaly>,
    /// Why the check could not decide.
    pub(crate) doubts: Vec<Doubt>,
}

impl CheckFinding {
    /// The result: a violation beats a doubt, and a doubt beats a valid check.
    pub(crate) fn outcome(&self) -> Outcome {
        if !self.anomalies.is_empty() {
            Outcome::Violation
        } else if !self.doubts.is_empty() {
            Outcome::Unknown
        } else {
            Outcome::Valid
        }
    }
}

/// What is concluded from a run.
#[derive(Clone, Debug)]
pub(crate) struct Judgement {
    /// What was required.
    pub(crate) requirement: Requirement,
    /// Each check.
    pub(crate) checks: Vec<CheckFinding>,
    /// What happened inside that the target promises never to happen.
    pub(crate) breaches: Vec<Breach>,
    /// What happened to acknowledged writes.
    pub(crate) ledger: LedgerRecord,
    /// Why the run as a whole may be undecided, whatever the checks say.
    pub(crate) doubts: Vec<Doubt>,
}

impl Judgement {
    /// The checks on which the verdict depends.
    pub(crate) fn required(&self) -> impl Iterator<Item = &CheckFinding> {
        self.checks.iter().filter(|report| report.required)
    }

    /// The verdict on what was required: a violation beats a doubt, and a doubt beats a valid check.
    pub(crate) fn outcome(&self) -> Outcome {
        let any = |outcome| self.required().any(|report| report.outcome() == outcome);
        if any(Outcome::Violation) || self.required_breach().is_some() {
            Outcome::Violation
        } else if any(Outcome::Unknown) || !self.doubts.is_empty() {
            Outcome::Unknown
        } else {
            Outcome::Valid
        }
    }

    /// What happened inside, if the target's claim is required.
    pub(crate) fn required_breach(&self) -> Option<&Breach> {
        self.breaches.first().filter(|_| self.requirement.by == By::Claim)
    }

    /// Every doubt about what was required: those of its checks, then those of the run.
    pub(crate) fn all_doubts(&self) -> impl Iterator<Item = &Doubt> {
        self.required().flat_map(|report| &report.doubts).chain(&self.doubts)
    }

    /// Whether something that was required has no checker, or nothing was required.
    pub(crate) fn leaves_out(&self) -> bool {
        let mut required = self.required().peekable();
        required.peek().is_none() || required.any(|report| !report.judged)
    }

    /// Whether something that the target promises does not hold, required or not.
    pub(crate) fn breaks_claim(&self) -> bool {
        let broken = |report: &CheckFinding| report.outcome() == Outcome::Violation;
        let checked = self.checks.iter().any(|report| report.promised && broken(report));
        checked || !self.breaches.is_empty()
    }

    /// Every anomaly against what was required.
    pub(crate) fn anomalies(&self) -> impl Iterator<Item = &Anomaly> {
        self.required().flat_map(|report| &report.anomalies)
    }

    /// The first that was found against what was required, in a sentence.
    pub(crate) fn found(&self) -> Option<String> {
        let anomaly = self.anomalies().next().map(|found| found.summary.clone());
        anomaly.or_else(|| self.required_breach().map(ToString::to_string))
    }
}

/// What to judge a run against while it goes on: linearizability, if that is required. All else is
/// judged at the end.
pub(crate) fn model(requirement: &Requirement, kind: Kind) -> Option<ModelKind> {
    let is_required = requirement.required.contains(&Consistency::Linearizable);
    (is_required && kind.model() == MODEL).then_some(MODEL)
}

/// What is asked of a run, and how much judging it may take.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// What it did.
    pub(crate) kind: Kind,
    /// What is required, and what is only looked at.
    pub(crate) requirement: Requirement,
    /// How to look for orders of operations.
    pub(crate) options: Options,
}

/// Judges a run.
pub(crate) fn judge(asked: &Asked, history: &History, driven: &Driven) -> Judgement {
    let Asked { kind, requirement, options } = asked;
    let parts = Parts::of(history);
    let converged = kind.final_reads().map(|of| parts.converge(of));
    let shaken = doubts::of_final_reads(driven);
    let not_looked = doubts::of_rest(driven);
    let reason = shaken.first().or(not_looked.as_ref());
    let final_reads = |wanted| converged.as_ref().map(|it| only(it, wanted));
    let subject = Subject::new(history, kind.model(), options);
    let mut ladder = Ladder::new();
    let mut answer = |check| match check {
        Consistency::Linearizable if kind.has_order() => {
            let found = linearizability::check(history, kind.model(), options);
            let verdict = seen(found.verdict, driven);
            ladder.note(check, Subject::of_verdict(verdict.clone()));
            Some(verdict)
        }
        Consistency::Durable | Consistency::Convergent
            if requirement.copies == FinalCopies::Hidden =>
        {
            None
        }
        // What is gone from a set with removes, its invariant tells: a removal takes what it has observed only.
        Consistency::Durable if kind.invariants().contains(&Invariant::OrSet) => None,
        Consistency::Durable => final_reads(|it| it != AnomalyClass::Divergence),
        Consistency::Convergent => final_reads(|it| it == AnomalyClass::Divergence),
        _ if !kind.has_order() => None,
        other => {
            ladder.decide(&subject, other);
            ladder.verdict(other)
        }
    };
    let mut reported = |check| {
        let report = match answer(check) {
            Some(verdict) => report(check.into(), &verdict, reason),
            None => not_judged(check, *kind),
        };
        let required = requirement.required.contains(&check);
        CheckFinding { required, promised: requirement.is_promised(check), ..report }
    };
    let mut checks: Vec<CheckFinding> =
        requirement.questions().into_iter().map(&mut reported).collect();
    checks.extend(requirement.invariants.iter().map(|&invariant| {
        let verdict = parts.keep(invariant);
        let promised = requirement.promised_invariants.contains(&invariant);
        let required = requirement.required_invariants.contains(&invariant);
        CheckFinding { required, promised, ..report(invariant.into(), &verdict, reason) }
    }));
    let nothing = doubts::of_requirement(requirement);
    let run = [shaken.clone(), doubts::of_load(driven), doubts::of_history(history), nothing];
    let (requirement, mut ledger) =
        (requirement.clone(), converged.as_ref().map(ledger).unwrap_or_default());
    if let Some(invariant) = invariants::of_model(kind.model()) {
        ledger.latencies = invariants::check(history, invariant).latencies;
    }
    if kind.measure() == Some(Measure::StaleByAge)
        && let Ok(view) = subject.sessions()
    {
        ledger.stale_by_age = stale_by_age(history, view);
    }
    let mut breaches = driven.breaches.clone();
    breaches.retain(|breach| requirement.safety.contains(&breach.property));
    Judgement { requirement, checks, breaches, ledger, doubts: run.concat() }
}

/// What is said of a promise that nothing judges: it is never taken to be kept.
fn not_judged(check: Consistency, kind: Kind) -> CheckFinding {
    let what = match check {
        Consistency::Durable | Consistency::Convergent if kind.checks().contains(&check) => {
            format!(
                "the target does not show what each replica holds, so `{}` is not judged",
                check.name()
            )
        }
        _ => format!("no checker judges `{}` for the workload {}", check.name(), kind.name()),
    };
    let advice = "require something else (`rashomon list consistency`), or give another --workload";
    CheckFinding {
        judged: false,
        doubts: vec![Doubt::new(Whose::Harness, what, advice)],
        ..report(check.into(), &Verdict::valid("nothing"), None)
    }
}

/// What became of what was acknowledged; the verdict of the report is given elsewhere.
fn ledger(report: &convergence::ConvergenceReport) -> LedgerRecord {
    LedgerRecord {
        acknowledged: report.acknowledged,
        lost: report.lost.clone(),
        diverged: report.diverged.clone(),
        recovered: report.recovered.clone(),
        never_read: report.never_read.clone(),
        stale: report.stale.clone(),
        resurrected: report.resurrected.clone(),
        latencies: Vec::new(),
        stale_by_age: Vec::new(),
    }
}

/// What a verdict says in a run whose final reads are `shaken`, if they are.
fn report(check: Question, verdict: &Verdict<Anomaly>, shaken: Option<&Doubt>) -> CheckFinding {
    let mut doubts: Vec<Doubt> = verdict.doubts().map(Doubt::of_checker).collect();
    let certain = |anomaly: &Anomaly| shaken.is_none() || !rests_on_final_reads(anomaly.class);
    let (anomalies, suspected): (Vec<Anomaly>, Vec<Anomaly>) =
        verdict.anomalies().cloned().partition(certain);
    if let (Some(first), Some(why)) = (suspected.first(), shaken) {
        let more = match suspected.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        let what = format!(
            "{}{more} in final reads, which prove nothing in this run: {}",
            first.summary, why.what
        );
        doubts.push(Doubt::new(why.whose, what, why.advice.clone()));
    }
    CheckFinding {
        check,
        required: false,
        promised: false,
        judged: true,
        anomalies,
        suspected,
        doubts,
    }
}

/// Whether an anomaly of this class is shown by what final reads lack, or by how they differ. A
/// cluster that has not come to rest explains that; it does not explain an element that was never
/// added.
fn rests_on_final_reads(class: AnomalyClass) -> bool {
    use AnomalyClass as Class;
    matches!(
        class,
        Class::LostWrite
            | Class::SurvivingOverwritten
            | Class::LostElement
            | Class::ResurrectedElement
            | Class::Divergence
    )
}

/// The verdict on the whole, and what was seen while it went on: the whole may take more judging
/// than its beginning did, but is no less wrong.
fn seen(verdict: Verdict<Anomaly>, driven: &Driven) -> Verdict<Anomaly> {
    match &driven.sighting {
        Some(sighting) if !verdict.is_invalid() => {
            let told = &sighting.anomaly.summary;
            assert!(
                !verdict.is_valid(),
                "an anomaly was found during the run, but not by the judging at its end: {told}"
            );
            verdict.and(Verdict::invalid(sighting.anomaly.clone()))
        }
        Some(_) | None => verdict,
    }
}

/// The part of a report that is about certain classes of anomaly. Where there is none of these, what
/// could not be judged is still in doubt, whatever other anomalies there are.
fn only(
    report: &convergence::ConvergenceReport,
    wanted: fn(AnomalyClass) -> bool,
) -> Verdict<Anomaly> {
    let found = report.verdict.anomalies().filter(|anomaly| wanted(anomaly.class));
    let doubts = report.doubts.iter().cloned().map(Verdict::unknown);
    let verdicts = found.cloned().map(Verdict::invalid).chain(doubts);
    verdicts.fold(Verdict::valid("final-reads"), Verdict::and)
}

#[cfg(test)]
mod tests;
