//! The faults of a run: which are due, which are in force, and what each did.

use rashomon_checker::Time;
use rashomon_targets::NodeId;
use serde::{Deserialize, Serialize};

use crate::fault::{Efficacy, FaultSpan, Plan};

/// What a fault span did, and to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SpanOutcome {
    /// As planned.
    #[serde(rename = "fault")]
    pub(crate) span: FaultSpan,
    /// Who was primary when it struck, where the target has one.
    pub(crate) primary: Option<NodeId>,
    /// When it struck; `None` if the load ended before.
    pub(crate) struck: Option<Time>,
    /// When it healed.
    pub(crate) healed: Option<Time>,
    /// What it did.
    pub(crate) efficacy: Efficacy,
}

impl SpanOutcome {
    /// One that has not struck.
    pub(crate) fn planned(span: &FaultSpan) -> Self {
        Self {
            span: span.clone(),
            primary: None,
            struck: None,
            healed: None,
            efficacy: Efficacy::default(),
        }
    }

    /// Whether it has struck and not healed.
    fn is_in_force(&self) -> bool {
        self.struck.is_some() && self.healed.is_none()
    }

    /// When something is to be done about it.
    fn next(&self) -> Option<Time> {
        match (self.struck, self.healed) {
            (None, _) => Some(self.span.start),
            (Some(_), None) => Some(self.span.end()),
            (Some(_), Some(_)) => None,
        }
    }
}

/// All spans of a run, by their place in the plan.
pub(super) struct Spans(Vec<SpanOutcome>);

impl Spans {
    /// None of them has struck.
    pub(super) fn of(plan: &Plan) -> Self {
        Self(plan.spans.iter().map(SpanOutcome::planned).collect())
    }

    pub(super) fn get_mut(&mut self, at: usize) -> &mut SpanOutcome {
        &mut self.0[at]
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut SpanOutcome> {
        self.0.iter_mut()
    }

    /// Those in force.
    pub(super) fn in_force(&self) -> Vec<&FaultSpan> {
        self.0.iter().filter(|outcome| outcome.is_in_force()).map(|outcome| &outcome.span).collect()
    }

    /// The next of those in force that ends at `now` or before.
    pub(super) fn next_over(&self, now: Time) -> Option<usize> {
        self.0.iter().position(|outcome| outcome.is_in_force() && outcome.span.end() <= now)
    }

    /// The next that is to strike at `now` or before.
    pub(super) fn next_due(&self, now: Time) -> Option<usize> {
        self.0.iter().position(|outcome| outcome.struck.is_none() && outcome.span.start <= now)
    }

    /// When something is to be done next.
    pub(super) fn next(&self) -> Option<Time> {
        self.0.iter().filter_map(SpanOutcome::next).min()
    }

    pub(super) fn into_outcomes(self) -> Vec<SpanOutcome> {
        self.0
    }
}
