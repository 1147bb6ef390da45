//! A gate that was passed or not: all that is reported of it.

use std::collections::BTreeMap;
use std::time::SystemTime;

use rashomon_results::{BaselineBugRecord, BaselineRecord};
use rashomon_targets::PlantedBug;

use super::{BugHunt, HuntFate, Judged};
use crate::campaign::{CellTally, Cut, ToldCampaign};
use crate::exit::Exit;

/// By which rules a gate is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GateRules {
    /// Whether what is not known keeps it from being passed.
    pub(crate) unknown_fails: bool,
    /// Whether it is passed if something is worse, and only then.
    pub(crate) expects_regression: bool,
}

/// A gate that was passed or not.
#[derive(Clone, Debug)]
pub(crate) struct ToldGate<'a> {
    /// The campaign.
    pub(crate) campaign: &'a ToldCampaign<'a>,
    /// What it was compared with; nothing, if a baseline was to be written.
    pub(crate) baseline: Option<&'a BaselineRecord>,
    /// What is worse.
    pub(crate) judged: &'a Judged,
    /// Planted bugs that have to be found.
    pub(crate) hunts: &'a [BugHunt],
    /// The file of the gate, as it was given.
    pub(crate) file: &'a str,
    /// The lines of the file at which targets have their names.
    pub(crate) lines: &'a BTreeMap<String, u64>,
    /// The file of the baseline.
    pub(crate) baseline_file: &'a str,
    /// The bug that was planted in the targets, if one was.
    pub(crate) planted: Option<PlantedBug>,
    /// Whether this was written as the new baseline.
    pub(crate) is_accepted: bool,
    /// By which rules it is passed.
    pub(crate) rules: GateRules,
    /// When it began.
    pub(crate) began: SystemTime,
}

impl ToldGate<'_> {
    /// Cells that leave a doubt, by number.
    pub(crate) fn undecided(&self) -> impl Iterator<Item = (u32, &CellTally)> {
        let cells = (0..).zip(&self.campaign.tally.cells);
        cells.filter(|(_, cell)| cell.leaves_doubt())
    }

    /// Bugs that were not looked for.
    pub(crate) fn not_hunted(&self) -> u64 {
        self.hunts.iter().filter(|hunt| hunt.fate() == HuntFate::NotRun).count() as u64
    }

    /// Bugs that were found for the baseline and that this gate does not ask for. With a bug planted it asks for none.
    pub(crate) fn dropped(&self) -> Vec<&BaselineBugRecord> {
        match (self.baseline, self.planted) {
            (Some(baseline), None) => {
                let is_sought = |bug: &BaselineBugRecord| self.hunts.iter().any(|it| it.is_of(bug));
                baseline.bugs.iter().filter(|bug| !is_sought(bug)).collect()
            }
            (None, _) | (Some(_), Some(_)) => Vec::new(),
        }
    }

    /// Whether something is not known that the gate asks for.
    pub(crate) fn is_unknown(&self) -> bool {
        self.campaign.not_run() > 0
            || self.not_hunted() > 0
            || self.undecided().next().is_some()
            || !self.dropped().is_empty()
            || !self.judged.vanished.is_empty()
    }

    /// Whether it can become the baseline: all of it was run, every bug was found, and nothing is unknown, unless that
    /// is a warning only.
    pub(crate) fn is_acceptable(&self) -> bool {
        let is_whole = self.campaign.not_run() == 0 && self.not_hunted() == 0;
        let is_known = !self.is_unknown() || !self.rules.unknown_fails;
        is_whole && is_known && self.campaign.cut.is_none() && self.judged.regressions.is_empty()
    }

    /// How the program ends. A regression is never masked by what is not known.
    pub(crate) fn exit(&self) -> Exit {
        let is_worse = !self.judged.regressions.is_empty();
        let mut exit = match (is_worse, self.rules.expects_regression) {
            (false, false) | (true, true) => Exit::Valid,
            (true, false) | (false, true) => Exit::Violation,
        };
        // Where something had to be worse and is, nothing else needs to be known.
        let was_expected = is_worse && self.rules.expects_regression;
        if self.is_unknown() && self.rules.unknown_fails && !was_expected {
            exit = exit.and(Exit::Unknown);
        }
        if self.baseline.is_none() && !self.is_accepted {
            exit = exit.and(Exit::Unknown);
        }
        if self.campaign.cut == Some(Cut::Interrupted) { exit.and(Exit::Interrupted) } else { exit }
    }
}
