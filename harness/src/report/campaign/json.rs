//! A campaign, for machines.

use rashomon_results::strict::{Header, Stamped};
use rashomon_results::{BuildRecord, DoubtfulRunRecord, ShareRecord};
use serde::Serialize;

use super::faults;
use crate::campaign::{
    AskedCell, Campaign, CellNames, CellTally, Cut, OldTally, ToldCampaign, wilson,
};

/// What it says first.
const HEADER: Header = Header { format: "rashomon-campaign", version: 1 };

/// A campaign as far as it came.
#[derive(Serialize)]
pub(crate) struct CampaignReport<'a> {
    verdict: &'static str,
    exit: u8,
    name: &'a str,
    profile: Option<&'a str>,
    campaign: String,
    build: &'a BuildRecord,
    share: Option<ShareRecord>,
    seed: u64,
    seeds: u64,
    runs: u64,
    asked: u64,
    done_before: u64,
    not_run: u64,
    interrupted: bool,
    budget_spent: bool,
    violations: u64,
    operations: u64,
    cpu_seconds: f64,
    seconds: f64,
    cells: Vec<ReportedCell<'a>>,
    misfits: Vec<ReportedMisfit<'a>>,
    signatures: Vec<ReportedSignature<'a>>,
    signatures_more: u64,
    covered: Vec<ReportedAsked<'a>>,
    uncovered_cells: Vec<EmptyAsked>,
    old_seeds: ReportedOld,
}

/// A cell.
#[derive(Serialize)]
struct ReportedCell<'a> {
    #[serde(flatten)]
    names: &'a CellNames,
    runs: u64,
    valid: u64,
    violations: u64,
    unknown: u64,
    operations: u64,
    bug_hits: u64,
    violation_low: Option<f64>,
    violation_high: Option<f64>,
    doubtful: Option<&'a DoubtfulRunRecord>,
    again: String,
}

/// A combination that is not run.
#[derive(Serialize)]
struct ReportedMisfit<'a> {
    #[serde(flatten)]
    names: &'a CellNames,
    why: &'a str,
}

/// Failing runs that have one signature.
#[derive(Serialize)]
struct ReportedSignature<'a> {
    signature: &'a str,
    runs: u64,
    cells_hit: usize,
    cell: &'a CellNames,
    seed: u64,
    operations: u64,
    why: &'a str,
    again: String,
    run: Option<&'a str>,
    shrunk: Option<&'a str>,
}

/// How often an operation was asked, by kind of fault and role of the node.
#[derive(Serialize)]
struct ReportedAsked<'a> {
    operation: &'a str,
    fault: &'a str,
    role: &'a str,
    times: u64,
}

/// An operation that was never asked under a kind of fault of a node of a role.
#[derive(Serialize)]
struct EmptyAsked {
    operation: String,
    fault: String,
    role: String,
}

/// What became of seeds that had failed before, and that the campaign does not ask for.
#[derive(Serialize)]
struct ReportedOld {
    tried: u64,
    failing: u64,
    unknown: u64,
}

/// Everything.
pub(crate) fn campaign_report<'a>(told: &'a ToldCampaign<'_>) -> Stamped<CampaignReport<'a>> {
    let (campaign, tally, exit) = (told.campaign, told.tally, told.exit());
    let sum = |of: fn(&CellTally) -> u64| tally.cells.iter().map(of).sum::<u64>();
    let empty = tally.covered.empty(&faults(told)).into_iter();
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let cpu_seconds = sum(|cell| cell.cpu_us) as f64 / 1e6;
    HEADER.on(CampaignReport {
        verdict: exit.word(),
        exit: exit.number(),
        name: &campaign.name,
        profile: campaign.profile.as_deref(),
        campaign: campaign.hash(),
        build: told.build,
        share: told.share,
        seed: campaign.seeds.first,
        seeds: campaign.seeds.count,
        runs: tally.runs(),
        asked: told.planned,
        done_before: told.before,
        not_run: told.not_run(),
        interrupted: told.cut == Some(Cut::Interrupted),
        budget_spent: told.cut == Some(Cut::Budget),
        violations: tally.violations(),
        operations: sum(|cell| cell.operations),
        cpu_seconds,
        seconds: told.elapsed.as_secs_f64(),
        cells: cells(campaign, &tally.cells),
        misfits: campaign
            .misfits
            .iter()
            .map(|it| ReportedMisfit { names: &it.names, why: &it.why })
            .collect(),
        signatures: signatures(told),
        signatures_more: tally.failures_more,
        covered: tally.covered.cells().map(|(cell, times)| reported_asked(cell, times)).collect(),
        uncovered_cells: empty
            .map(|AskedCell { operation, fault, role }| EmptyAsked { operation, fault, role })
            .collect(),
        old_seeds: reported_old(tally.old),
    })
}

fn reported_old(OldTally { tried, failing, unknown }: OldTally) -> ReportedOld {
    ReportedOld { tried, failing, unknown }
}

fn reported_asked(
    AskedCell { operation, fault, role }: &AskedCell,
    times: u64,
) -> ReportedAsked<'_> {
    ReportedAsked { operation, fault, role, times }
}

fn cells<'a>(campaign: &'a Campaign, tallies: &'a [CellTally]) -> Vec<ReportedCell<'a>> {
    let told = |(cell, of): (&'a crate::campaign::CampaignCell, &'a CellTally)| {
        let interval = wilson(of.violation, of.decided());
        ReportedCell {
            names: &cell.names,
            runs: of.runs(),
            valid: of.valid,
            violations: of.violation,
            unknown: of.unknown,
            operations: of.operations,
            bug_hits: of.bug_hits,
            violation_low: interval.map(|it| it[0]),
            violation_high: interval.map(|it| it[1]),
            doubtful: of.doubtful.as_ref(),
            again: cell.command(campaign.seeds.first),
        }
    };
    campaign.cells.iter().zip(tallies).map(told).collect()
}

fn signatures<'a>(told: &'a ToldCampaign<'_>) -> Vec<ReportedSignature<'a>> {
    let all = super::failures_in_order(told).into_iter();
    all.map(|(signature, failure)| {
        let shortest = failure.shortest();
        let place = usize::try_from(shortest.cell).expect("cells are counted by usize");
        ReportedSignature {
            signature,
            runs: failure.runs,
            cells_hit: failure.cells.len(),
            cell: &told.campaign.cells[place].names,
            seed: shortest.seed,
            operations: shortest.operations,
            why: &shortest.why,
            again: super::again(told, failure),
            run: told.kept.get(signature).map(|kept| kept.folder.as_str()),
            shrunk: told.kept.get(signature).and_then(|kept| kept.shrunk.as_deref()),
        }
    })
    .collect()
}
