//! Exit codes, the same everywhere, and listed in `--help`.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::judge::Outcome;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing was found against what was asked.
    Valid,
    /// An anomaly was found.
    Violation,
    /// The user asked for something that is invalid, or cannot be done here.
    Usage,
    /// It cannot be told.
    Unknown,
    /// The run was interrupted.
    Interrupted,
    /// A bug of ours, which is never taken for an anomaly of the target.
    OurBug,
}

/// Whether this process has found a violation. A panic and a signal end the program wherever it is,
/// so what was found is known here.
static FOUND: AtomicBool = AtomicBool::new(false);

impl Exit {
    /// The number.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Violation => 1,
            Self::Usage => 2,
            Self::Unknown => 3,
            Self::OurBug => 70,
            Self::Interrupted => 130,
        }
    }

    /// The word for a run that ends so.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Violation => "violation",
            Self::Interrupted => "interrupted",
            Self::Unknown | Self::Usage | Self::OurBug => "unknown",
        }
    }

    /// The exit with this number; an unknown number is a bug in the caller.
    pub(crate) fn of_number(number: u8) -> Self {
        let all = [Self::Valid, Self::Violation, Self::Usage, Self::Unknown, Self::Interrupted];
        all.into_iter().find(|exit| exit.number() == number).unwrap_or(Self::OurBug)
    }

    /// The worse of two: an anomaly is never masked, by whatever happens later.
    pub(crate) fn and(self, other: Self) -> Self {
        let rank = |exit: Self| match exit {
            Self::Violation => 5,
            Self::OurBug => 4,
            Self::Interrupted => 3,
            Self::Usage => 2,
            Self::Unknown => 1,
            Self::Valid => 0,
        };
        if rank(other) > rank(self) { other } else { self }
    }

    /// Takes note of it: from now on, this process ends with a violation if this is one.
    pub(crate) fn note(self) {
        if self == Self::Violation {
            FOUND.store(true, Ordering::Relaxed);
        }
    }

    /// How the process ends: so, or with the violation that it has found.
    pub(crate) fn of_process(self) -> Self {
        if FOUND.load(Ordering::Relaxed) { self.and(Self::Violation) } else { self }
    }

    /// Ends the process here.
    pub(crate) fn now(self) -> ! {
        std::process::exit(i32::from(self.of_process().number()))
    }
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Valid => Self::Valid,
            Outcome::Violation => Self::Violation,
            Outcome::Unknown => Self::Unknown,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.of_process().number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exits_rank_violation_bug_interrupted_usage_unknown_valid() {
        use Exit::{Interrupted, OurBug, Unknown, Usage, Valid, Violation};
        let ranked = [Violation, OurBug, Interrupted, Usage, Unknown, Valid];
        assert_eq!(ranked.map(Exit::number), [1, 70, 130, 2, 3, 0]);
        for (at, &worse) in ranked.iter().enumerate() {
            for &other in &ranked[at..] {
                assert_eq!([worse.and(other), other.and(worse)], [worse, worse]);
            }
        }
    }
}
