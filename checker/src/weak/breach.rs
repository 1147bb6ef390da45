//! What judging by a weak consistency model concludes.

use std::collections::BTreeSet;

use super::definition::violates;
use super::path::Reasons;
use crate::{Budget, Consistency};

/// What takes bytes where sessions are judged.
pub(crate) const CLOCKS: &str = "the vector clocks";
/// The same, where a search may follow.
pub(crate) const CLOCKS_AND_STATES: &str = "the vector clocks and what the search remembers";

/// What judging by a weak consistency model concludes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WeakJudgement {
    /// The sessions are consistent with the model.
    Holds,
    /// They are not.
    Broken(Breach),
    /// Nobody knows, for this reason.
    Undecided(String),
}

impl WeakJudgement {
    /// Undecided, because `what` does not fit into the bytes of the budget.
    pub(crate) fn out_of_bytes(what: &str, budget: &Budget) -> Self {
        let bytes = budget.bytes;
        Self::Undecided(format!("{what} take more than the budget of {bytes} bytes"))
    }

    /// Undecided, because the rounds take more than the configurations of the budget.
    pub(crate) fn out_of_steps(budget: &Budget) -> Self {
        let steps = budget.configurations;
        Self::Undecided(format!("it takes more than the budget of {steps} configurations"))
    }
}

/// Operations that violate a model by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The model.
    pub model: Consistency,
    /// Numbers of the operations, ascending. None can be left out, a write together with the reads of
    /// it, and the rest still violate the model.
    pub ops: Vec<u32>,
}

/// Operations that violate a model, more of them perhaps than it takes.
pub(crate) type Evidence = BTreeSet<u32>;

/// A breach of more than this number of operations is reported as it was found.
const LEAST_MAX: usize = 200;

impl Breach {
    /// The least part of `evidence` that violates `model`.
    ///
    /// # Panics
    ///
    /// If it does not: then a checker is wrong.
    pub(crate) fn new(reasons: &Reasons<'_>, model: Consistency, evidence: Evidence) -> Self {
        let mut ops = reasons.closed(evidence);
        if ops.len() > LEAST_MAX {
            return Self { model, ops };
        }
        let is_broken = |ops: &[u32]| violates(model, &reasons.sessions.only(ops)).unwrap_or(false);
        assert!(is_broken(&ops), "the evidence violates {model}: {ops:?}");
        let mut at = ops.len();
        while at > 0 {
            at -= 1;
            if at >= ops.len() {
                continue;
            }
            let rest = reasons.sessions.without(&ops, at..at + 1);
            if is_broken(&rest) {
                ops = rest;
            }
        }
        Self { model, ops }
    }
}
