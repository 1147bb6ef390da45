//! What a check asks of a history.

use rashomon_checker::{Consistency, Invariant};

/// What a check asks of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// Whether it is consistent with a consistency model.
    Model(Consistency),
    /// Whether it keeps an invariant, which objects of a kind have however weak their consistency is.
    Invariant(Invariant),
}

impl Question {
    /// The name, on the command line and in files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Model(model) => model.name(),
            Self::Invariant(invariant) => invariant.name(),
        }
    }
}

impl From<Consistency> for Question {
    fn from(model: Consistency) -> Self {
        Self::Model(model)
    }
}

impl From<Invariant> for Question {
    fn from(invariant: Invariant) -> Self {
        Self::Invariant(invariant)
    }
}
