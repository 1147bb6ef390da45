//! The results of testing the claims of many configurations: a table for people, an object for
//! machines.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use rashomon_results::ClaimRecord;
use rashomon_results::strict::{Header, Stamped};
use serde::Serialize;

use super::{count, thousands};
use crate::claims::{RunCounts, Tested};
use crate::exit::Exit;
use crate::record::claim;

/// Configurations that differ in sizes only, and claim the same.
#[derive(Default)]
struct Row {
    configurations: u64,
    tally: RunCounts,
    /// The highest share of runs of one configuration that are undecided, in per cent.
    most_unknown: f64,
}

/// A row for all configurations that differ in sizes only, then each claim that was broken, and each
/// configuration with too few decided runs.
pub(crate) fn claims_text(tested: &[Tested], elapsed: Duration) -> String {
    let mut rows: BTreeMap<(&str, String, String), Row> = BTreeMap::new();
    for one in tested.iter().filter(|one| one.tally.runs > 0) {
        let target = &one.target;
        let key = (target.name(), target.variant(), target.claim().to_string());
        let row = rows.entry(key).or_default();
        row.configurations += 1;
        row.tally.add(one.tally);
        row.most_unknown = row.most_unknown.max(one.tally.unknown_percent());
    }
    let name = |key: &(&str, String, String)| format!("{} {}", key.0, key.1);
    let width = rows.keys().map(|key| name(key).len()).max().unwrap_or(0);
    let claim_width = rows.keys().map(|key| key.2.len()).max().unwrap_or(0);
    let mut text = format!(
        "{:width$}  {:claim_width$}  {:>5}  {:>8}  {:>6}  {:>7}  {:>7}  {:>10}  {:>8}\n",
        "configuration",
        "claim",
        "sizes",
        "runs",
        "broken",
        "unknown",
        "at most",
        "not judged",
        "time"
    );
    let mut total = Row::default();
    for (key, row) in &rows {
        let _ = writeln!(text, "{:width$}  {:claim_width$}  {}", name(key), key.2, figures(row));
        total.configurations += row.configurations;
        total.tally.add(row.tally);
        total.most_unknown = total.most_unknown.max(row.most_unknown);
    }
    let _ = writeln!(text, "{:width$}  {:claim_width$}  {}", "all", "", figures(&total));
    for one in tested {
        if let Some((command, why)) = &one.violation {
            let _ = writeln!(text, "claim broken: {why}\n  {command} --seeds 1");
        }
        if let Some((command, why)) = &one.doubt
            && one.tally.tells_too_little()
        {
            let RunCounts { unknown, runs, .. } = one.tally;
            let _ = writeln!(text, "{unknown} of {runs} runs are undecided: {why}\n  {command}");
        }
    }
    let tally = total.tally;
    let rate = rate(tally, elapsed);
    let _ = writeln!(
        text,
        "{} of {} in {:.1} s ({rate:.0} runs/s): {}",
        count(tally.runs, "run"),
        count(total.configurations, "configuration"),
        elapsed.as_secs_f64(),
        match tally.violations {
            0 => "every claim survived".to_owned(),
            broken => format!("{} broke a claim", count(broken, "run")),
        }
    );
    text
}

fn figures(row: &Row) -> String {
    format!(
        "{:>5}  {:>8}  {:>6}  {:>5.1} %  {:>5.1} %  {:>10}  {:>6.1} s",
        thousands(row.configurations),
        thousands(row.tally.runs),
        thousands(row.tally.violations),
        row.tally.unknown_percent(),
        row.most_unknown,
        thousands(row.tally.not_judged),
        row.tally.seconds
    )
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn rate(tally: RunCounts, elapsed: Duration) -> f64 {
    tally.runs as f64 / elapsed.as_secs_f64().max(1e-9)
}

/// What a report of claims says first.
const HEADER: Header = Header { format: "rashomon-claims", version: 1 };

/// The results of testing the claims of many configurations, for machines.
#[derive(Serialize)]
pub(crate) struct ClaimsReport {
    verdict: &'static str,
    exit: u8,
    total: RunCounts,
    seconds: f64,
    runs_per_second: f64,
    configurations: Vec<Configuration>,
}

#[derive(Serialize)]
struct Configuration {
    flags: Vec<String>,
    claim: ClaimRecord,
    tally: RunCounts,
    first_violation: Option<OneRun>,
    first_unknown: Option<OneRun>,
}

/// A run that tells something, and the command that runs it again.
#[derive(Serialize)]
struct OneRun {
    again: String,
    why: String,
}

impl OneRun {
    fn of(told: Option<&(String, String)>) -> Option<Self> {
        told.map(|(again, why)| Self { again: again.clone(), why: why.clone() })
    }
}

/// Every configuration.
pub(crate) fn claims_report(
    tested: &[Tested],
    elapsed: Duration,
    exit: Exit,
) -> Stamped<ClaimsReport> {
    let configurations = tested.iter().map(|one| Configuration {
        flags: one.target.flags(),
        claim: claim(&one.target.claim()),
        tally: one.tally,
        first_violation: OneRun::of(one.violation.as_ref()),
        first_unknown: OneRun::of(one.doubt.as_ref()),
    });
    let mut total = RunCounts::default();
    for one in tested {
        total.add(one.tally);
    }
    HEADER.on(ClaimsReport {
        verdict: exit.word(),
        exit: exit.number(),
        total,
        seconds: elapsed.as_secs_f64(),
        runs_per_second: rate(total, elapsed),
        configurations: configurations.collect(),
    })
}

#[cfg(test)]
mod tests {
    use rashomon_targets::TargetConfig;

    use super::*;

    #[test]
    fn the_table_of_claims_says_how_many_runs_left_something_unjudged() {
        let mut tested = Tested::new(TargetConfig::every(3..=3).swap_remove(0));
        let counts = RunCounts { runs: 40, unknown: 13, not_judged: 12, ..RunCounts::default() };
        tested.tally = counts;
        let text = claims_text(&[tested], Duration::from_secs(1));
        let mut lines = text.lines();
        let columns = lines.next().unwrap();
        let end = columns.find("not judged").unwrap() + "not judged".len();
        let row = lines.next().unwrap();
        assert_eq!(row[..end].split(' ').next_back(), Some("12"), "{text}");
    }

    #[test]
    fn one_run_of_one_configuration_is_written_in_the_singular() {
        let mut tested = Tested::new(TargetConfig::every(3..=3).swap_remove(0));
        tested.tally = RunCounts { runs: 1, violations: 1, ..RunCounts::default() };
        let text = claims_text(&[tested], Duration::from_secs(1));
        assert!(text.contains("1 run of 1 configuration in"), "{text}");
        assert!(text.ends_with("1 run broke a claim\n"), "{text}");
    }
}
