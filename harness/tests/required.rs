//! The verdict answers what was required: the claim, or what `--require` names. What else is found is
//! shown, and is no violation.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use program::Program;
use serde_json::{Value, json};

/// Runs, and returns the exit code, the text and the record.
fn run(arguments: &str) -> (i32, String, Value) {
    let program = Program::new();
    let ended = program.run(&arguments.split(' ').collect::<Vec<_>>());
    let record = std::fs::read_to_string(program.latest().join("verdict.json")).unwrap();
    (ended.code, ended.stdout, serde_json::from_str(&record).unwrap())
}

fn check<'a>(record: &'a Value, name: &str) -> &'a Value {
    record["checks"].as_array().unwrap().iter().find(|check| check["check"] == name).unwrap()
}

#[test]
fn what_is_found_beyond_the_claim_is_shown_as_not_promised_and_exits_0() {
    let (code, text, record) = run("run --sim --seed 3 --reads replica");
    assert_eq!(code, 0, "{text}");
    for told in
        ["✓ NO VIOLATION FOUND", "✓ prefix", "✗ linearizable   (not promised)", "stale read"]
    {
        assert!(text.contains(told), "{told}: {text}");
    }
    let required =
        json!({"by": "claim", "checks": ["prefix", "durable", "convergent"], "uncovered": []});
    assert_eq!(record["required"], required);
    assert_eq!((&record["verdict"], &record["claim_broken"]), (&json!("valid"), &json!(false)));
    let beyond = check(&record, "linearizable");
    assert_eq!(beyond["verdict"], "invalid", "{beyond}");
    assert_eq!((&beyond["required"], &beyond["promised"]), (&json!(false), &json!(false)));
}

#[test]
fn the_same_run_is_a_violation_where_the_stronger_consistency_is_required() {
    let (code, text, record) = run("run --sim --seed 3 --reads replica --require linearizable");
    assert_eq!(code, 1, "{text}");
    for told in
        ["✗ VIOLATION", "not broken: the run required more than it promises", "(by --require)"]
    {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert_eq!(record["required"]["by"], "flag");
    assert_eq!((&record["verdict"], &record["claim_broken"]), (&json!("violation"), &json!(false)));
    assert!(check(&record, "prefix")["promised"].as_bool().unwrap(), "{record:#}");
    assert!(record["again"].as_str().unwrap().contains("--require linearizable"), "{record:#}");
}

#[test]
fn a_series_answers_what_was_required_too() {
    let program = Program::new();
    let seeds = ["run", "--sim", "--seed", "1", "--seeds", "4", "--reads", "replica"];
    let claimed = program.run(&seeds);
    claimed.expect(0);
    assert!(claimed.stdout.contains("4 valid"), "{claimed}");
    program.run(&[&seeds[..], &["--require", "linearizable"]].concat()).expect(1);
}

#[test]
fn a_broken_claim_is_a_violation_without_being_asked_for() {
    let (code, text, record) = run("run --sim --seed 1 --bug pr-ack-before-fsync --faults kill");
    assert_eq!((code, &record["claim_broken"]), (1, &json!(true)), "{text}");
    assert!(text.contains("broken by this run"), "{text}");
}

#[test]
fn what_no_checker_judges_is_not_judged_and_exits_3_if_it_was_required() {
    let (code, text, record) = run("run --sim --seed 1 --workload set --require read-committed");
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("– read-committed, not judged"), "{text}");
    assert_eq!(check(&record, "read-committed")["verdict"], "not-judged", "{record:#}");
    let both = "run --sim --seed 1 --require durable,convergent --faults none";
    assert_eq!(run(both).0, 0, "several may be named");
}

#[test]
fn what_can_be_required_is_listed_and_a_misspelt_name_is_guessed_at() {
    let program = Program::new();
    let listed = program.run(&["list", "consistency"]);
    for name in ["linearizable", "regular", "prefix", "durable", "convergent"] {
        assert!(listed.stdout.lines().any(|line| line.starts_with(name)), "{name}: {listed}");
    }
    let misspelt = program.run(&["run", "--require", "linearisable"]);
    misspelt.expect(2);
    assert!(misspelt.stderr.contains("did you mean `linearizable`?"), "{misspelt}");
}
