//! How often a failure came back: a text for people, an object for machines.

use rashomon_results::strict::{Header, Stamped};
use serde::Serialize;

use super::count;
use crate::campaign::wilson;
use crate::exit::Exit;
use crate::recurrence::{Recurrence, Trial};
use crate::shrink::Failure;

/// One trial.
pub(crate) struct TrialLine {
    /// The id of the run.
    pub(crate) run: String,
    /// What it came to.
    pub(crate) trial: Trial,
    /// How it fails, or why it is undecided.
    pub(crate) why: String,
}

/// What all of them came to.
pub(crate) struct TrialsTold<'a> {
    /// What was looked for; nothing if the first run did not fail.
    pub(crate) sought: Option<&'a Failure>,
    /// How many trials were asked for.
    pub(crate) asked: u64,
    /// What they came to.
    pub(crate) came: Recurrence,
    /// Each of them.
    pub(crate) lines: &'a [TrialLine],
}

/// `stale read on read (linearizable)` and, below, `came back in 3 of 5 trials (95 %: 23 % to 88 %)`.
pub(crate) fn trials_text(told: &TrialsTold<'_>) -> String {
    let Recurrence { same, other, valid, unknown } = told.came;
    let trials = told.came.trials();
    let mut text = match told.sought {
        Some(failure) => {
            let chance = wilson(same, trials).map_or_else(String::new, |[low, high]| {
                format!(" (95 %: {:.0} % to {:.0} %)", low * 100.0, high * 100.0)
            });
            format!("{failure}\ncame back in {same} of {}{chance}\n", count(trials, "trial"))
        }
        None => format!(
            "nothing was found before, so there was nothing to come back in {}\n",
            count(trials, "trial")
        ),
    };
    let parts = [(other, "failed in another way"), (valid, "valid"), (unknown, "undecided")];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    if !parts.is_empty() {
        text.push_str(&format!("the others: {}\n", parts.join(", ")));
    }
    let shown = told.lines.iter().find(|line| line.trial == Trial::Same);
    let shown = shown.or_else(|| told.lines.iter().find(|line| line.trial == Trial::Other));
    if let Some(line) = shown {
        text.push_str(&format!("  first     {}\n", line.run));
    }
    text
}

/// The object for machines.
#[derive(Debug, Serialize)]
pub(crate) struct TrialsReport<'a> {
    exit: u8,
    failure: Option<SoughtTold>,
    asked: u64,
    trials: u64,
    same: u64,
    other: u64,
    valid: u64,
    unknown: u64,
    same_low: Option<f64>,
    same_high: Option<f64>,
    runs: Vec<TrialTold<'a>>,
}

/// A failure that was looked for.
#[derive(Debug, Serialize)]
pub(super) struct SoughtTold {
    what: String,
    class: &'static str,
}

impl SoughtTold {
    pub(super) fn new(failure: &Failure) -> Self {
        Self { what: failure.to_string(), class: failure.class() }
    }
}

/// A trial.
#[derive(Debug, Serialize)]
struct TrialTold<'a> {
    run: &'a str,
    came: &'static str,
    why: &'a str,
}

const HEADER: Header = Header { format: "rashomon-trials", version: 1 };

/// The object of trials.
pub(crate) fn trials_report<'a>(told: &TrialsTold<'a>, exit: Exit) -> Stamped<TrialsReport<'a>> {
    let Recurrence { same, other, valid, unknown } = told.came;
    let trials = told.came.trials();
    let bounds = told.sought.and_then(|_| wilson(same, trials));
    let line = |it: &'a TrialLine| TrialTold { run: &it.run, came: it.trial.name(), why: &it.why };
    HEADER.on(TrialsReport {
        exit: exit.number(),
        failure: told.sought.map(SoughtTold::new),
        asked: told.asked,
        trials,
        same,
        other,
        valid,
        unknown,
        same_low: bounds.map(|[low, _]| low),
        same_high: bounds.map(|[_, high]| high),
        runs: told.lines.iter().map(line).collect(),
    })
}
