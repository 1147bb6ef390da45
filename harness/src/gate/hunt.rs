//! A planted bug that has to be found, and what became of it.

use rashomon_results::BaselineBugRecord;

use crate::bugs::{Block, Lookout};

/// A planted bug that has to be found in one of the places where it shows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BugHunt {
    /// Which, and where.
    pub(crate) lookout: Lookout,
    /// Within how many runs.
    pub(crate) within: u64,
    /// What they showed; nothing if it was not looked for.
    pub(crate) block: Option<Block>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HuntFate {
    /// It was found.
    Caught,
    /// It was not found.
    Missed,
    /// The same runs without it broke the claim, so that what was found tells nothing.
    NotClean,
    /// It was not looked for.
    NotRun,
}

impl BugHunt {
    /// What became of it.
    pub(crate) fn fate(&self) -> HuntFate {
        match &self.block {
            None => HuntFate::NotRun,
            Some(block) if block.control_violations > 0 => HuntFate::NotClean,
            Some(block) if block.found_in.is_none() => HuntFate::Missed,
            Some(_) => HuntFate::Caught,
        }
    }

    /// Whether a bug of a baseline is this one, in this place.
    pub(crate) fn is_of(&self, bug: &BaselineBugRecord) -> bool {
        bug.bug == self.lookout.bug.name && bug.words == self.lookout.hunt.words
    }

    /// The command that looks for it again.
    pub(crate) fn command(&self) -> String {
        format!("rashomon bugs {} --seeds {}", self.lookout.bug.name, self.within)
    }
}
