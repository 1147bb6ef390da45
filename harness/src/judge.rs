//! From a history to a judgement: the checks that fit, and whether the run could tell anything.
//!
//! A violation is told only where nothing but the target can explain it. What final reads lack, or
//! how they differ, proves nothing if the cluster did not come to rest, if a part of it broke without
//! a fault, or if a copy was not read: it is *suspected* then, and the check is undecided.

mod doubts;

use rashomon_checker::linearizability::{self, Options};
use rashomon_checker::{Anomaly, AnomalyClass, ConvergenceKind, History, ModelKind};
use rashomon_checker::{Verdict, convergence};
use rashomon_results::LedgerRecord;
use rashomon_targets::{Claim, Promise};
use rashomon_workloads::{Check, Kind, Workload};

use crate::doubt::Doubt;
use crate::run::drive::Driven;
use crate::settings::Settings;

/// What registers are judged against.
const MODEL: ModelKind = ModelKind::CasRegister;

/// The word for a whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing was found against what was asked, in this run.
    Valid,
    /// An anomaly was found.
    Violation,
    /// The run cannot tell.
    Unknown,
}

/// What one check found.
#[derive(Clone, Debug)]
pub(crate) struct CheckReport {
    /// What was asked.
    pub(crate) check: Check,
    /// What only the target can explain.
    pub(crate) anomalies: Vec<Anomaly>,
    /// What final reads showed that prove nothing in this run.
    pub(crate) suspected: Vec<Anomaly>,
    /// Why the check could not decide.
    pub(crate) doubts: Vec<Doubt>,
}

impl CheckReport {
    /// What came of it: evidence beats doubt, and doubt beats comfort.
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
    /// Each check.
    pub(crate) checks: Vec<CheckReport>,
    /// What became of what was acknowledged.
    pub(crate) ledger: LedgerRecord,
    /// Why the run as a whole might not tell, whatever the checks say.
    pub(crate) doubts: Vec<Doubt>,
}

impl Judgement {
    /// Evidence beats doubt, and doubt beats comfort.
    pub(crate) fn outcome(&self) -> Outcome {
        let any = |outcome| self.checks.iter().any(|report| report.outcome() == outcome);
        if any(Outcome::Violation) {
            Outcome::Violation
        } else if any(Outcome::Unknown) || !self.doubts.is_empty() {
            Outcome::Unknown
        } else {
            Outcome::Valid
        }
    }

    /// Every doubt: those of the checks, then those of the run.
    pub(crate) fn all_doubts(&self) -> impl Iterator<Item = &Doubt> {
        self.checks.iter().flat_map(|report| &report.doubts).chain(&self.doubts)
    }

    /// Whether an anomaly breaks what the target claims, rather than only what was asked of it.
    pub(crate) fn breaks(&self, claim: &Claim) -> bool {
        self.anomalies().any(|(_, anomaly)| match anomaly.class {
            AnomalyClass::LostWrite | AnomalyClass::LostElement => claim.durable,
            AnomalyClass::Divergence => claim.converges,
            // Other anomalies are orders of operations that linearizable objects do not have.
            _ => claim.registers == Promise::Linearizable,
        })
    }

    /// Every anomaly, with what was asked.
    pub(crate) fn anomalies(&self) -> impl Iterator<Item = (&'static str, &Anomaly)> {
        let of = |report: &'_ CheckReport| report.check.name();
        self.checks.iter().flat_map(move |report| {
            report.anomalies.iter().map(move |anomaly| (of(report), anomaly))
        })
    }
}

pub(crate) use doubts::interrupted;

/// The questions that fit a run.
pub(crate) fn questions(settings: &Settings, kind: Kind) -> Vec<Check> {
    let mut checks = Workload::checks(kind, settings.target.claim().converges);
    if !settings.target.shows_copies() {
        // The others are made of what every copy holds in the end.
        checks.retain(|check| *check == Check::Linearizable);
    }
    checks
}

