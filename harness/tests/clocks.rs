//! Wall clocks that are wrong: which configurations break under them, and which do not.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use program::Program;
use serde_json::Value;

/// Every node holds a copy of every key, so a coordinator sees every write.
const EVERYWHERE: &str = "run leaderless --nodes 3 --n 3 -r 2 -w 2 --sim --seed 1 --json";

/// The first node's clock is ahead all the time.
fn ahead(program: &Program, by: &str) -> String {
    let plan = program.folder().join("ahead.json");
    let text = format!(
        r#"{{"format":"rashomon-plan","version":1,"spans":[
            {{"id":0,"fault":"clock","node":{{"node":1}},"ahead":{by},"start":0,"lasts":60000000000}}]}}"#
    );
    std::fs::write(&plan, text).unwrap();
    plan.display().to_string()
}

fn json(program: &Program, command: &str) -> (i32, Value) {
    let words: Vec<&str> = command.split_whitespace().collect();
    let ended = program.run(&words);
    let result = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended}"));
    (ended.code, result)
}

/// How many of these runs lose an acknowledged write.
fn losing(program: &Program, flags: &str) -> u64 {
    let plan = ahead(program, "200000000");
    let (_, series) = json(
        program,
        &format!("{EVERYWHERE} {flags} --faults {plan} --require durable --seeds 40 --keep-going"),
    );
    let violations = series["violations"].as_array().unwrap_or_else(|| panic!("{series:#}"));
    violations.len() as u64
}

#[test]
fn a_clock_200_ms_ahead_has_wall_clocks_lose_writes_and_hybrid_clocks_fewer() {
    let program = Program::new();
    let wall = losing(&program, "--conflict lww");
    let hybrid = losing(&program, "--conflict hlc");
    let quorums = losing(&program, "--write-back on");
    assert!(wall > 20, "{wall} of 40 runs lose a write by wall clock");
    assert!(hybrid < wall, "{hybrid} by hybrid clock, {wall} by wall clock");
    assert_eq!(quorums, 0, "versions made of what a quorum holds look at no clock");
}

/// A register has one value where one write wins, and all that nobody has overwritten where both survive.
#[test]
fn a_clock_200_ms_ahead_has_wall_clocks_lose_writes_hybrid_clocks_fewer_and_siblings_none() {
    let program = Program::new();
    let plan = ahead(&program, "200000000");
    // Acknowledged writes that are gone though nothing later was read; and those that no write had seen.
    let lost = |conflict: &str| {
        let [mut older, mut unseen] = [const { Vec::<Value>::new() }; 2];
        for seed in 1..=8 {
            let target = EVERYWHERE.replace("--seed 1", &format!("--seed {seed}"));
            let load = format!("--workload siblings --faults {plan} --time 1s --ops 600");
            let command = format!("{target} --conflict {conflict} {load} --require durable");
            let (_, result) = json(&program, &command);
            assert!(result["ledger"]["acknowledged"].as_u64().unwrap() > 100, "{result:#}");
            older.extend(result["ledger"]["lost"].as_array().unwrap().clone());
            let mut checks = result["checks"].as_array().unwrap().iter();
            let register = checks.find(|it| it["check"] == "mv-register").unwrap();
            unseen.extend(register["anomalies"].as_array().unwrap().clone());
        }
        (older, unseen)
    };
    let [wall, hybrid, siblings] = ["lww", "hlc", "siblings"].map(lost);
    assert!(wall.0.iter().all(|it| it["key"].is_string() && it["value"].is_i64()), "{wall:?}");
    assert!(wall.0.len() > 8 && hybrid.0.len() * 5 < wall.0.len(), "{wall:?} {hybrid:?}");
    assert!(hybrid.1.len() > 8, "one of two concurrent writes is gone, whatever clocks say");
    assert_eq!(siblings, (Vec::new(), Vec::new()));
    println!(
        "lost: {} by wall clock, {} by hybrid clock, 0 siblings",
        wall.0.len(),
        hybrid.0.len()
    );
}

#[test]
fn a_hybrid_clock_that_forgets_what_it_has_seen_loses_writes_and_one_that_does_not_loses_none() {
    let program = Program::new();
    let plan = ahead(&program, "200000000");
    let all = EVERYWHERE.replace("-r 2 -w 2", "-r 1 -w 3");
    let of = |flags: &str| {
        let command =
            format!("{all} --conflict hlc {flags} --faults {plan} --require durable --seeds 40");
        json(&program, &command)
    };
    let (code, clean) = of("--keep-going");
    assert_eq!(code, 0, "each write is seen by all before it is acknowledged\n{clean:#}");
    let (code, planted) = of("--bug lww-clock-backwards");
    assert_eq!(code, 1, "{planted:#}");
}

#[test]
fn a_clock_that_is_wrong_is_counted_and_what_is_promised_of_registers_is_less() {
    let program = Program::new();
    let (code, result) = json(&program, "run leaderless --sim --seed 1 --faults clock --json");
    assert_eq!(code, 0, "{result:#}");
    let faults = result["evidence"]["faults"].as_array().unwrap();
    assert!(!faults.is_empty());
    for fault in faults {
        assert_eq!(fault["efficacy"]["clocks_set"], 1, "{fault:#}");
    }
    let required = &result["required"]["checks"];
    assert_eq!(required, &serde_json::json!(["convergent"]), "{result:#}");
    let (_, set) =
        json(&program, "run leaderless --workload set --sim --seed 1 --faults clock --json");
    assert!(set["required"]["checks"].as_array().unwrap().len() > 1, "{set:#}");
}

/// That the clock moves, that of the host does not, and that it is set right: the conformance suite reads
/// the clocks themselves.
#[test]
fn faults_of_clocks_strike_real_nodes_and_what_looks_at_no_date_keeps_its_promise() {
    let program = Program::new();
    let (code, result) =
        json(&program, "run primary-replica --faults clock --time 2s --seed 1 --json");
    // A machine that stalls may keep a fault from having an effect: unknown, and never a violation.
    assert!([0, 3].contains(&code), "{result:#}");
    let faults = result["evidence"]["faults"].as_array().unwrap();
    assert!(faults.iter().any(|fault| fault["efficacy"]["clocks_set"] == 1), "{result:#}");
}
