//! `check --ladder` and `check --require`: which consistency models a history keeps, and which it breaks.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use program::{Ended, Program};
use serde_json::Value;

/// Lines of a history: process, type, function and value of each event.
fn history(events: &[(u32, &str, &str, Value)]) -> String {
    let line = |(process, kind, f, value): &(u32, &str, &str, Value)| {
        format!("{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"{f}\",\"value\":{value}}}\n")
    };
    events.iter().map(line).collect()
}

/// One client at a time: who, what, and the value written or read.
fn in_turn(ops: &[(u32, &str, Value)]) -> String {
    let events: Vec<(u32, &str, &str, Value)> = ops
        .iter()
        .flat_map(|(process, f, value)| {
            let argument = if *f == "read" { Value::Null } else { value.clone() };
            [(*process, "invoke", *f, argument), (*process, "ok", *f, value.clone())]
        })
        .collect();
    history(&events)
}

/// A page in one line, without its frame.
fn flat(page: &str) -> String {
    page.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check(program: &Program, text: &str, arguments: &str) -> Ended {
    std::fs::write(program.folder().join("h.jsonl"), text).unwrap();
    let words: Vec<&str> = ["check", "h.jsonl"].into_iter().chain(arguments.split(' ')).collect();
    program.run(&words)
}

/// A read of another session that is stale, and nothing else.
fn stale() -> String {
    in_turn(&[(0, "write", 1.into()), (1, "read", Value::Null)])
}

/// What the ladder says of a model.
fn standing<'a>(report: &'a Value, model: &str) -> &'a str {
    let rungs = report["ladder"]["rungs"].as_array().unwrap();
    let rung = rungs.iter().find(|rung| rung["consistency"] == model).unwrap();
    rung["standing"].as_str().unwrap()
}

#[test]
fn the_ladder_of_a_file_tells_what_is_held_broken_and_not_judged_and_leaves_the_exit_code_alone() {
    let program = Program::new();
    let told = check(&program, &stale(), "--ladder");
    told.expect(1);
    for part in ["held", "sequential, 2-atomic", "so causal", "broken", "safe: stale read"] {
        assert!(told.stdout.contains(part), "{part}\n{told}");
    }
    assert!(told.stdout.contains("unjudged  "), "{told}");
    let valid = in_turn(&[(0, "write", 1.into()), (1, "read", 1.into())]);
    let told = check(&program, &valid, "--ladder --quiet");
    assert!(told.stdout.contains("linearizable; so sequential"), "{told}");
}

/// What each session knows of each other takes more than what is left of the memory.
#[test]
fn the_ladder_keeps_to_the_memory_budget() {
    let program = Program::new();
    let relay = (1..3_000_u32)
        .flat_map(|at| [(at, "read", Value::from(at - 1)), (at, "write", Value::from(at))]);
    let first = [(0, "write", Value::from(0)), (3_000, "read", Value::Null)];
    let ops: Vec<(u32, &str, Value)> = first.into_iter().chain(relay).collect();
    let told = check(&program, &in_turn(&ops), "--ladder --budget-memory 30MB --json");
    told.expect(1);
    assert!(told.stdout.contains("the vector clocks take more than the budget of"), "{told}");
}

/// A text begins empty: that nothing wrote "" is no anomaly, whatever else is.
#[test]
fn an_empty_text_that_nothing_wrote_breaks_no_model_of_sessions() {
    let program = Program::new();
    let read = |value: &str| [(0, "invoke", "get", Value::Null), (0, "ok", "get", value.into())];
    let write = [(1, "invoke", "put", "a".into()), (1, "ok", "put", Value::Null)];
    let stale = history(&[read("").as_slice(), &write, &read("a"), &read("")].concat());
    let told = check(&program, &stale, "--model kv --ladder");
    told.expect(1);
    assert!(told.stdout.contains("broken    linearizable: stale read"), "{told}");
    assert!(!told.stdout.contains("never written"), "{told}");
    let told = check(&program, &stale, "--model kv --require read-your-writes");
    told.expect(3);
    let told = flat(&told.stdout);
    assert!(told.contains("defined for registers, not for a kv"), "{told}");
    // Nor is one that a replica holds in the end.
    let last = r#"{"process":2,"type":"invoke","f":"get","final":true,"node":"n1"}
        {"process":2,"type":"ok","f":"get","value":"","final":true,"node":"n1"}
        "#;
    let told = check(&program, &format!("{}{last}", history(&write)), "--model kv");
    told.expect(3);
    let told = flat(&told.stdout);
    assert!(told.contains("not for a kv"), "{told}");
}

