//! A family that is one folder and one line goes through the whole program: `solo`, which only tests
//! are compiled with. Nothing in the harness knows it.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use std::process::Command;

use program::{Ended, Program};

fn run(arguments: &str) -> (Program, Ended) {
    let program = Program::new();
    let ended = program.run(&arguments.split_whitespace().collect::<Vec<_>>());
    (program, ended)
}

#[test]
fn the_family_and_its_bug_are_listed_and_have_their_help() {
    let (_, targets) = run("list targets");
    assert!(targets.stdout.lines().any(|line| line.starts_with("solo ")), "{targets}");
    let (_, bugs) = run("list bugs");
    assert!(bugs.stdout.contains("solo-takes-twice"), "{bugs}");
    let (_, unknown) = run("run solo --replication sync --sim");
    assert_eq!(unknown.code, 2, "a flag of another family\n{unknown}");
    let (_, other) = run("run leaderless --bug solo-takes-twice --sim");
    assert_eq!(other.code, 2, "a bug of another family\n{other}");
}

#[test]
fn the_family_keeps_its_claim_in_simulation_with_every_workload_that_it_offers() {
    for workload in ["register", "set", "counter"] {
        // A node that only passes things on may be paused while nobody asks it, and then the pause
        // changes nothing.
        let faults = "partition,messages,kill,corrupt --sim --seed 1 --seeds 20";
        let words = format!("run solo --workload {workload} --faults {faults}");
        let (_, ended) = run(&format!("{words} --keep-going"));
        assert_eq!(ended.code, 0, "{words}\n{ended}");
    }
}

#[test]
fn the_family_keeps_its_claim_as_real_processes_and_the_run_is_judged_by_it() {
    let (program, ended) = run("run solo --faults kill,messages --time 3s --ops 600 --seed 1");
    // A machine that stalls can keep a fault from having an effect, which is said: never a violation.
    assert!(ended.code == 0 || ended.code == 3, "{ended}");
    let verdict = std::fs::read_to_string(program.latest().join("verdict.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&verdict).unwrap();
    assert_eq!(record["claim"]["registers"], "linearizable", "{record:#}");
    let checks = record["checks"].as_array().unwrap();
    let linearizable = checks.iter().find(|it| it["check"] == "linearizable").unwrap();
    assert_eq!(linearizable["verdict"], "valid", "{record:#}");
}

#[test]
fn the_planted_bug_of_the_family_is_found_and_its_story_is_told() {
    let words = "run solo --bug solo-takes-twice --faults messages --sim --seed 1 --seeds 60";
    let (program, ended) = run(words);
    assert_eq!(ended.code, 1, "{words}\n{ended}");
    let (_, clean) = run("run solo --faults messages --sim --seed 1 --seeds 60 --keep-going");
    assert_eq!(clean.code, 0, "{clean}");
    let latest = program.latest();
    let again = program.run(&["check", latest.to_str().unwrap()]);
    assert_eq!(again.code, 1, "{again}");
}

/// The features that cargo switches on for the program, with the dependencies of these kinds.
fn features(kinds: &str) -> String {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--package", "rashomon", "--edges", kinds])
        .args(["--format", "{p} {f}", "--prefix", "none"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    String::from_utf8(tree.stdout).unwrap()
}

#[test]
fn a_program_that_is_not_built_for_tests_does_not_have_the_family() {
    let has_it = |tree: &str| tree.lines().any(|line| line.contains("test-family"));
    let released = features("normal,build");
    assert!(released.contains("rashomon-targets"), "{released}");
    assert!(!has_it(&released), "{released}");
    assert!(has_it(&features("normal,build,dev")), "the question can be answered with yes");
}
