//! What a history was found to be, model by model.

use crate::{Anomaly, Consistency, Doubt};

/// What was found about one consistency model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// The model.
    pub model: Consistency,
    /// What was found.
    pub standing: Standing,
}

/// Whether a history is consistent with a model, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is, by a procedure that would have found any violation.
    Held,
    /// It is, because it is consistent with a stronger model.
    ImpliedBy(Consistency),
    /// It is not.
    Broken(Box<Anomaly>),
    /// It is not, because it is not consistent with a weaker model.
    FallsWith(Consistency),
    /// Nobody knows. There is at least one reason.
    Undecided(Vec<Doubt>),
    /// The model says nothing of such a history, or nothing judges it.
    NotJudged(String),
}

impl Rung {
    /// Whether the history is consistent with the model.
    pub fn holds(&self) -> bool {
        matches!(self.standing, Standing::Held | Standing::ImpliedBy(_))
    }

    /// Whether it is known not to be.
    pub fn is_broken(&self) -> bool {
        matches!(self.standing, Standing::Broken(_) | Standing::FallsWith(_))
    }
}
