//! Histories larger than the memory they may take.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use std::fmt::Write;
use std::path::PathBuf;
use std::process::Stdio;

use program::{Ended, Program};
use rashomon_checker::{Anomaly, verify};

/// What the program may take beyond its budget. The pages of a program that is built for tests count, too: about 8 MB.
const SLACK: u64 = 12_000_000;

/// What is wrong with a history.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spoiled {
    Not,
    /// One read in the middle returns what was overwritten.
    StaleRead,
}

/// A history of `operations` operations on `keys` registers, two at a time: a write of a new value,
/// and a read that sees it or the one before.
fn write_history(program: &Program, operations: u64, keys: u64, spoiled: Spoiled) -> PathBuf {
    let mut text = String::from("{\"format\":\"rashomon-history\",\"version\":1}\n");
    let mut line = |process: u64, kind: &str, f: &str, key: u64, value: u64| {
        let key = if keys == 1 { String::new() } else { format!(",\"key\":\"key-{key}\"") };
        let value = if value == 0 { "null".to_owned() } else { value.to_string() };
        writeln!(
            text,
            "{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"{f}\"{key},\"value\":{value}}}"
        )
        .unwrap();
    };
    for pair in 0..operations / 2 {
        // Keys are used in an order that is not that of their names.
        let (key, round) = (pair.wrapping_mul(7919) % keys, pair / keys + 1);
        let is_stale = spoiled == Spoiled::StaleRead && pair == operations / 4 && round > 2;
        let seen = if is_stale { round - 2 } else { round - pair % 2 };
        line(1, "invoke", "write", key, round);
        line(2, "invoke", "read", key, 0);
        line(2, "ok", "read", key, seen);
        line(1, "ok", "write", key, round);
    }
    let path = program.folder().join(format!("{keys}-keys.jsonl"));
    std::fs::write(&path, text).unwrap();
    path
}

/// Checks a file with a budget, and that it is kept where the system tells.
fn check(program: &Program, path: &str, megabytes: u64, code: i32) -> serde_json::Value {
    let budget = format!("{megabytes}MB");
    let ended = program.run(&["check", path, "--budget-memory", &budget, "--json"]);
    told(&ended, megabytes, code)
}

fn told(ended: &Ended, megabytes: u64, code: i32) -> serde_json::Value {
    assert_eq!(ended.code, code, "{ended}");
    let told: serde_json::Value = serde_json::from_str(&ended.stdout).expect("one object");
    let peak = told["peak_bytes"].as_u64();
    assert!(peak.is_some() || !cfg!(target_os = "linux"), "{ended}");
    let limit = megabytes * 1_000_000 + SLACK;
    assert!(peak.is_none_or(|peak| peak <= limit), "{peak:?} bytes at the peak\n{ended}");
    told
}

#[test]
fn many_keys_are_judged_in_groups_that_fit() {
    let program = Program::new();
    let path = write_history(&program, 300_000, 1000, Spoiled::Not);
    let told = check(&program, path.to_str().unwrap(), 40, 0);
    assert!(told["groups"].as_u64() > Some(1), "{told}");
    assert_eq!(told["operations"], 300_000);
    assert_eq!(told["keys"], 1000);
    assert_eq!(told["doubts"], serde_json::json!([]));
    let roomy = check(&program, path.to_str().unwrap(), 400, 0);
    assert_eq!(roomy["groups"], 1);
    assert_eq!(roomy["operations"], told["operations"]);
}

#[test]
fn what_is_wrong_in_some_group_is_found_and_shown() {
    let program = Program::new();
    let path = write_history(&program, 300_000, 1000, Spoiled::StaleRead);
    let in_groups = check(&program, path.to_str().unwrap(), 40, 1);
    let at_once = check(&program, path.to_str().unwrap(), 400, 1);
    assert!(in_groups["groups"].as_u64() > Some(1), "{in_groups}");
    let anomalies = &in_groups["checks"][0]["anomalies"];
    assert_eq!(*anomalies, at_once["checks"][0]["anomalies"], "the same, however it was read");
    let anomalies: Vec<Anomaly> = serde_json::from_value(anomalies.clone()).unwrap();
    assert_eq!(anomalies.len(), 1);
    for anomaly in &anomalies {
        verify::anomaly(anomaly).unwrap();
    }
}

#[test]
fn one_register_too_large_to_be_held_is_judged_while_it_passes_by() {
    let program = Program::new();
    let path = write_history(&program, 300_000, 1, Spoiled::Not);
    let tight = check(&program, path.to_str().unwrap(), 40, 0);
    assert_eq!(tight["operations"], 300_000);
    let stale = write_history(&program, 300_000, 1, Spoiled::StaleRead);
    let tight = check(&program, stale.to_str().unwrap(), 40, 1);
    let roomy = check(&program, stale.to_str().unwrap(), 400, 1);
    let [tight, roomy] = [tight, roomy].map(|told| {
        let anomaly = told["checks"][0]["anomalies"][0].clone();
        serde_json::from_value::<Anomaly>(anomaly).expect("a violation has an anomaly")
    });
    verify::anomaly(&tight).unwrap();
    assert_eq!(tight.class, roomy.class);
    let read = |anomaly: &Anomaly| anomaly.witness.operations.last().cloned();
    assert_eq!(read(&tight), read(&roomy), "it is the same read");
}

