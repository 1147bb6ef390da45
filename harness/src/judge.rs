//! From a history to a judgement: the checks that fit, and whether the run could tell anything.

use rashomon_checker::convergence::Named;
use rashomon_checker::linearizability::{self, Options};
use rashomon_checker::{Anomaly, AnomalyClass, History, ModelKind, Verdict, convergence};
use rashomon_checker::{ConvergenceKind, vacuity};
use rashomon_targets::{Claim, Promise};
use rashomon_workloads::{Check, Kind, Workload};
use serde::Serialize;

use crate::drive::Driven;
use crate::settings::Settings;
use crate::world::Breakdown;

/// What registers are judged against.
const MODEL: ModelKind = ModelKind::CasRegister;

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

/// What became of what was acknowledged, by the reads of every replica at the end.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Ledger {
    /// Acknowledged writes or elements.
    pub(crate) acknowledged: u64,
    /// Acknowledged, and gone.
    pub(crate) lost: Vec<Named>,
    /// There at some replicas, and not at others.
    pub(crate) diverged: Vec<Named>,
    /// There, though nobody knew.
    pub(crate) recovered: Vec<Named>,
    /// Perhaps there, and never seen.
    pub(crate) never_read: Vec<Named>,
    /// Seen, then missed for a while.
    pub(crate) stale: Vec<Named>,
    /// Seen, missed, and seen again at one replica.
    pub(crate) resurrected: Vec<Named>,
}

impl Ledger {
    /// Taken from a report, whose verdict is told elsewhere.
    fn new(report: &convergence::Report) -> Self {
        Self {
            acknowledged: report.acknowledged,
            lost: report.lost.clone(),
            diverged: report.diverged.clone(),
            recovered: report.recovered.clone(),
            never_read: report.never_read.clone(),
            stale: report.stale.clone(),
            resurrected: report.resurrected.clone(),
        }
    }
}

/// What is concluded from a run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Judgement {
    /// Each check.
    pub(crate) checks: Vec<CheckReport>,
    /// What became of what was acknowledged.
    pub(crate) ledger: Ledger,
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
        self.checks
            .iter()
            .flat_map(|c| c.verdict.anomalies().map(move |anomaly| (c.check, anomaly)))
    }
}

/// What to judge a run against while it goes on, if any of its checks can be made then.
pub(crate) fn model(settings: &Settings, kind: Kind) -> Option<ModelKind> {
    let mut checks = Workload::checks(kind, settings.target.claim().converges).into_iter();
    checks.any(|check| check == Check::Linearizable).then_some(MODEL)
}

/// Judges a run.
pub(crate) fn judge(
    settings: &Settings,
    kind: Kind,
    history: &History,
    driven: &Driven,
    breakdowns: &[Breakdown],
) -> Judgement {
    let convergence_kind = match kind {
        Kind::Register => ConvergenceKind::Register,
        Kind::Set => ConvergenceKind::Set,
    };
    let converged = convergence::check(history, convergence_kind);
    let checks = Workload::checks(kind, settings.target.claim().converges)
        .into_iter()
        .map(|check| {
            let verdict = answer(check, history, driven, &converged);
            CheckReport { check: check.name(), verdict }
        })
        .collect();
    let mut doubts = doubts(driven, breakdowns);
    doubts.extend(vacuity(history).map(|doubt| doubt.to_string()));
    Judgement { checks, ledger: Ledger::new(&converged), doubts }
}

/// Puts one question to a history, whose final reads have been judged already.
fn answer(
    check: Check,
    history: &History,
    driven: &Driven,
    converged: &convergence::Report,
) -> Verdict<Anomaly> {
    match check {
        Check::Linearizable => {
            let verdict = linearizability::check(history, MODEL, &Options::default()).verdict;
            seen(verdict, driven)
        }
        Check::RegistersDurable => only(converged, |class| class != AnomalyClass::Divergence),
        Check::RegistersConverge => only(converged, |class| class == AnomalyClass::Divergence),
        Check::SetConverges => converged.verdict.clone(),
    }
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

/// Why this run might not tell anything.
fn doubts(driven: &Driven, breakdowns: &[Breakdown]) -> Vec<String> {
    let mut doubts = Vec::new();
    // Where the load was stopped, that is why, and it is said elsewhere.
    for outcome in driven.spans.iter().filter(|_| driven.stopped.is_none()) {
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
    if let Some(first) = driven.unread.first() {
        let more = match driven.unread.len() - 1 {
            0 => String::new(),
            more => format!("; nor were {more} others"),
        };
        doubts.push(format!("{first}, so that copy was not judged{more}"));
    }
    if !driven.settled {
        doubts.push("the cluster did not come to rest after the faults had ended".to_owned());
    }
    for Breakdown { node, what } in breakdowns {
        doubts.push(format!("{node} {what}"));
    }
    doubts
}

#[cfg(test)]
mod tests {
    use rashomon_checker::{Doubt, Event, EventKind, ProcessId, Time, Value};

    use super::*;
    use crate::recorder::Sighting;

    /// `k` diverges; nobody could read `j` in the end.
    fn diverged_and_unread() -> convergence::Report {
        let mut events = Vec::new();
        let mut did = |key: &str, f: &str, value: i64, node: Option<&str>, is_final: bool| {
            for kind in [EventKind::Invoke, EventKind::Ok] {
                events.push(Event {
                    key: Some(key.into()),
                    node: node.map(Into::into),
                    is_final,
                    ..Event::new(events.len() as u64, ProcessId(0), kind, f, Value::Int(value))
                });
            }
        };
        did("j", "write", 9, None, false);
        did("k", "write", 1, None, false);
        did("k", "write", 2, None, false);
        did("k", "read", 1, Some("n1"), true);
        did("k", "read", 2, Some("n2"), true);
        let history = History::from_events(events).unwrap();
        convergence::check(&history, ConvergenceKind::Register)
    }

    #[test]
    fn what_was_seen_while_the_run_went_on_counts_though_the_whole_is_undecided() {
        let report = diverged_and_unread();
        let anomaly = report.verdict.anomalies().next().unwrap().clone();
        let sighting = Some(Sighting { at: Time(1), anomaly: anomaly.clone() });
        let driven = Driven {
            spans: Vec::new(),
            settled: true,
            unread: Vec::new(),
            stopped: Some(Time(1)),
            sighting,
            end: Time(2),
        };
        let spent = Verdict::unknown(Doubt::Stopped { key: None });
        assert_eq!(seen(spent, &driven).anomalies().collect::<Vec<_>>(), [&anomaly]);
        let found = seen(Verdict::invalid(anomaly), &driven);
        assert_eq!(found.anomalies().count(), 1, "it is not told twice");
    }

    #[test]
    fn an_anomaly_of_another_class_does_not_turn_doubt_into_comfort() {
        let report = diverged_and_unread();
        assert!(report.verdict.is_invalid(), "{report:#?}");
        let durable = only(&report, |class| class != AnomalyClass::Divergence);
        assert!(durable.is_unknown(), "j was never read: {durable:#?}");
        assert!(only(&report, |class| class == AnomalyClass::Divergence).is_invalid());
    }
}
