//! `--fail-fast`: a run ends soon after the first violation, and is reported like any run.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use std::time::{Duration, Instant};

use program::Program;
use serde_json::Value;

const SECOND: u64 = 1_000_000_000;
/// Replicas lag behind, and are read.
const STALE: [&str; 8] = [
    "primary-replica",
    "--reads",
    "replica",
    "--require",
    "linearizable",
    "--time",
    "60s",
    "--json",
];

fn json(program: &Program, arguments: &[&str]) -> Value {
    let ended = program.run(arguments);
    let result: Value = serde_json::from_str(&ended.stdout).expect("one object");
    assert_eq!(result["exit"], ended.code, "{ended}");
    result
}

fn history(program: &Program) -> String {
    std::fs::read_to_string(program.latest().join("history.jsonl")).unwrap()
}

/// When the last event of a stored history happened.
fn end(program: &Program) -> u64 {
    let history = history(program);
    let last: Value = serde_json::from_str(history.lines().last().unwrap()).unwrap();
    last["time"].as_u64().unwrap()
}

#[test]
fn a_simulated_run_stops_long_before_its_time_and_is_judged_as_ever() {
    let program = Program::new();
    let result =
        json(&program, &[&["run", "--sim", "--seed", "1", "--fail-fast"], &STALE[..]].concat());
    assert_eq!(result["exit"], 1, "{result:#}");
    let stopped = result["stopped"]["at"].as_u64().expect("it was stopped");
    assert!(stopped < 10 * SECOND && end(&program) < 20 * SECOND, "{result:#}");
    assert_eq!(result["checks"][0]["verdict"], "invalid", "{result:#}");
    let told = result["doubts"].to_string();
    assert!(!told.contains("was planned for"), "that the rest was not tried is no doubt: {told}");
    assert!(history(&program).contains("\"final\":true"), "replicas were read in the end");
    let again = result["again"].as_str().unwrap();
    assert!(again.contains("--fail-fast"), "{again}");
    let text = program.run(&["replay", "latest"]);
    assert_eq!(text.code, 1, "{text}");
    assert!(text.stderr.contains("byte for byte"), "{text}");
    for word in ["stopped", "after the first violation", "had not started"] {
        assert!(text.stdout.contains(word), "{word} in\n{text}");
    }
}

#[test]
fn the_history_is_that_of_the_whole_run_up_to_the_stop() {
    let program = Program::new();
    let stale = ["--reads", "replica", "--require", "linearizable"];
    let arguments = [&["run", "--sim", "--seed", "4", "--json"][..], &stale].concat();
    json(&program, &arguments);
    let whole = history(&program);
    let result = json(&program, &[&arguments[..], &["--fail-fast"]].concat());
    let stopped = result["stopped"]["at"].as_u64().expect("it was stopped");
    let before = |line: &&str| {
        let event: Value = serde_json::from_str(line).unwrap();
        event["time"].as_u64().is_none_or(|time| time <= stopped)
    };
    let cut = history(&program);
    let same: Vec<&str> = cut.lines().take_while(before).collect();
    assert!(same.len() > 10, "{cut}");
    assert_eq!(same, whole.lines().take(same.len()).collect::<Vec<_>>());
}

#[test]
fn a_run_in_which_nothing_is_found_is_the_same_with_and_without() {
    let program = Program::new();
    for target in [&["primary-replica"][..], &["leaderless", "--write-back", "on"]] {
        let arguments = [&["run", "--sim", "--seed", "3", "--json"], target].concat();
        let without = json(&program, &arguments);
        let before = history(&program);
        let with = json(&program, &[&arguments[..], &["--fail-fast"]].concat());
        assert_eq!([&without["exit"], &with["exit"]], [0, 0], "{with:#}");
        assert_eq!(with["stopped"], Value::Null);
        assert!(before == history(&program), "{target:?}");
    }
}

#[test]
fn many_seeds_end_with_a_run_that_was_stopped() {
    let stale = ["--reads", "replica", "--require", "linearizable"];
    let arguments = [&["run", "--sim", "--seed", "1", "--seeds", "5"][..], &stale].concat();
    let ended = Program::new().run(&[&arguments[..], &["--fail-fast", "--time", "30s"]].concat());
    assert_eq!(ended.code, 1, "{ended}");
    assert!(ended.stdout.contains("first violation"), "{ended}");
}

#[test]
fn a_run_of_real_processes_stops_long_before_its_time() {
    let program = Program::new();
    let started = Instant::now();
    let arguments = ["run", "--seed", "1", "--fail-fast", "--faults", "none"];
    let result = json(&program, &[&arguments[..], &STALE].concat());
    assert_eq!(result["exit"], 1, "{result:#}");
    assert!(result["stopped"]["at"].is_u64(), "{result:#}");
    assert!(started.elapsed() < Duration::from_secs(45), "{:?}", started.elapsed());
}

#[test]
fn what_cannot_be_checked_while_a_run_goes_on_is_refused() {
    let ended = Program::new().run(&["run", "--sim", "--workload", "set", "--fail-fast"]);
    assert_eq!(ended.code, 2, "{ended}");
    assert!(ended.stderr.contains("--fail-fast") && ended.stderr.contains("set"), "{ended}");
    // What it claims is a prefix of the writes, which is judged at the end.
    let prefix = Program::new().run(&["run", "--sim", "--reads", "replica", "--fail-fast"]);
    assert_eq!(prefix.code, 2, "{prefix}");
    for told in ["prefix", "--require linearizable"] {
        assert!(prefix.stderr.contains(told), "{told}: {prefix}");
    }
    assert!(Program::new().run(&["run", "--help"]).stdout.contains("--fail-fast"));
}