#[test]
fn what_only_a_search_can_judge_is_judged_as_far_as_it_fits() {
    let program = Program::new();
    let path = write_history(&program, 300_000, 1, Spoiled::Not);
    let mut text = std::fs::read_to_string(&path).unwrap();
    text.push_str("{\"process\":1,\"type\":\"invoke\",\"f\":\"cas\",\"value\":[1,2]}\n");
    std::fs::write(&path, text).unwrap();
    let told = check(&program, path.to_str().unwrap(), 40, 3);
    let doubt = &told["checks"][0]["undecided"][0];
    assert_eq!(doubt["doubt"], "unheld", "{told}");
    assert_eq!(doubt["events"], 600_001);
    assert!(doubt["held_events"].as_u64() > Some(50_000), "{told}");
    assert_eq!(told["operations"], 300_001, "the rest is counted");
    let text = program.run(&["check", path.to_str().unwrap(), "--budget-memory", "40MB"]);
    assert!(text.stdout.contains("a larger --budget-memory than 40 MB"), "{text}");
    check(&program, path.to_str().unwrap(), 400, 0);
}

#[test]
fn what_is_wrong_in_the_part_that_fits_is_wrong() {
    let program = Program::new();
    let path = write_history(&program, 300_000, 1, Spoiled::Not);
    let text = std::fs::read_to_string(&path).unwrap();
    let read = |value: u64| format!("\"f\":\"read\",\"value\":{value}}}");
    assert!(text.contains(&read(1001)), "early on");
    std::fs::write(&path, text.replacen(&read(1001), &read(3), 1)).unwrap();
    check(&program, path.to_str().unwrap(), 40, 1);
}

#[test]
fn a_pipe_is_judged_while_it_passes_by_or_as_far_as_it_fits() {
    let program = Program::new();
    let path = write_history(&program, 200_000, 1000, Spoiled::Not);
    let check = |megabytes: u64, model: &str, code| {
        let script = format!(
            "cat {} | \"$RASHOMON\" check - --model {model} --json --budget-memory {megabytes}MB",
            path.display()
        );
        told(&program.shell(&script), megabytes, code)
    };
    assert_eq!(check(400, "register", 0)["groups"], 1);
    check(80, "kv", 3);
    check(80, "register", 0);
    assert_eq!(check(30, "register", 3)["checks"][0]["undecided"][0]["doubt"], "unheld");
}

#[test]
fn long_values_count_too() {
    let program = Program::new();
    let mut text = String::new();
    for number in 0..400 {
        let value = format!("{number}{}", "x".repeat(100_000));
        for kind in ["invoke", "ok"] {
            writeln!(
                text,
                r#"{{"process":1,"type":"{kind}","f":"write","key":{number},"value":"{value}"}}"#
            )
            .unwrap();
        }
    }
    let path = program.folder().join("long.jsonl");
    std::fs::write(&path, text).unwrap();
    let told = check(&program, path.to_str().unwrap(), 40, 0);
    assert!(told["groups"].as_u64() > Some(1), "{told}");
    // An event that alone is too long is no crash either.
    let path = program.folder().join("longer.jsonl");
    let long = format!(
        "{{\"process\":1,\"type\":\"invoke\",\"f\":\"write\",\"value\":[{}1]}}\n",
        "1,".repeat(2_000_000)
    );
    std::fs::write(&path, long).unwrap();
    let told = check(&program, path.to_str().unwrap(), 40, 3);
    assert_eq!(told["checks"][0]["undecided"][0]["doubt"], "unread", "{told}");
}

#[test]
fn a_budget_that_makes_no_sense_is_refused() {
    for (budget, named) in [("1KB", "the program itself needs"), ("much", "as 500MB or")] {
        let ended = Program::new().run(&["check", "history.jsonl", "--budget-memory", budget]);
        assert_eq!(ended.code, 2, "{ended}");
        assert!(ended.stderr.contains(named), "{ended}");
    }
}

#[test]
fn a_time_that_is_up_is_no_verdict() {
    let program = Program::new();
    let path = write_history(&program, 200_000, 100, Spoiled::Not);
    let ended = program.run(&["check", path.to_str().unwrap(), "--budget-seconds", "0"]);
    assert_eq!(ended.code, 3, "{ended}");
    assert!(ended.stdout.contains("nothing from line"), "{ended}");
    assert!(ended.stdout.contains("a larger --budget-seconds"), "{ended}");
    program.run(&["check", path.to_str().unwrap(), "--budget-seconds", "600"]).expect(0);
}

#[test]
fn ctrl_c_ends_the_reading_at_once() {
    let program = Program::new();
    let pipe = program.folder().join("endless.jsonl");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let mut command = program.command(env!("CARGO_BIN_EXE_rashomon"), &["check", "endless.jsonl"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // As long as it is read, there is more to read.
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    let mut endless = std::fs::File::create(&pipe).unwrap();
    let mut written = 0;
    let end = loop {
        let mut lines = String::new();
        for kind in ["invoke", "ok"] {
            writeln!(lines, r#"{{"process":1,"type":"{kind}","f":"read","value":null}}"#).unwrap();
        }
        if let Err(error) = std::io::Write::write_all(&mut endless, lines.as_bytes()) {
            break error;
        }
        written += 1;
        if written == 50_000 {
            nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
        }
    };
    assert_eq!(end.kind(), std::io::ErrorKind::BrokenPipe);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("interrupted before anything was decided"), "{said}");
}
