//! Another crate tests its own node.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

#[path = "../examples/own-node/src/lib.rs"]
#[allow(clippy::pedantic, unreachable_pub, dead_code, reason = "a crate of its own elsewhere")]
mod primary_backup;
mod program;

use std::path::{Path, PathBuf};
use std::process::Command;

use primary_backup::{Draft, PrimaryBackup};
use program::Program;
use rashomon::{FaultKind, Harness, Leadership, Profile, Taker};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const CRATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own-node");

#[test]
fn the_example_of_an_own_node_finds_its_mistake_and_tells_its_story() {
    // The workspace's own folder, so that what both build is built once.
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| Path::new(ROOT).join("target"), PathBuf::from);
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["test", "--locked", "--offline", "--", "--nocapture", "--test-threads", "1"])
        .current_dir(CRATE)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let all = format!("{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{all}");
    for part in ["4 passed", "✗ VIOLATION", "stale read", "again     .seed("] {
        assert!(said.contains(part), "{part:?} is not told in\n{all}");
    }
}

/// Runs the first draft of the example from seed after seed, until a run violates what is required; it is
/// kept below `store`.
fn kept_violation(store: &Path) -> String {
    let profile =
        Profile { writes: Taker::Primary, leadership: Leadership::Fixed, ..Profile::of_equals(2) };
    let harness = Harness::new().target::<PrimaryBackup>(Draft::First).nodes(2).profile(profile);
    let faults = [FaultKind::Partition, FaultKind::Messages, FaultKind::Kill, FaultKind::Pause];
    let report =
        harness.faults(faults).seeds(1..=200).allow_unknown(200).store(store).run().unwrap();
    let violation = report.assert_violation();
    assert_eq!(violation.check, "linearizable");
    violation.story()
}

#[test]
fn a_stored_run_of_an_own_node_is_judged_again_by_the_program_and_not_run_again() {
    let program = Program::new();
    let story = kept_violation(&program.folder().join("results/runs"));
    let told = program.run(&["check", "latest"]);
    told.expect(1);
    assert!(told.stdout.contains("primary-backup") && told.stdout.contains("stale read"), "{told}");
    assert!(story.contains("stale read"), "{story}");
    let record = std::fs::read_to_string(program.latest().join("verdict.json")).unwrap();
    let kept: serde_json::Value = serde_json::from_str(&record).unwrap();
    let again = program.run(&["check", "latest", "--json"]);
    again.expect(1);
    let again: serde_json::Value = serde_json::from_str(&again.stdout).unwrap();
    for field in ["target", "claim", "checks", "ledger", "known", "settings", "seed"] {
        assert_eq!(again[field], kept[field], "{field}");
    }
    assert!(again["target"]["own"].as_str().unwrap().ends_with("PrimaryBackup"), "{again:#}");
    let refused = program.run(&["replay", "latest"]);
    refused.expect(2);
    assert!(refused.stderr.contains("the tests of its own crate run it"), "{refused}");
}
