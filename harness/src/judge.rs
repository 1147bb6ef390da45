//! From a history to a judgement: the checks that fit, and whether the run could tell anything.

use rashomon_checker::linearizability::{self, Options};
use rashomon_checker::{Anomaly, AnomalyClass, History, ModelKind, Verdict, convergence};
use rashomon_checker::{ConvergenceKind, vacuity};
use rashomon_workloads::{Check, Kind, Workload};
use serde::Serialize;

use crate::drive::Driven;
use crate::settings::Settings;
use crate::world::Breakdown;

/// The word for a whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// Nothing was found against what was asked, in this run.
    Valid,
    /// An anomaly was found.
    Violation,
    /// The run cannot tell.
    Unknown,
}

/// What one check found.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CheckReport {
    /// What was asked.
    pub(crate) check: &'static str,
    /// What was found.
    pub(crate) verdict: Verdict<Anomaly>,
}

/// What is concluded from a run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Judgement {
    /// Each check.
    pub(crate) checks: Vec<CheckReport>,
    /// Why the run as a whole might not tell, whatever the checks say.
    pub(crate) doubts: Vec<String>,
}

impl Judgement {
    /// Evidence beats doubt, and doubt beats comfort.
    pub(crate) fn outcome(&self) -> Outcome {
        let any = |is: fn(&Verdict<Anomaly>) -> bool| self.checks.iter().any(|c| is(&c.verdict));
        if any(Verdict::is_invalid) {
            Outcome::Violation
        } else if any(Verdict::is_unknown) || !self.doubts.is_empty() {
            Outcome::Unknown
        } else {
            Outcome::Valid
        }
    }

    /// Every anomaly, with what was asked.
    pub(crate) fn anomalies(&self) -> impl Iterator<Item = (&'static str, &Anomaly)> {
        self.checks
            .iter()
            .flat_map(|c| c.verdict.anomalies().map(move |anomaly| (c.check, anomaly)))
    }
}

/// Judges a run.
pub(crate) fn judge(
    settings: &Settings,
    kind: Kind,
    history: &History,
    driven: &Driven,
    breakdowns: &[Breakdown],
) -> Judgement {
    let checks = Workload::checks(kind, settings.target.claim().converges)
        .into_iter()
        .map(|check| CheckReport { check: check.name(), verdict: answer(check, history) })
        .collect();
    let mut doubts = doubts(driven, breakdowns);
    doubts.extend(vacuity(history).map(|doubt| doubt.to_string()));
    Judgement { checks, doubts }
}

/// Puts one question to a history.
pub(crate) fn answer(check: Check, history: &History) -> Verdict<Anomaly> {
    match check {
        Check::Linearizable => {
            linearizability::check(history, ModelKind::CasRegister, &Options::default()).verdict
        }
        Check::RegistersDurable => {
            only(convergence::check(history, ConvergenceKind::Register).verdict, |class| {
                class != AnomalyClass::Divergence
            })
        }
        Check::RegistersConverge => {
            only(convergence::check(history, ConvergenceKind::Register).verdict, |class| {
                class == AnomalyClass::Divergence
            })
        }
        Check::SetConverges => convergence::check(history, ConvergenceKind::Set).verdict,
    }
}

/// The part of a verdict that is about certain classes of anomaly.
fn only(verdict: Verdict<Anomaly>, wanted: fn(AnomalyClass) -> bool) -> Verdict<Anomaly> {
    let Verdict::Invalid { anomaly, more } = verdict else { return verdict };
    let mut found = std::iter::once(anomaly).chain(more).filter(|anomaly| wanted(anomaly.class));
    match found.next() {
        Some(anomaly) => Verdict::Invalid { anomaly, more: found.collect() },
        None => Verdict::valid("final reads"),
    }
}

/// Why this run might not tell anything.
fn doubts(driven: &Driven, breakdowns: &[Breakdown]) -> Vec<String> {
    let mut doubts = Vec::new();
    for outcome in &driven.spans {
        let span = &outcome.span;
        if outcome.struck.is_none() {
            doubts.push(format!(
                "fault {} ({}) was planned for {}, but the load ended before",
                span.id, span.fault, span.start
            ));
        } else if !outcome.efficacy.had_effect() {
            doubts.push(format!("fault {} ({}) changed nothing", span.id, span.fault));
        }
    }
    if !driven.settled {
        doubts.push("the cluster did not come to rest after the faults had ended".to_owned());
    }
    for Breakdown { node, what } in breakdowns {
        doubts.push(format!("{node} {what}"));
    }
    doubts
}
