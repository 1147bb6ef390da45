//! What makes two runs the same failure.

use std::fmt;

use rashomon_checker::{Anomaly, AnomalyClass};
use rashomon_results::RunRecord;
use rashomon_targets::SafetyProperty;

use crate::judge::{Judgement, operation, weight};

/// How a run fails: two runs that fail so are taken to have the same cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// A check that was required found this class of anomaly on this kind of operation.
    Anomaly {
        /// The check.
        check: String,
        /// The class.
        class: AnomalyClass,
        /// The kind of operation that has no place, as a history calls it.
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
        let found = anomalies(judgement).min_by_key(|(_, anomaly)| weight(anomaly));
        let breach = || judgement.required_breach().map(|breach| Self::Breach(breach.property));
        found.map(|(check, anomaly)| Self::of(check, anomaly)).or_else(breach)
    }

    /// The one that the report of a stored run shows first.
    pub(crate) fn of_record(record: &RunRecord) -> Option<Self> {
        let required = record.checks.iter().filter(|it| it.required);
        let anomalies =
            required.flat_map(|it| it.anomalies.iter().map(|anomaly| (&*it.check, anomaly)));
        let found = anomalies.min_by_key(|(_, anomaly)| weight(anomaly));
        let breach =
            || SafetyProperty::named(&record.required_breach()?.property).map(Self::Breach);
        found.map(|(check, anomaly)| Self::of(check, anomaly)).or_else(breach)
    }

    fn of(check: &str, anomaly: &Anomaly) -> Self {
        Self::Anomaly {
            check: check.to_owned(),
            class: anomaly.class,
            f: operation(anomaly).to_owned(),
        }
    }

    /// What shows it, by the fewest operations.
    pub(super) fn shown_by<'a>(&self, judgement: &'a Judgement) -> Option<Shown<'a>> {
        match self {
            Self::Anomaly { .. } => {
                let same = anomalies(judgement).filter(|(check, it)| Self::of(check, it) == *self);
                let least = same.min_by_key(|(_, anomaly)| weight(anomaly));
                least.map(|(_, anomaly)| Shown::Anomaly(anomaly))
            }
            Self::Breach(property) => {
                let breach = judgement.required_breach().filter(|it| it.property == *property);
                breach.map(Shown::Breach)
            }
        }
    }

    /// Whether a run fails so.
    pub(crate) fn is_shown_by(&self, judgement: &Judgement) -> bool {
        self.shown_by(judgement).is_some()
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
    judgement
        .required()
        .flat_map(|it| it.anomalies.iter().map(|anomaly| (it.check.name(), anomaly)))
}
