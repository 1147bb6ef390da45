//! What makes two runs the same failure.

use std::fmt;

use rashomon_checker::{Anomaly, AnomalyClass, WitnessOp};
use rashomon_targets::SafetyProperty;

use crate::judge::Judgement;

/// How a run fails: two runs that fail so are taken to have the same cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// A check that was required found this class of anomaly on this kind of operation.
    Anomaly {
        /// The check.
        check: &'static str,
        /// The class.
        class: AnomalyClass,
        /// The kind of operation, as a history calls it: of the one that has no place in the order, or else of the
        /// first that shows it.
        f: String,
    },
    /// What nodes told breaks this property.
    Breach(SafetyProperty),
}

/// What of a judgement shows a failure.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shown<'a> {
    Anomaly(&'a Anomaly),
    Breach(&'a crate::safety::Breach),
}

impl Failure {
    /// The one that a report shows first.
    pub(crate) fn first(judgement: &Judgement) -> Option<Self> {
        // Lost writes come first, then witnesses with the fewest operations.
        let weight = |anomaly: &Anomaly| {
            let lost = [AnomalyClass::LostWrite, AnomalyClass::LostElement];
            (!lost.contains(&anomaly.class), anomaly.witness.operations.len())
        };
        let found = anomalies(judgement).min_by_key(|(_, anomaly)| weight(anomaly));
        let breach = || judgement.required_breach().map(|breach| Self::Breach(breach.property));
        found.map(|(check, anomaly)| Self::of(check, anomaly)).or_else(breach)
    }

    fn of(check: &'static str, anomaly: &Anomaly) -> Self {
        Self::Anomaly { check, class: anomaly.class, f: f(anomaly) }
    }

    /// What shows it, by the fewest operations.
    pub(super) fn shown_by<'a>(&self, judgement: &'a Judgement) -> Option<Shown<'a>> {
        match self {
            Self::Anomaly { .. } => {
                let same = anomalies(judgement).filter(|(check, it)| Self::of(check, it) == *self);
                let least = same.min_by_key(|(_, anomaly)| anomaly.witness.operations.len());
                least.map(|(_, anomaly)| Shown::Anomaly(anomaly))
            }
            Self::Breach(property) => {
                let breach = judgement.required_breach().filter(|it| it.property == *property);
                breach.map(Shown::Breach)
            }
        }
    }

    /// The anomaly that shows it, if it is one.
    pub(crate) fn anomaly<'a>(&self, judgement: &'a Judgement) -> Option<&'a Anomaly> {
        match self.shown_by(judgement)? {
            Shown::Anomaly(anomaly) => Some(anomaly),
            Shown::Breach(_) => None,
        }
    }

    /// The name of its class, or of the property.
    pub(crate) fn class(&self) -> &'static str {
        match self {
            Self::Anomaly { class, .. } => class.name(),
            Self::Breach(property) => property.name(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anomaly { check, class, f } => {
                write!(out, "{} on {f} ({check})", class.title())
            }
            Self::Breach(property) => write!(out, "breach of {}", property.name()),
        }
    }
}

fn anomalies(judgement: &Judgement) -> impl Iterator<Item = (&'static str, &Anomaly)> {
    let required = judgement.checks.iter().filter(|it| it.required);
    required.flat_map(|it| it.anomalies.iter().map(|anomaly| (it.check.name(), anomaly)))
}

fn f(anomaly: &Anomaly) -> String {
    let ops = &anomaly.witness.operations;
    let is_stuck = |op: &&WitnessOp| Some(op.index) == anomaly.witness.stuck;
    let shows = ops.iter().find(is_stuck).or(ops.first());
    shows.map(|op| op.f.to_string()).unwrap_or_default()
}
