//! A gate, for machines.

use rashomon_results::BuildRecord;
use rashomon_results::strict::{Header, Stamped};
use serde::Serialize;

use super::wording::{RegressionText, regressions, unknowns};
use crate::campaign::{CellNames, Cut};
use crate::gate::{BugHunt, Comparison, HuntFate, ToldGate};

/// What it says first.
const HEADER: Header = Header { format: "rashomon-gate", version: 1 };

/// A gate that was passed or not.
#[derive(Serialize)]
pub(crate) struct GateReport<'a> {
    verdict: &'static str,
    exit: u8,
    name: &'a str,
    profile: Option<&'a str>,
    campaign: String,
    file: &'a str,
    baseline: &'a str,
    baseline_build: Option<&'a BuildRecord>,
    baseline_written: bool,
    build: &'a BuildRecord,
    planted: Option<&'static str>,
    regression_expected: bool,
    asked: u64,
    runs: u64,
    not_run: u64,
    cut: Option<&'static str>,
    seconds: f64,
    regressions: Vec<ReportedRegression>,
    unknown: Vec<String>,
    bugs_sought: Vec<ReportedHunt>,
    compared: Vec<ReportedComparison<'a>>,
    gone: &'a [String],
}

/// Something that is worse than the baseline.
#[derive(Serialize)]
struct ReportedRegression {
    regression: &'static str,
    id: String,
    what: String,
    evidence: String,
    again: String,
    run: Option<String>,
    line: u64,
}

/// A planted bug that has to be found.
#[derive(Serialize)]
struct ReportedHunt {
    bug: &'static str,
    words: &'static str,
    class: &'static str,
    found: Option<bool>,
    runs_made: u64,
    runs_allowed: u64,
    runs_before: Option<u64>,
    bug_hits: u64,
    again: String,
}

/// A figure of a cell, before and now.
#[derive(Serialize)]
struct ReportedComparison<'a> {
    cell: &'a CellNames,
    figure: &'static str,
    before: f64,
    now: f64,
    noise: f64,
    runs_before: u64,
    runs_now: u64,
    worse: bool,
}

/// Everything.
pub(crate) fn gate_report<'a>(told: &ToldGate<'a>) -> Stamped<GateReport<'a>> {
    let (campaign, exit) = (told.campaign, told.exit());
    HEADER.on(GateReport {
        verdict: exit.word(),
        exit: exit.number(),
        name: &campaign.campaign.name,
        profile: campaign.campaign.profile.as_deref(),
        campaign: campaign.campaign.hash(),
        file: told.file,
        baseline: told.baseline_file,
        baseline_build: told.baseline.map(|it| &it.build),
        baseline_written: told.is_accepted,
        build: campaign.build,
        planted: told.planted.map(|bug| bug.name),
        regression_expected: told.rules.expects_regression,
        asked: campaign.planned,
        runs: campaign.tally.runs(),
        not_run: campaign.not_run(),
        cut: campaign.cut.map(|cut| match cut {
            Cut::Interrupted => "interrupted",
            Cut::Budget => "budget",
        }),
        seconds: campaign.elapsed.as_secs_f64(),
        regressions: regressions(told).into_iter().map(reported).collect(),
        unknown: unknowns(told).into_iter().map(|(text, _)| text).collect(),
        bugs_sought: told.hunts.iter().map(|hunt| hunted(told, hunt)).collect(),
        compared: told.judged.comparisons.iter().map(|it| compared(told, it)).collect(),
        gone: &told.judged.gone,
    })
}

fn reported(one: RegressionText) -> ReportedRegression {
    let RegressionText { kind, id, title, evidence, again, run, line } = one;
    ReportedRegression { regression: kind.name(), id, what: title, evidence, again, run, line }
}

fn hunted(told: &ToldGate<'_>, hunt: &BugHunt) -> ReportedHunt {
    let lookout = hunt.lookout;
    let before =
        told.baseline.and_then(|baseline| baseline.bugs.iter().find(|bug| hunt.is_of(bug)));
    ReportedHunt {
        bug: lookout.bug.name,
        words: lookout.hunt.words,
        class: lookout.hunt.shows,
        found: match hunt.fate() {
            HuntFate::NotRun => None,
            HuntFate::Caught => Some(true),
            HuntFate::Missed | HuntFate::NotClean => Some(false),
        },
        runs_made: hunt.block.as_ref().map_or(0, |block| block.runs),
        runs_allowed: hunt.within,
        runs_before: before.map(|it| it.runs),
        bug_hits: hunt.block.as_ref().map_or(0, |block| block.bug_hits),
        again: hunt.command(),
    }
}

fn compared<'a>(
    told: &ToldGate<'a>,
    (cell, comparison): &(u32, Comparison),
) -> ReportedComparison<'a> {
    let place = usize::try_from(*cell).expect("cells are counted by usize");
    let Comparison { figure, before, now, noise, runs } = *comparison;
    ReportedComparison {
        cell: &told.campaign.campaign.cells[place].names,
        figure: figure.name(),
        before,
        now,
        noise,
        runs_before: runs[0],
        runs_now: runs[1],
        worse: comparison.is_worse(),
    }
}
