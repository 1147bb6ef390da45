//! Runs that found planted bugs are cut down to a few operations and faults, and what is left fails in the same way,
//! every time, and only with the bug.
//!
//! Three bugs by default. `RASHOMON_SHRINK=all cargo test --release -p rashomon --test shrink -- --nocapture` does it for
//! all of the list, and prints a table.

#![allow(
    clippy::unwrap_used,
    clippy::allow_attributes,
    clippy::print_stdout,
    reason = "tests may, and one prints a table"
)]

mod program;

use program::Program;
use serde_json::Value;

/// Bugs, and where each is found, the first three quickly.
const BUGS: [(&str, &str); 12] = [
    (
        "ql-ack-before-fsync",
        "leaderless --write-back on -r 1 -w 3 --faults kill --time 300ms --ops 900 --processes 24",
    ),
    ("pr-ack-before-fsync", "primary-replica --workload set --faults kill --ops 400"),
    ("abd-async-write-back", "leaderless --write-back on --faults messages --ops 600"),
    ("no-fencing", "primary-replica --failover external --faults pause --time 16s"),
    (
        "raft-follower-ack-early",
        "primary-replica --failover raft --faults kill --time 4s --processes 24",
    ),
    ("read-exposes-undurable", "primary-replica --faults kill"),
    ("raft-read-index-no-term", "primary-replica --failover raft --faults kill,partition"),
    (
        "session-lost-on-failover",
        "primary-replica --failover raft --raft-writes any --workload append --faults partition,kill",
    ),
    (
        "orset-repair-by-union",
        "leaderless --n 3 -r 2 -w 2 --workload cart --faults messages,partition",
    ),
    ("raft-previous-unchecked", "primary-replica --failover raft --faults partition,kill"),
    ("dvv-dot-reused", "leaderless --conflict siblings --workload siblings --faults kill"),
    (
        "hint-offered-once",
        "leaderless --nodes 5 --n 2 -r 1 -w 1 --hints on --sloppy on --workload set --faults partition",
    ),
];

/// What is left of a run.
struct Left {
    operations: u64,
    faults: u64,
    /// How many operations there were.
    of: u64,
}

/// Finds a bug, cuts the run down, and runs what is left: with the bug twice, and without it.
fn shrunk(bug: &str, words: &str) -> Left {
    let program = Program::new();
    let found = format!("run --sim --seed 1 --seeds 400 --quiet --bug {bug} {words}");
    program.run(&found.split(' ').collect::<Vec<_>>()).expect(1);
    let ended = program.run(&["shrink", "latest", "--json", "--quiet"]);
    ended.expect(1);
    let told: Value = serde_json::from_str(&ended.stdout).unwrap();
    let (class, file) = (&told["failure"]["class"], told["scenario"].as_str().unwrap());
    let again: Vec<&str> = told["again"].as_str().unwrap().split(' ').skip(1).collect();
    for _ in 0..2 {
        let ended = program.run(&[&again[..], &["--json", "--quiet"]].concat());
        ended.expect(1);
        let record: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert!(classes(&record).contains(class), "{bug}: {class}: {record:#}");
    }
    let mut without: Value =
        serde_json::from_str(&std::fs::read_to_string(program.folder().join(file)).unwrap())
            .unwrap();
    without["settings"]["target"].as_object_mut().unwrap().remove("bugs").unwrap();
    std::fs::write(program.folder().join("control.json"), without.to_string()).unwrap();
    let control = program.run(&["replay", "control.json", "--quiet"]);
    assert!([0, 3].contains(&control.code), "{bug} is to blame, and nothing else: {control}");
    let size = |what: &str| told["after"][what].as_u64().unwrap();
    let left = Left {
        operations: size("operations"),
        faults: size("faults"),
        of: told["before"]["operations"].as_u64().unwrap(),
    };
    let Left { operations, faults, .. } = left;
    let replays = told["replays"].as_u64().unwrap();
    let before = (&told["before"]["operations"], &told["before"]["faults"]);
    println!(
        "{bug:26} {:>6} -> {operations:>2} operations  {:>2} -> {faults} faults  {replays:>3} runs  {}",
        before.0, before.1, told["failure"]["what"]
    );
    assert!(replays <= 100, "{bug}: {replays} runs");
    left
}

/// What was found against what was required.
fn classes(record: &Value) -> Vec<Value> {
    let checks = record["checks"].as_array().unwrap().iter();
    let required = checks.filter(|check| check["required"] == true);
    let found = required.flat_map(|check| check["anomalies"].as_array().unwrap());
    let breaches = record["known"]["breaches"].as_array().unwrap().iter();
    let properties = breaches.map(|breach| breach["property"].clone());
    found.map(|anomaly| anomaly["class"].clone()).chain(properties).collect()
}

fn median(mut numbers: Vec<u64>) -> u64 {
    numbers.sort_unstable();
    numbers[numbers.len() / 2]
}

#[test]
fn runs_that_found_a_bug_are_cut_down_to_a_few_operations_and_faults_that_show_it() {
    let all = std::env::var_os("RASHOMON_SHRINK").is_some();
    let bugs = if all { &BUGS[..] } else { &BUGS[..3] };
    let left: Vec<Left> = bugs.iter().map(|(bug, words)| shrunk(bug, words)).collect();
    for (Left { operations, of, .. }, (bug, _)) in left.iter().zip(&BUGS[..3]) {
        assert!(operations * 10 <= *of, "{bug}: {operations} of {of} operations are left");
    }
    let operations = median(left.iter().map(|it| it.operations).collect());
    let faults = median(left.iter().map(|it| it.faults).collect());
    println!("median of {}: {operations} operations, {faults} faults", left.len());
    assert!(operations <= 12 && faults <= 3, "{operations} operations, {faults} faults");
}

#[test]
fn a_run_is_refused_that_is_no_violation_and_a_scenario_that_is_none() {
    let program = Program::new();
    program.run(&["run", "--sim", "--seed", "1", "--ops", "50", "--faults", "none"]);
    let refused = program.run(&["shrink", "latest"]);
    refused.expect(2);
    assert!(refused.stderr.contains("is no violation"), "{refused}");
    std::fs::write(program.folder().join("none.json"), r#"{"format":"rashomon-plan"}"#).unwrap();
    let refused = program.run(&["replay", "none.json"]);
    refused.expect(2);
    assert!(refused.stderr.contains("none.json is not a scenario"), "{refused}");
}
