//! Jobs are a function of the campaign, and what they add up to does not depend on their order.

use rashomon_results::JobHowRecord;
use rashomon_targets::{FaultKind, TargetConfig};
use rashomon_workloads::Kind;

use super::*;
use crate::settings::{Driver, Settings};

/// A campaign of two cells: one with a planted bug, which is found, and one without.
fn campaign(seeds: u64) -> Campaign {
    let cell = |name: &str, bug: Option<&str>| {
        let mut target = TargetConfig::every(3..=3).swap_remove(0);
        target.bugs = bug.and_then(rashomon_targets::Family::bug).into_iter().collect();
        let mut settings = Settings::new(target, Kind::Register, Driver::Simulation, 0);
        settings.faults = vec![FaultKind::Kill];
        (settings.time_ms, settings.ops) = (1000, Some(150));
        let word = |text: &str| text.to_owned();
        let names = CellNames {
            world: word("sim"),
            workload: word("register"),
            size: word("small"),
            faults: word("kill"),
            target: word(name),
        };
        CampaignCell { names, settings }
    };
    Campaign {
        name: "two".to_owned(),
        profile: None,
        seeds: SeedRange { first: 5, count: seeds },
        cells: vec![cell("with", Some("pr-ack-before-fsync")), cell("without", None)],
        misfits: Vec::new(),
    }
}

fn record(job: &Job, campaign: &Campaign) -> rashomon_results::JobRecord {
    let cell = &campaign.cells[job.cell as usize];
    let facts = execute_simulated(job, cell, &|| false).unwrap().unwrap();
    let old = job.class == JobClass::Old;
    let (cell, first, count) = (job.cell, job.first, job.count);
    rashomon_results::JobRecord { cell, first, count, old, facts, how: JobHowRecord::default() }
}

#[test]
fn jobs_have_every_seed_of_every_cell_once_and_cells_take_turns() {
    for seeds in [1, 7, 50, 1_000_000_007] {
        let campaign = campaign(seeds);
        let jobs = Jobs::of(&campaign);
        assert!(jobs.all().len() <= 1 << 16, "{}", jobs.all().len());
        for cell in 0..2 {
            let mut of: Vec<&Job> = jobs.all().iter().filter(|job| job.cell == cell).collect();
            of.sort();
            let mut next = 5;
            for job in of {
                assert_eq!(job.first, next);
                next += job.count;
            }
            assert_eq!(next, 5 + seeds, "cell {cell} of {seeds} seeds");
        }
        let turns = jobs.all().iter().take(2).map(|job| job.cell);
        assert_eq!(turns.collect::<Vec<_>>(), [0, 1]);
    }
}

#[test]
fn a_run_of_real_processes_is_a_job_of_its_own_however_many_there_are() {
    let mut campaign = campaign(70_000);
    campaign.cells[1].settings.driver = Driver::Cluster;
    let jobs = Jobs::of(&campaign);
    let count = |cell| jobs.all().iter().filter(|job| job.cell == cell).count();
    assert_eq!(count(1), 70_000);
    assert!((16..=70_000 / 8).contains(&count(0)), "{}", count(0));
}

#[test]
fn shares_divide_the_jobs_among_them_without_rest() {
    let share = |text: &str| text.parse::<Share>();
    let all: Vec<Share> = (0..3).map(|index| share(&format!("{index}/3")).unwrap()).collect();
    for place in 0..20 {
        assert_eq!(all.iter().filter(|share| share.has(place)).count(), 1, "place {place}");
        assert!(Share::ALL.has(place));
    }
    assert_eq!(all[2].journal(), "journal.2-of-3.jsonl");
    for wrong in ["3/3", "0/0", "1", "a/b", "-1/2", "", "1/2/3"] {
        assert!(share(wrong).unwrap_err().contains("0/16 to 15/16"), "{wrong}");
    }
}

#[test]
fn what_jobs_add_up_to_depends_neither_on_their_order_nor_on_their_sizes() {
    let campaign = campaign(6);
    let job =
        |cell, first, count| record(&Job { cell, first, count, class: JobClass::Asked }, &campaign);
    let sum = |records: &[&rashomon_results::JobRecord]| {
        let mut tally = Tally::new(2);
        for record in records {
            tally.add(record);
        }
        (tally.cells, tally.failures, tally.covered)
    };
    let parts = [job(0, 5, 2), job(0, 7, 4), job(1, 5, 6)];
    let forwards = sum(&[&parts[0], &parts[1], &parts[2]]);
    assert_eq!(sum(&[&parts[2], &parts[1], &parts[0]]), forwards);
    assert_eq!(sum(&[&job(0, 5, 6), &parts[2]]), forwards);
    assert_eq!(job(0, 5, 2), parts[0], "the same job finds the same");
    let (cells, failures, covered) = forwards;
    assert_eq!((cells[0].runs(), cells[1].runs()), (6, 6));
    assert!(cells[0].violation > 0 && cells[1].violation == 0, "{cells:?}");
    let (signature, failure) = failures.iter().next().unwrap();
    assert_eq!(signature.split('/').count(), 3, "{signature}");
    assert_eq!(failure.cells.keys().copied().collect::<Vec<_>>(), [0]);
    let asked: u64 = covered.cells().map(|(_, times)| times).sum();
    assert!(asked > 500, "{covered:?}");
    assert!(covered.operations().contains("write") && covered.roles("write").contains("primary"));
}

#[test]
fn a_cell_of_the_coverage_that_was_never_met_is_missed_and_one_of_a_dead_node_is_not() {
    let mut covered = Covered::default();
    let seen = ["write none primary", "write kill primary", "write kill down", "read none peer"];
    covered.add(&seen.map(|key| (key.to_owned(), 3)).into());
    let empty = covered.empty(&["none".to_owned(), "kill".to_owned()]);
    let empty: Vec<String> = empty.iter().map(AskedCell::key).collect();
    assert_eq!(empty, ["read kill peer", "write none replica", "write kill replica"]);
}

#[test]
fn the_hash_tells_another_cell_another_size_and_other_seeds_and_no_other_name() {
    let hash = campaign(6).hash();
    let mut other = campaign(6);
    other.name = "renamed".to_owned();
    other.cells[0].names.target = "renamed".to_owned();
    assert_eq!(other.hash(), hash);
    assert_ne!(campaign(7).hash(), hash);
    other.cells[1].settings.ops = Some(151);
    assert_ne!(other.hash(), hash);
    other = campaign(6);
    other.cells.reverse();
    assert_ne!(other.hash(), hash);
}

#[test]
fn an_interval_is_that_of_wilson() {
    let near = |found: Option<[f64; 2]>, [low, high]: [f64; 2]| {
        let [a, b] = found.unwrap();
        assert!((a - low).abs() < 5e-4 && (b - high).abs() < 5e-4, "{a} {b}");
    };
    // Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I.
    near(wilson(81, 263), [0.2553, 0.3662]);
    near(wilson(15, 148), [0.0624, 0.1605]);
    near(wilson(0, 20), [0.0, 0.1611]);
    near(wilson(1, 29), [0.0061, 0.1718]);
    assert_eq!(wilson(0, 0), None);
}
