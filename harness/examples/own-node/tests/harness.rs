//! Both drafts, as one would test them.

use std::time::Instant;

use own_node::{Draft, PrimaryBackup};
use rashomon::{FaultKind, Harness, Leadership, PlantedBug, Profile, Taker, Target};

const FAULTS: [FaultKind; 4] =
    [FaultKind::Partition, FaultKind::Messages, FaultKind::Kill, FaultKind::Pause];

fn harness(draft: Draft) -> Harness<Target<PrimaryBackup>> {
    let profile =
        Profile { writes: Taker::Primary, leadership: Leadership::Fixed, ..Profile::of_equals(2) };
    Harness::new().target::<PrimaryBackup>(draft).nodes(2).profile(profile).faults(FAULTS)
}

#[test]
fn the_mistake_of_the_first_draft_is_found_in_simulation_in_under_a_second() {
    let begun = Instant::now();
    let report = harness(Draft::First).seeds(1..=200).run().unwrap();
    let took = begun.elapsed();
    let violation = report.assert_violation();
    println!("found after {} runs in {took:?}:\n\n{}", report.runs, violation.story());
    assert_eq!(violation.check, "linearizable");
    // A second is enough for a hundred thousand simulated operations.
    assert!(report.operations < 10_000, "{} operations", report.operations);
    let again = harness(Draft::First).seed(violation.seed).run().unwrap();
    assert_eq!(again.assert_violation().story(), violation.story(), "the seed is the run");
}

#[test]
fn the_second_draft_keeps_what_a_store_can_promise_under_every_fault() {
    let report = harness(Draft::Second).seeds(1..=40).allow_unknown(4).run().unwrap();
    report.assert_kept();
}

#[test]
fn the_second_draft_keeps_it_as_real_processes_too() {
    let report = harness(Draft::Second).processes(env!("CARGO_BIN_EXE_own-node")).run().unwrap();
    println!("{report}");
    assert!(report.violation.is_none(), "{report}");
    assert!(report.operations > 500, "{report}");
}

#[test]
fn the_mistake_planted_in_the_second_draft_is_found_and_named() {
    const BACKUP_READS: PlantedBug = PlantedBug::new("backup-reads", "the backup answers reads");
    let planted = harness(Draft::Second).plant(BACKUP_READS, |draft| *draft = Draft::First);
    let report = planted.seeds(1..=200).run().unwrap();
    let story = report.assert_violation().story();
    assert!(story.contains("backup-reads"), "{story}");
}
