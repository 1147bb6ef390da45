//! A campaign as far as it came: all that is reported of it.

use std::collections::BTreeMap;
use std::time::Duration;

use rashomon_results::{BuildRecord, ShareRecord};

use super::{Campaign, Tally};
use crate::exit::Exit;

/// A campaign as far as it came.
#[derive(Clone, Debug)]
pub(crate) struct ToldCampaign<'a> {
    /// What was asked.
    pub(crate) campaign: &'a Campaign,
    /// What the jobs that are done add up to.
    pub(crate) tally: &'a Tally,
    /// The build that did them.
    pub(crate) build: &'a BuildRecord,
    /// Which share of the jobs, if not all.
    pub(crate) share: Option<ShareRecord>,
    /// How many runs that is.
    pub(crate) planned: u64,
    /// How many of them were done before this program began.
    pub(crate) before: u64,
    /// The shortest run of each signature, as it was kept.
    pub(crate) kept: BTreeMap<String, KeptFailure>,
    /// What ended it early, if anything did.
    pub(crate) cut: Option<Cut>,
    /// How long this program took.
    pub(crate) elapsed: Duration,
    /// On how many cores.
    pub(crate) threads: usize,
}

/// What ended a campaign early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The user.
    Interrupted,
    /// Its time was over.
    Budget,
}

/// The shortest run of a signature, made again and kept in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptFailure {
    /// Its folder.
    pub(crate) folder: String,
    /// Its id in the store.
    pub(crate) id: String,
    /// The least of it that fails in the same way, as a file, if it was cut down.
    pub(crate) shrunk: Option<String>,
}

impl ToldCampaign<'_> {
    /// How many runs were asked for and not made.
    pub(crate) fn not_run(&self) -> u64 {
        self.planned.saturating_sub(self.tally.runs())
    }

    /// A violation is never masked; what is not run is undecided, and so are a cell that tells too little and
    /// an old failing seed of which nobody knows whether it fails still.
    pub(crate) fn exit(&self) -> Exit {
        let violated = self.tally.violations() > 0 || self.tally.old.failing > 0;
        let too_little = self.tally.cells.iter().any(super::CellTally::tells_too_little);
        let undecided = too_little || self.tally.old.unknown > 0;
        let mut exit = if violated { Exit::Violation } else { Exit::Valid };
        if undecided || self.not_run() > 0 {
            exit = exit.and(Exit::Unknown);
        }
        if self.cut == Some(Cut::Interrupted) { exit.and(Exit::Interrupted) } else { exit }
    }
}