/// What to judge a run against while it goes on, if any of its checks can be made then.
pub(crate) fn model(settings: &Settings, kind: Kind) -> Option<ModelKind> {
    questions(settings, kind).contains(&Check::Linearizable).then_some(MODEL)
}

/// What is asked of a run, and how much judging it may take.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// What it did.
    pub(crate) kind: Kind,
    /// The questions.
    pub(crate) questions: Vec<Check>,
    /// How to look for orders of operations.
    pub(crate) options: Options,
}

/// Judges a run.
pub(crate) fn judge(asked: &Asked, history: &History, driven: &Driven) -> Judgement {
    let convergence_kind = match asked.kind {
        Kind::Register => ConvergenceKind::Register,
        Kind::Set => ConvergenceKind::Set,
    };
    let converged = convergence::check(history, convergence_kind);
    let shaken = doubts::of_final_reads(driven);
    let checks = asked
        .questions
        .iter()
        .map(|&check| {
            let verdict = match check {
                Check::Linearizable => {
                    let found = linearizability::check(history, MODEL, &asked.options);
                    seen(found.verdict, driven)
                }
                Check::RegistersDurable => only(&converged, |it| it != AnomalyClass::Divergence),
                Check::RegistersConverge => only(&converged, |it| it == AnomalyClass::Divergence),
                Check::SetConverges => converged.verdict.clone(),
            };
            report(check, &verdict, shaken.first())
        })
        .collect();
    let doubts = [shaken, doubts::of_load(driven), doubts::of_history(history)].concat();
    Judgement { checks, ledger: ledger(&converged), doubts }
}

/// What became of what was acknowledged; the verdict of the report is told elsewhere.
fn ledger(report: &convergence::Report) -> LedgerRecord {
    LedgerRecord {
        acknowledged: report.acknowledged,
        lost: report.lost.clone(),
        diverged: report.diverged.clone(),
        recovered: report.recovered.clone(),
        never_read: report.never_read.clone(),
        stale: report.stale.clone(),
        resurrected: report.resurrected.clone(),
    }
}

/// What a verdict says in a run whose final reads are `shaken`, if they are.
fn report(check: Check, verdict: &Verdict<Anomaly>, shaken: Option<&Doubt>) -> CheckReport {
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
            "{}{more}, by final reads that prove nothing in this run: {}",
            first.summary, why.what
        );
        doubts.push(Doubt::new(why.whose, what, why.advice.clone()));
    }
    CheckReport { check, anomalies, suspected, doubts }
}

/// Whether an anomaly of this class is shown by what final reads lack, or by how they differ. A
/// cluster that has not come to rest explains that; it does not explain an element that was never
/// added.
fn rests_on_final_reads(class: AnomalyClass) -> bool {
    use AnomalyClass as Class;
    matches!(
        class,
        Class::LostWrite | Class::LostElement | Class::ResurrectedElement | Class::Divergence
    )
}

/// The verdict on the whole, and what was seen while it went on: the whole may take more judging
/// than its beginning did, but is no less wrong.
fn seen(verdict: Verdict<Anomaly>, driven: &Driven) -> Verdict<Anomaly> {
    match &driven.sighting {
        Some(sighting) if !verdict.is_invalid() => {
            let told = &sighting.anomaly.summary;
            assert!(!verdict.is_valid(), "this was seen, and is not to be found again: {told}");
            verdict.and(Verdict::invalid(sighting.anomaly.clone()))
        }
        Some(_) | None => verdict,
    }
}

/// The part of a report that is about certain classes of anomaly. Where there is none of these, what
/// could not be judged is still in doubt, whatever other anomalies there are.
fn only(report: &convergence::Report, wanted: fn(AnomalyClass) -> bool) -> Verdict<Anomaly> {
    let found = report.verdict.anomalies().filter(|anomaly| wanted(anomaly.class));
    let doubts = report.doubts.iter().cloned().map(Verdict::unknown);
    let verdicts = found.cloned().map(Verdict::invalid).chain(doubts);
    verdicts.fold(Verdict::valid("final-reads"), Verdict::and)
}

#[cfg(test)]
mod tests;
