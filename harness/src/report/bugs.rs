//! What became of the planted bugs: a table for people, an object for machines.

use std::fmt::Write;
use std::time::Duration;

use rashomon_results::strict::{Header, Stamped};
use serde::Serialize;

use super::{count, thousands};
use crate::bugs::{Block, HuntOutcome, Hunted};
use crate::exit::Exit;

/// A row for each bug and place where it is looked for, then those that are not looked for, and why.
pub(crate) fn bugs_text(hunted: &[Hunted], elapsed: Duration) -> String {
    let width = hunted.iter().map(|one| one.bug.name.len()).max().unwrap_or(0);
    let mut text = format!(
        "{:width$}  {:14}  {:>7}  {:>11}  {:>5}  {:>10}  {:>7}  {:24}  {}\n",
        "bug", "outcome", "blocks", "runs median", "p95", "operations", "time", "found by", "where"
    );
    for one in hunted {
        let found = one.blocks.iter().filter(|block| block.found_in.is_some()).count();
        let number = |it: Option<u64>| it.map_or("-".to_owned(), thousands);
        let seconds = one.blocks.iter().fold(0.0, |all, block| all + block.seconds);
        let by = one.blocks.iter().find_map(|block| block.found_in.as_ref());
        let by = by.map_or("-".to_owned(), |it| it.class.clone());
        let _ = writeln!(
            text,
            "{:width$}  {:14}  {:>7}  {:>11}  {:>5}  {:>10}  {:>5.1} s  {:24}  {}",
            one.bug.name,
            one.came().name(),
            format!("{found}/{}", one.blocks.len()),
            number(one.quantile(50, |block| block.runs)),
            number(one.quantile(95, |block| block.runs)),
            number(one.quantile(50, |block| block.operations_made)),
            seconds,
            by,
            one.words,
        );
    }
    for one in hunted.iter().filter(|one| one.control_violations() > 0) {
        let runs = count(one.control_violations(), "run");
        let _ = writeln!(text, "claim broken: {runs} without {}: {}", one.bug.name, one.words);
    }
    let count_of = |came: HuntOutcome| hunted.iter().filter(|one| one.came() == came).count();
    let (found, sought) = (count_of(HuntOutcome::Found), hunted.len());
    let _ = writeln!(
        text,
        "{found} of {} found in {:.1} s; {} at times, {} triggered, {} dormant, {} not clean, {} not \
         judged",
        count(sought as u64, "case"),
        elapsed.as_secs_f64(),
        count_of(HuntOutcome::FoundAtTimes),
        count_of(HuntOutcome::Triggered),
        count_of(HuntOutcome::Dormant),
        count_of(HuntOutcome::NotClean),
        count_of(HuntOutcome::NotJudged),
    );
    text
}

/// What a report of bugs says first.
const HEADER: Header = Header { format: "rashomon-bugs", version: 1 };

/// What became of the planted bugs, for machines.
#[derive(Serialize)]
pub(crate) struct BugsReport {
    verdict: &'static str,
    exit: u8,
    seconds: f64,
    planted: Vec<HuntedBug>,
}

#[derive(Serialize)]
struct HuntedBug {
    bug: &'static str,
    came: HuntOutcome,
    words: &'static str,
    control_violations: u64,
    runs_median: Option<u64>,
    runs_p95: Option<u64>,
    operations_median: Option<u64>,
    blocks: Vec<Block>,
}

/// Every bug.
pub(crate) fn bugs_report(hunted: &[Hunted], elapsed: Duration, exit: Exit) -> Stamped<BugsReport> {
    let bugs = hunted.iter().map(|one| HuntedBug {
        bug: one.bug.name,
        came: one.came(),
        words: one.words,
        control_violations: one.control_violations(),
        runs_median: one.quantile(50, |block| block.runs),
        runs_p95: one.quantile(95, |block| block.runs),
        operations_median: one.quantile(50, |block| block.operations_made),
        blocks: one.blocks.clone(),
    });
    HEADER.on(BugsReport {
        verdict: exit.word(),
        exit: exit.number(),
        seconds: elapsed.as_secs_f64(),
        planted: bugs.collect(),
    })
}
