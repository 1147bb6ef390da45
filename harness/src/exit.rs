//! Exit codes, the same everywhere, and listed in `--help`.

use std::io::Write;
use std::process::ExitCode;

use crate::judge::Outcome;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing was found against what was asked.
    Valid,
    /// An anomaly was found.
    Violation,
    /// The user asked for something that makes no sense, or cannot be done here.
    Usage,
    /// It cannot be told.
    Unknown,
    /// Somebody asked for an end at once.
    Interrupted,
}

/// What a panic ends with: a bug of ours is never taken for an anomaly of the target.
const OUR_BUG: u8 = 70;

impl Exit {
    /// The number.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Violation => 1,
            Self::Usage => 2,
            Self::Unknown => 3,
            Self::Interrupted => 130,
        }
    }

    /// The worse of two: an anomaly is never masked by doubt, nor doubt by comfort.
    pub(crate) fn and(self, other: Self) -> Self {
        let rank = |exit: Self| match exit {
            Self::Interrupted => 4,
            Self::Violation => 3,
            Self::Usage => 2,
            Self::Unknown => 1,
            Self::Valid => 0,
        };
        if rank(other) > rank(self) { other } else { self }
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
        Self::from(exit.number())
    }
}

/// Has a panic anywhere end the program with a code of its own.
pub(crate) fn report_our_own_bugs() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        default(panic);
        let _ = writeln!(
            std::io::stderr(),
            "this is a bug in rashomon {}, not in what it tested; \
             the command line and the seed help to find it",
            env!("CARGO_PKG_VERSION")
        );
        std::process::exit(i32::from(OUR_BUG));
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anomaly_is_never_masked() {
        assert_eq!(Exit::Unknown.and(Exit::Violation), Exit::Violation);
        assert_eq!(Exit::Violation.and(Exit::Unknown), Exit::Violation);
        assert_eq!(Exit::Valid.and(Exit::Unknown), Exit::Unknown);
    }
}
