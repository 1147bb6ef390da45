//! `check --invariant`: what each kind of object promises however weak its consistency is.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use program::{Ended, Program};
use serde_json::Value;

/// One client at a time: who, what, its argument, and what it returned. A millisecond an event.
fn in_turn(ops: &[(u32, &str, &str, &str)]) -> String {
    let mut lines = String::new();
    for (at, (process, f, argument, returned)) in ops.iter().enumerate() {
        for (kind, value, time) in [("invoke", argument, at * 2), ("ok", returned, at * 2 + 1)] {
            let time = time * 1_000_000;
            lines.push_str(&format!(
                "{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"{f}\",\"value\":{value},\
                 \"time\":{time}}}\n"
            ));
        }
    }
    lines
}

fn check(program: &Program, text: &str, arguments: &str) -> Ended {
    std::fs::write(program.folder().join("h.jsonl"), text).unwrap();
    let words: Vec<&str> = ["check", "h.jsonl"].into_iter().chain(arguments.split(' ')).collect();
    program.run(&words)
}

/// A page in one line, without its frame.
fn flat(page: &str) -> String {
    page.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_bank_that_makes_money_breaks_its_invariant_and_needs_no_model() {
    let program = Program::new();
    let read = |balances| (0, "read", "null", balances);
    let kept = [read(r#"{"a":5,"b":5}"#), read(r#"{"a":4,"b":6}"#)];
    check(&program, &in_turn(&kept), "--invariant bank").expect(0);
    let made = [kept[0], kept[1], read(r#"{"a":5,"b":6}"#)];
    let told = check(&program, &in_turn(&made), "--invariant bank");
    told.expect(1);
    let page = flat(&told.stdout);
    assert!(page.contains("balances that add up to 11, where others add up to 10"), "{page}");
    assert!(page.contains("3 reads, 1 wrong-total"), "{page}");
    assert!(!page.contains("linearizable"), "nothing else is asked: {page}");
    // Two are asked, and one of them has nothing to say of it.
    check(&program, &in_turn(&kept), "--invariant bank,unique-ids").expect(3);
}

#[test]
fn all_anomalies_of_an_invariant_are_counted_those_that_are_not_listed_too() {
    let program = Program::new();
    let same = in_turn(&[(0, "generate", "null", "7"); 31]);
    let told = check(&program, &same, "--invariant unique-ids --json");
    told.expect(1);
    let report: Value = serde_json::from_str(&told.stdout).unwrap();
    let found = &report["checks"][0];
    assert_eq!((found["anomalies"].as_array().unwrap().len(), &found["found"]), (10, &30.into()));
    let page = flat(&check(&program, &same, "--invariant unique-ids").stdout);
    assert!(page.contains("and 27 more; --json has the first ones"), "{page}");
}

#[test]
fn an_invariant_that_does_not_fit_a_history_is_to_be_replaced_not_the_model() {
    let program = Program::new();
    let words = in_turn(&[(0, "read", "null", r#"{"a":"much"}"#)]);
    let told = check(&program, &words, "--invariant bank");
    told.expect(3);
    let page = flat(&told.stdout);
    assert!(page.contains("--invariant with another one (`rashomon list invariants`)"), "{page}");
}

#[test]
fn a_set_tells_what_became_of_its_elements_and_how_late_they_were() {
    let program = Program::new();
    let late = in_turn(&[
        (0, "add", "1", "1"),
        (0, "add", "2", "2"),
        (1, "read", "null", "[1]"),
        (1, "read", "null", "[1,2]"),
    ]);
    let told = check(&program, &late, "--json");
    told.expect(1); // It is not linearizable.
    let report: Value = serde_json::from_str(&told.stdout).unwrap();
    let full = &report["checks"][1];
    assert_eq!([&full["check"], &full["verdict"]], ["set-full", "valid"]);
    assert_eq!(full["required"], false);
    let stale =
        full["figures"].as_array().unwrap().iter().find(|it| it["name"] == "stale").unwrap();
    assert_eq!([&stale["number"], &stale["some"][0]["value"]], [1, 2]);
    // Acknowledged at 3 ms; the read without it began at 4 ms.
    assert_eq!(full["latencies"][0]["max"], 1_000_000);
    let page = flat(&check(&program, &late, "--invariant set-full").stdout);
    assert!(page.contains("stable latency of 1: p50 1.000 ms"), "{page}");
}

#[test]
fn an_invariant_that_there_is_not_is_named_with_what_may_be_meant() {
    let program = Program::new();
    let ended = check(&program, &in_turn(&[(0, "read", "null", "1")]), "--invariant bnak");
    ended.expect(2);
    assert!(ended.stderr.contains("bank"), "{}", ended.stderr);
    let listed = program.run(&["list", "invariants"]);
    listed.expect(0);
    assert!(listed.stdout.contains("total-queue"), "{}", listed.stdout);
}
