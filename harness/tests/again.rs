//! What failed on real processes is run again there, and found in simulation; what failed in simulation is run on real
//! processes.
//!
//! `RASHOMON_TRIALS=20 cargo test --release -p rashomon --test again -- --nocapture` measures how often ten planted bugs,
//! found and cut down in simulation, come back on real processes, and whether violations seen there are found in simulation.

#![allow(
    clippy::unwrap_used,
    clippy::allow_attributes,
    clippy::print_stdout,
    reason = "tests may, and one prints a table"
)]

mod program;

use program::Program;
use serde_json::Value;

/// A store that is not linearizable.
const STALE: [&str; 12] =
    ["run", "leaderless", "--seed", "1", "-r", "1", "-w", "1", "--time", "1s", "--faults", "none"];

fn object(program: &Program, words: &[&str]) -> Value {
    let ended = program.run(&[words, &["--json", "--quiet"]].concat());
    let told: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended}"));
    assert_eq!(told["exit"], ended.code, "{ended}");
    told
}

#[test]
fn a_violation_on_real_processes_is_run_again_with_its_operations_and_found_in_simulation() {
    let program = Program::new();
    let first = program.run(&[&STALE[..], &["--require", "linearizable"]].concat());
    first.expect(1);
    let as_run = std::fs::read_to_string(program.latest().join("as-run.json")).unwrap();
    let as_run: Value = serde_json::from_str(&as_run).unwrap();
    let run = std::fs::canonicalize(program.latest()).unwrap();
    let run = run.to_str().unwrap();

    let told = object(&program, &["replay", run, "--trials", "2"]);
    assert_eq!((&told["asked"], &told["trials"]), (&2.into(), &2.into()), "{told:#}");
    let sum: u64 =
        ["same", "other", "valid", "unknown"].iter().map(|it| told[it].as_u64().unwrap()).sum();
    assert_eq!(sum, 2, "{told:#}");
    assert!(told["failure"]["class"].is_string(), "{told:#}");
    // Each invoked what the run had invoked, of each kind as often.
    let again = std::fs::read_to_string(program.latest().join("scenario.json")).unwrap();
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!(again["operations"], as_run["operations"]);
    let asked = as_run["operations"].as_array().unwrap().len();
    let history = std::fs::read_to_string(program.latest().join("history.jsonl")).unwrap();
    let written = |text: &str| text.lines().filter(|it| it.contains("\"write\"")).count();
    let in_history = history.lines().filter(|it| it.contains("\"invoke\"")).count();
    assert!(in_history >= asked, "{in_history} of {asked}");
    assert!(written(&history) > 0);

    let found = object(&program, &["reproduce", run, "--budget", "100"]);
    assert_eq!(found["exit"], 1, "{found:#}");
    assert_eq!(found["failure"], told["failure"]);
    let simulated = found["run"].as_str().unwrap();
    let same = program.run(&["replay", simulated]);
    same.expect(1);
    assert!(same.stderr.contains("byte for byte"), "{same}");
}

#[test]
fn what_is_the_same_each_time_or_was_no_violation_is_refused_with_what_to_do() {
    let program = Program::new();
    program.run(&["run", "--sim", "--seed", "1", "--ops", "50", "--faults", "none"]);
    let refused = program.run(&["replay", "latest", "--trials", "3"]);
    refused.expect(2);
    assert!(refused.stderr.contains("add --real"), "{refused}");
    let refused = program.run(&["reproduce", "latest"]);
    refused.expect(2);
    assert!(refused.stderr.contains("was simulated"), "{refused}");
}

/// Bugs that are found in simulation, and the words of the run.
const BUGS: [(&str, &str); 10] = [
    ("pr-ack-before-fsync", "primary-replica --workload set --faults kill --ops 400"),
    (
        "ql-ack-before-fsync",
        "leaderless --write-back on -r 1 -w 3 --faults kill --time 300ms --ops 900 --processes 24",
    ),
    ("abd-async-write-back", "leaderless --write-back on --faults messages --ops 600"),
    ("no-fencing", "primary-replica --failover external --faults pause --time 16s"),
    (
        "raft-follower-ack-early",
        "primary-replica --failover raft --faults kill --time 4s --processes 24",
    ),
    ("read-exposes-undurable", "primary-replica --faults kill"),
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
];

#[test]
fn planted_bugs_that_simulation_found_are_looked_for_on_real_processes() {
    let Ok(trials) = std::env::var("RASHOMON_TRIALS") else { return };
    let (mut came_back, mut seen, mut reproduced) = (0, 0, 0);
    for (bug, words) in BUGS {
        let program = Program::new();
        let words: Vec<&str> = words.split(' ').collect();
        let found = ["run", "--sim", "--seed", "1", "--seeds", "400", "--bug", bug, "--quiet"];
        program.run(&[&found[..], &words].concat()).expect(1);
        let real = object(&program, &["replay", "latest", "--real", "--trials", &trials]);
        let runs = real["runs"].as_array().unwrap();
        let failing = runs.iter().find(|it| it["came"] == "same");
        let failing = failing.or_else(|| runs.iter().find(|it| it["came"] == "other"));
        came_back += u64::from(real["same"].as_u64() > Some(0));
        let again = failing.map(|it| {
            seen += 1;
            let run = it["run"].as_str().unwrap();
            let again = object(&program, &["reproduce", run, "--budget", "2000"]);
            reproduced += u64::from(again["exit"] == 1);
            (again["tried"].clone(), again["from"].clone())
        });
        println!(
            "{bug:26} {}: same {} other {} of {}; in simulation {again:?}",
            real["failure"]["what"], real["same"], real["other"], real["trials"]
        );
    }
    println!("{came_back} of 10 came back; {reproduced} of {seen} were found in simulation again");
    assert!(came_back >= 8 && reproduced * 10 >= seen * 9, "{came_back}, {reproduced} of {seen}");
}