#[test]
fn each_of_the_weakest_models_broken_is_told_with_its_witness() {
    let program = Program::new();
    let lines = in_turn(&[(0, "write", 1.into()), (0, "read", Value::Null)]);
    let told = check(&program, &lines, "--ladder");
    assert!(told.stdout.contains("not read-your-writes: read-your-writes violation"), "{told}");
    assert!(
        told.stdout
            .contains("w1 is visible to r1, because p0 wrote it earlier in the same session"),
        "{told}"
    );
    let report: Value =
        serde_json::from_str(&check(&program, &lines, "--ladder --json").stdout).unwrap();
    assert_eq!(report["ladder"]["weakest_broken"][0], "read-your-writes", "{report:#}");
    assert_eq!(standing(&report, "causal"), "falls", "{report:#}");
}

#[test]
fn what_a_file_is_required_to_be_decides_the_exit_code() {
    let program = Program::new();
    check(&program, &stale(), "--require causal-memory").expect(0);
    check(&program, &stale(), "--require causal,prefix --require pram").expect(0);
    let regular = check(&program, &stale(), "--require prefix,regular");
    regular.expect(1);
    assert!(
        regular.stdout.contains("✓ prefix") && regular.stdout.contains("✗ regular"),
        "{regular}"
    );
    check(&program, &stale(), "--require linearizable").expect(1);
}

#[test]
fn what_a_stronger_model_implies_is_held_and_what_a_weaker_one_breaks_is_broken() {
    let program = Program::new();
    let valid = in_turn(&[(0, "write", 1.into()), (1, "read", 1.into())]);
    let held = check(&program, &valid, "--require sequential");
    held.expect(0);
    assert!(held.stdout.contains("linearizable holds, and implies sequential"), "{held}");
    let unseen = in_turn(&[(0, "write", 1.into()), (0, "read", Value::Null)]);
    check(&program, &unseen, "--require sequential").expect(1);
}

#[test]
fn what_is_not_judged_is_unknown_with_the_reason_and_what_to_do() {
    let program = Program::new();
    let twice = in_turn(&[
        (0, "write", 1.into()),
        (1, "write", 1.into()),
        (2, "read", 1.into()),
        (2, "read", Value::Null),
    ]);
    let told = check(&program, &twice, "--require pram");
    told.expect(3);
    assert!(flat(&told.stdout).contains("a read does not name its write"), "{told}");
    assert!(flat(&told.stdout).contains("no value is written twice"), "{told}");
    let told = check(&program, &stale(), "--require read-committed");
    told.expect(3);
    assert!(flat(&told.stdout).contains("`read-committed` is not judged"), "{told}");
    assert!(flat(&told.stdout).contains("rashomon list consistency"), "{told}");
}

#[test]
fn how_stale_reads_are_is_told_in_numbers_and_required_as_a_k() {
    let program = Program::new();
    let old = in_turn(&[
        (0, "write", 1.into()),
        (0, "write", 2.into()),
        (0, "write", 3.into()),
        (1, "read", 1.into()),
        (1, "read", 3.into()),
    ]);
    let told = check(&program, &old, "--ladder");
    let told = flat(&told.stdout);
    assert!(told.contains("stale 1 of 2 reads; versions behind p50 0, p99 2, max 2"), "{told}");
    assert!(told.contains("k-atomic for k = 3"), "{told}");
    let report: Value =
        serde_json::from_str(&check(&program, &old, "--ladder --json").stdout).unwrap();
    let staleness = &report["ladder"]["staleness"];
    assert_eq!((&staleness["k_least"], &staleness["k_most"]), (&3.into(), &3.into()));
    assert_eq!(staleness["versions_behind"]["max"], 2, "{report:#}");
    check(&program, &old, "--require k-atomic:3").expect(0);
    let told = check(&program, &old, "--require 2-atomic");
    told.expect(1);
    assert!(flat(&told.stdout).contains("2 newer values were known before"), "{told}");
    check(&program, &old, "--require sequential").expect(0);
}

#[test]
fn a_misspelt_model_is_refused_with_a_suggestion() {
    let told = check(&Program::new(), &stale(), "--require casual");
    told.expect(2);
    assert!(told.stderr.contains("did you mean `causal`?"), "{told}");
}

#[test]
fn a_stored_run_is_required_to_be_something_else_and_its_ladder_is_told() {
    let program = Program::new();
    let run = "run primary-replica --replication async --reads any --failover none --sim --seed 1 \
               --faults none --quiet";
    program.run(&run.split_whitespace().collect::<Vec<_>>()).expect(0);
    program.run(&["check", "latest", "--require", "linearizable"]).expect(1);
    let told = program.run(&["check", "latest", "--ladder"]);
    told.expect(0);
    assert!(
        told.stdout.contains("LADDER")
            && told.stdout.contains("read-your-writes: read-your-writes"),
        "{told}"
    );
    let told = program.run(&["check", "latest", "--ladder", "--json"]);
    let record: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(record["format"], "rashomon-record", "{told}");
    assert_eq!(standing(&record, "linearizable"), "broken", "{told}");
}

