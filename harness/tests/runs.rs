//! Runs as a user meets them: series of seeds, stored runs, results that cannot be written.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use program::Program;

#[test]
fn a_result_that_cannot_be_written_is_an_error_and_a_reader_that_left_is_none() {
    let program = Program::new();
    let full = program.shell("\"$RASHOMON\" list bugs --json > /dev/full");
    assert_eq!(full.code, 2, "{full}");
    assert!(full.stderr.contains("cannot write to standard output: No space left"), "{full}");
    let violated = "\"$RASHOMON\" run --sim --seed 3 --reads replica --json > /dev/full";
    assert_eq!(program.shell(violated).code, 1, "a violation is not masked");
    let history = program.latest().join("history.jsonl");
    let check = format!("\"$RASHOMON\" check {} --json > /dev/full", history.display());
    assert_eq!(program.shell(&check).code, 1);
    // The reader of the pipe is gone before anything is written to it.
    let left = program.shell(
        "mkfifo gone; (exec 3< gone; exec 3<&-) & exec 4> gone; wait; \"$RASHOMON\" list bugs >&4",
    );
    assert_eq!(left.code, 0, "{left}");
}

#[test]
fn a_series_stops_at_the_first_violation_and_says_how_many_were_not_run() {
    let program = Program::new();
    let arguments = ["run", "--sim", "--seed", "1", "--seeds", "50", "--reads", "replica"];
    let ended = program.run(&arguments);
    assert_eq!(ended.code, 1, "{ended}");
    assert!(ended.stdout.contains("1 run of 50 from seed 1: 1 violation, 49 not run"), "{ended}");
    let ended = program.run(&[&arguments[..], &["--json"]].concat());
    let result: serde_json::Value = serde_json::from_str(&ended.stdout).expect("one object");
    assert_eq!((&result["runs"], &result["not_run"]), (&1.into(), &49.into()), "{result:#}");
    assert_eq!(result["violations"], serde_json::json!([1]), "{result:#}");
}

/// A plan whose second fault comes after the load.
const LATE: &str = r#"{"format":"rashomon-plan","version":1,"spans":[
    {"id":0,"fault":"kill","node":{"node":2},"start":400000000,"lasts":300000000},
    {"id":1,"fault":"kill","node":{"node":2},"start":90000000000,"lasts":1000000000}]}"#;

#[test]
fn a_series_has_the_plan_of_a_file_and_unknown_runs_do_not_end_it() {
    let program = Program::new();
    let path = program.folder().join("plan.json");
    std::fs::write(&path, LATE).unwrap();
    let arguments =
        ["run", "--sim", "--seed", "1", "--seeds", "4", "--faults", path.to_str().unwrap()];
    let ended = program.run(&[&arguments[..], &["--json"]].concat());
    let result: serde_json::Value = serde_json::from_str(&ended.stdout).expect("one object");
    assert_eq!(ended.code, 3, "{ended}");
    assert_eq!((&result["runs"], &result["verdicts"]["unknown"]), (&4.into(), &4.into()));
    for unknown in result["unknown"].as_array().unwrap() {
        let doubts = unknown["doubts"].to_string();
        assert!(doubts.contains("was planned for 90.000 s"), "{result:#}");
        assert!(doubts.contains("harness") && doubts.contains("a longer --time"), "{result:#}");
    }
    let told = program.run(&arguments);
    let advice = "4 runs unknown, the first of seed 1: harness: give a longer --time";
    assert!(told.stdout.contains(advice), "{told}");
    assert!(told.stdout.contains("4 runs from seed 1: 4 unknown"), "{told}");
}
