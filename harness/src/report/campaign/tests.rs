//! What a report says is what the runs that are decided show, and no more.

use std::collections::BTreeMap;
use std::time::Duration;

use rashomon_results::{BuildRecord, FailureRecord, JobFactsRecord, JobHowRecord, JobRecord};
use rashomon_targets::TargetConfig;
use rashomon_workloads::Kind;

use super::*;
use crate::campaign::{CampaignCell, SeedRange, Tally};
use crate::exit::Exit;
use crate::report::Glyphs;
use crate::settings::{Driver, Settings};

fn campaign(seeds: u64) -> Campaign {
    let cell = |name: &str| {
        let word = |text: &str| text.to_owned();
        let target = TargetConfig::every(3..=3).swap_remove(0);
        let names = CellNames {
            world: word("sim"),
            workload: word("register"),
            size: word("small"),
            faults: word("none"),
            target: word(name),
        };
        let settings = Settings::new(target, Kind::Register, Driver::Simulation, 0);
        CampaignCell { names, settings }
    };
    Campaign {
        name: "two".to_owned(),
        profile: None,
        seeds: SeedRange { first: 0, count: seeds },
        cells: vec![cell("one"), cell("other")],
        misfits: Vec::new(),
    }
}

fn job(cell: u32, facts: JobFactsRecord) -> JobRecord {
    let count = facts.valid + facts.violation + facts.unknown;
    JobRecord { cell, first: 0, count, old: false, facts, how: JobHowRecord::default() }
}

fn facts(valid: u64, violation: u64, unknown: u64) -> JobFactsRecord {
    JobFactsRecord { valid, violation, unknown, ..JobFactsRecord::default() }
}

/// What a terminal, a file of Markdown and a machine get of these jobs, and the exit.
fn told(jobs: &[JobRecord], seeds: u64) -> (String, String, serde_json::Value, Exit) {
    let campaign = campaign(seeds);
    let mut tally = Tally::new(campaign.cells.len());
    for job in jobs {
        tally.add(job);
    }
    let build = BuildRecord {
        version: "0.1.0".to_owned(),
        commit: None,
        dirty: None,
        target: "here".to_owned(),
        canary: None,
    };
    let told = ToldCampaign {
        campaign: &campaign,
        tally: &tally,
        build: &build,
        share: None,
        planned: tally.runs(),
        before: 0,
        kept: BTreeMap::new(),
        cut: None,
        elapsed: Duration::from_secs(1),
        threads: 1,
    };
    let screen = Screen { glyphs: Glyphs::unicode(), columns: 80 };
    let json = serde_json::to_value(campaign_report(&told)).unwrap();
    (campaign_page(&told, screen).text(), campaign_markdown(&told), json, told.exit())
}

#[test]
fn runs_that_are_undecided_are_no_evidence_that_there_is_nothing_to_find() {
    // 38 of 40 runs are too few to tell, 39 of 40 are not; a bound is that of 39.
    let (page, markdown, json, exit) =
        told(&[job(0, facts(39, 0, 1)), job(1, facts(0, 0, 40))], 40);
    assert_eq!(exit, Exit::Unknown);
    for text in [&page, &markdown] {
        assert!(text.contains("0/39 means at most 9.0 %"), "{text}");
        assert!(text.contains("? 40/40") && !text.contains(" 0/40 "), "{text}");
    }
    let [one, other] = [&json["cells"][0], &json["cells"][1]];
    let bound = wilson(0, 39).unwrap()[1];
    assert_eq!(one["violation_high"], bound, "{json:#}");
    assert!(other["violation_high"].is_null(), "nothing is known: {json:#}");
    let (page, ..) = told(&[job(0, facts(36, 1, 3)), job(1, facts(38, 0, 2))], 40);
    assert!(page.contains("✗ 1/37") && page.contains("? 2/40"), "{page}");
    assert!(!page.contains("means at most") || page.contains("0/38 means"), "{page}");
}

#[test]
fn an_old_failing_seed_that_is_undecided_now_leaves_the_campaign_undecided() {
    let old = |facts| JobRecord { old: true, ..job(0, facts) };
    let fine = [job(0, facts(40, 0, 0)), job(1, facts(40, 0, 0))];
    let with = |more: &[JobFactsRecord]| {
        let more = more.iter().cloned().map(old);
        told(&fine.iter().cloned().chain(more).collect::<Vec<_>>(), 40)
    };
    let (page, markdown, json, exit) = with(&[facts(0, 0, 1), facts(1, 0, 0)]);
    assert_eq!(exit, Exit::Unknown, "{page}");
    let line = "2 seeds that had failed before: 1 fails no more, 1 is undecided";
    assert!(page.contains(line) && markdown.contains(line), "{page}");
    assert!(page.contains("undecided is what became of 1 seed"), "{page}");
    assert_eq!(json["old_seeds"], serde_json::json!({"tried": 2, "failing": 0, "unknown": 1}));
    let (page, _, _, exit) = with(&[facts(0, 0, 1), facts(0, 1, 0)]);
    assert_eq!(exit, Exit::Violation, "an anomaly is never masked: {page}");
    let (page, _, _, exit) = with(&[facts(1, 0, 0)]);
    assert_eq!(exit, Exit::Valid, "{page}");
}

#[test]
fn signatures_that_a_job_has_no_room_for_are_counted() {
    let failure = FailureRecord {
        signature: "durable/lost-write/read".to_owned(),
        runs: 1,
        seed: 3,
        operations: 9,
        why: "it is lost".to_owned(),
        run: None,
    };
    let with = |more| JobFactsRecord {
        failures: vec![failure.clone()],
        failures_more: more,
        ..facts(39, 1, 0)
    };
    let (page, markdown, json, _) = told(&[job(0, with(2)), job(1, with(5))], 40);
    for text in [&page, &markdown] {
        assert!(text.contains("and 7 more signatures in single jobs"), "{text}");
    }
    assert_eq!(json["signatures_more"], 7, "{json:#}");
    let (page, ..) = told(&[job(0, with(0)), job(1, with(0))], 40);
    assert!(!page.contains("more signature"), "{page}");
}