#[test]
fn a_run_tells_its_ladder_where_that_is_asked_for() {
    let program = Program::new();
    let run = "run primary-replica --sim --seed 1 --faults none --ladder";
    let told = program.run(&run.split_whitespace().collect::<Vec<_>>());
    told.expect(0);
    assert!(told.stdout.contains("LADDER") && told.stdout.contains("; so sequential"), "{told}");
    let told = program.run(&format!("{run} --json").split_whitespace().collect::<Vec<_>>());
    let record: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(record["format"], "rashomon-record", "{told}");
    assert_eq!(standing(&record, "sequential"), "implied", "{told}");
    // The workload has `cas`, for which k-atomicity is not defined.
    let staleness = &record["ladder"]["staleness"];
    assert!(staleness["reads"].as_u64() > Some(0) && staleness["k_most"].is_null(), "{told}");
    assert_eq!(staleness["stale_reads"], 0, "{told}");
}

#[test]
fn a_run_required_to_be_sequential_is_answered_by_implication() {
    let program = Program::new();
    let run = "run primary-replica --sim --seed 1 --faults none --require sequential --json";
    let told = program.run(&run.split_whitespace().collect::<Vec<_>>());
    told.expect(0);
    let record: Value = serde_json::from_str(&told.stdout).unwrap();
    let checks = record["checks"].as_array().unwrap();
    let sequential = checks.iter().find(|check| check["check"] == "sequential").unwrap();
    assert_eq!(sequential["verdict"], "valid", "{record:#}");
}

/// A target, the strongest consistency model that its claim names, the next one up, and seeds.
struct Landing(&'static str, &'static str, Option<&'static str>, std::ops::RangeInclusive<u64>);

const LANDINGS: [Landing; 8] = [
    Landing(
        "primary-replica --replication async --reads primary --failover none --faults all",
        "linearizable",
        None,
        1..=3,
    ),
    Landing("primary-replica --failover raft --faults all", "linearizable", None, 1..=3),
    Landing(
        "primary-replica --replication async --reads any --failover none --faults none",
        "prefix",
        Some("regular"),
        1..=2,
    ),
    Landing(
        "primary-replica --failover raft --raft-reads follower-local --faults none",
        "prefix",
        Some("regular"),
        1..=2,
    ),
    Landing("leaderless --n 3 -r 2 -w 2 --write-back on --faults all", "linearizable", None, 1..=3),
    Landing(
        "leaderless --n 3 -r 2 -w 2 --write-back off --faults none",
        "regular",
        Some("linearizable"),
        1..=8,
    ),
    Landing(
        "leaderless --n 3 -r 1 -w 1 --faults none",
        "convergent",
        Some("monotonic-reads"),
        1..=2,
    ),
    Landing("multi-leader --faults none", "convergent", Some("read-your-writes"), 1..=2),
];

/// Models of registers, the strongest first.
const MODELS: [&str; 4] = ["linearizable", "regular", "prefix", "convergent"];

/// Checks that what the claim names holds in each run, and that one of them refutes the next.
#[track_caller]
fn lands_on_its_claim(Landing(target, claimed, next, seeds): &Landing) {
    let program = Program::new();
    let mut is_refuted = next.is_none();
    for seed in seeds.clone() {
        let run = format!("run {target} --sim --seed {seed} --quiet");
        program.run(&run.split_whitespace().collect::<Vec<_>>());
        let told = program.run(&["check", "latest", "--ladder", "--json"]);
        let record: Value = serde_json::from_str(&told.stdout).unwrap();
        let claims = record["required"]["checks"].as_array().unwrap();
        let strongest = MODELS.iter().find(|model| claims.iter().any(|it| it == **model));
        assert_eq!(strongest, Some(claimed), "{target} claims something else");
        let holds = matches!(standing(&record, claimed), "held" | "implied");
        assert!(holds, "{run} is not {claimed}");
        let is_broken = |next: &&str| matches!(standing(&record, next), "broken" | "falls");
        is_refuted |= next.as_ref().is_some_and(is_broken);
    }
    assert!(is_refuted, "no run of {target} refutes {next:?}");
}

#[test]
fn each_reference_target_lands_on_the_rung_that_its_claim_names_and_a_run_refutes_the_next() {
    LANDINGS.iter().for_each(lands_on_its_claim);
}
