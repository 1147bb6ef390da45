//! How often a failure comes back.

use crate::execute::Finished;
use crate::judge::Outcome;
use crate::shrink::Failure;

/// What trials came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recurrence {
    /// Trials that fail in the same way.
    pub(crate) same: u64,
    /// Those that fail in another way.
    pub(crate) other: u64,
    /// Those in which nothing was found.
    pub(crate) valid: u64,
    /// Those that are undecided.
    pub(crate) unknown: u64,
}

/// What one trial came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trial {
    /// It fails in the same way.
    Same,
    /// It fails in another way.
    Other,
    /// Nothing was found.
    Valid,
    /// It is undecided.
    Unknown,
}

impl Trial {
    /// Of a run, where this is looked for. Where nothing is, each failure is another one.
    pub(crate) fn of(finished: &Finished, sought: Option<&Failure>) -> Self {
        let judgement = &finished.judgement;
        if sought.is_some_and(|it| it.is_shown_by(judgement)) {
            return Self::Same;
        }
        match judgement.outcome() {
            Outcome::Violation => Self::Other,
            Outcome::Valid => Self::Valid,
            Outcome::Unknown => Self::Unknown,
        }
    }

    /// In a word.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Other => "other",
            Self::Valid => "valid",
            Self::Unknown => "unknown",
        }
    }
}

impl Recurrence {
    /// Takes a trial into account.
    pub(crate) fn add(&mut self, trial: Trial) {
        match trial {
            Trial::Same => self.same += 1,
            Trial::Other => self.other += 1,
            Trial::Valid => self.valid += 1,
            Trial::Unknown => self.unknown += 1,
        }
    }

    /// How many there were.
    pub(crate) fn trials(&self) -> u64 {
        self.same + self.other + self.valid + self.unknown
    }
}
