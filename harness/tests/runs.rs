//! Runs as a user meets them: series of seeds, stored runs, results that cannot be written.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use program::{Ended, Program};

#[test]
fn a_result_that_cannot_be_written_is_an_error_and_a_reader_that_left_is_none() {
    let program = Program::new();
    let full = program.shell("\"$RASHOMON\" list bugs --json > /dev/full");
    assert_eq!(full.code, 2, "{full}");
    assert!(full.stderr.contains("cannot write to standard output: No space left"), "{full}");
    let violated = "\"$RASHOMON\" run --sim --seed 3 --reads replica --require linearizable --json > /dev/full";
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
    let linearizable = ["--reads", "replica", "--require", "linearizable"];
    let arguments = [&["run", "--sim", "--seed", "1", "--seeds", "50"][..], &linearizable].concat();
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
    assert_eq!(result["unknown"], serde_json::json!([1, 2, 3, 4]), "{result:#}");
    for unknown in result["not_valid"].as_array().unwrap() {
        let doubts = unknown["doubts"].to_string();
        assert!(doubts.contains("was planned for 90.000 s"), "{result:#}");
        assert!(doubts.contains("harness") && doubts.contains("a longer --time"), "{result:#}");
    }
    let told = program.run(&arguments);
    let advice = "4 runs unknown, the first of seed 1: harness: give a longer --time";
    assert!(told.stdout.contains(advice), "{told}");
    assert!(told.stdout.contains("4 runs from seed 1: 4 unknown"), "{told}");
}

/// What a JSON result says of each check, and of the whole.
fn answers(ended: &Ended) -> (i32, serde_json::Value) {
    let mut result: serde_json::Value = serde_json::from_str(&ended.stdout).expect("one object");
    // How long judging takes is the machine's affair.
    result["evidence"].as_object_mut().map(|it| it.remove("judged_seconds"));
    let parts = ["verdict", "checks", "doubts", "ledger", "evidence", "stopped", "claim_broken"];
    let of = |part: &str| (part.to_owned(), result[part].clone());
    (ended.code, parts.iter().map(|part| of(part)).collect())
}

#[test]
fn a_stored_run_is_asked_what_run_asked_and_answers_the_same() {
    let runs: [&[&str]; 5] = [
        &["--seed", "1"],
        &["--seed", "3", "--reads", "replica"],
        &["--seed", "3", "--reads", "replica", "--require", "linearizable", "--fail-fast"],
        // A set is asked whether it converges, not whether it is linearizable.
        &["--seed", "2", "leaderless", "-r", "1", "-w", "1", "--workload", "set"],
        &["--seed", "1", "leaderless", "--write-back", "on", "--faults", "all"],
    ];
    for run in runs {
        let program = Program::new();
        let first = program.run(&[&["run", "--sim", "--json"], run].concat());
        let folder = std::fs::canonicalize(program.latest()).unwrap();
        let id = folder.file_name().unwrap().to_str().unwrap();
        let history = folder.join("history.jsonl");
        for name in ["latest", id, &id[..12], folder.to_str().unwrap(), history.to_str().unwrap()] {
            let again = program.run(&["check", name, "--json"]);
            assert_eq!(answers(&again), answers(&first), "{run:?} by {name}\n{again}");
        }
        let told = program.run(&["check", "latest"]);
        assert_eq!(told.code, first.code, "{told}");
        // Other questions are put to the history alone.
        let model = if run.contains(&"set") { "set" } else { "cas-register" };
        let other = program.run(&["check", "latest", "--model", model, "--json"]);
        assert!(other.stdout.contains("rashomon-check"), "{other}");
    }
}

#[test]
fn a_stored_run_is_as_unknown_as_it_was() {
    let program = Program::new();
    let path = program.folder().join("plan.json");
    std::fs::write(&path, LATE).unwrap();
    let first = program.run(&["run", "--sim", "--json", "--faults", path.to_str().unwrap()]);
    assert_eq!(first.code, 3, "{first}");
    assert_eq!(answers(&program.run(&["check", "latest", "--json"])), answers(&first));
}

#[test]
fn a_replay_is_compared_with_its_own_new_run() {
    let program = Program::new();
    program.run(&["run", "--sim", "--seed", "1", "--ops", "200"]).expect(0);
    let first = std::fs::canonicalize(program.latest()).unwrap();
    program.run(&["run", "--sim", "--seed", "2", "--ops", "200"]).expect(0);
    // Whatever `latest` leads to meanwhile: here, nothing can be put in its place.
    std::fs::remove_file(program.latest()).unwrap();
    std::fs::create_dir(program.latest()).unwrap();
    std::fs::write(program.latest().join("history.jsonl"), "no history").unwrap();
    let replayed = program.run(&["replay", first.to_str().unwrap()]);
    assert_eq!(replayed.code, 0, "{replayed}");
    assert!(replayed.stderr.contains("byte for byte"), "{replayed}");
}

#[test]
fn every_file_of_a_run_says_its_format_and_version() {
    let program = Program::new();
    program.run(&["run", "--sim", "--seed", "1"]).expect(0);
    for (file, format) in [
        ("run.toml", "format = \"rashomon-run\"\nversion = 1\n"),
        ("plan.json", "{\n  \"format\": \"rashomon-plan\",\n  \"version\": 1,\n"),
        ("faults.jsonl", "{\"format\":\"rashomon-faults\",\"version\":1}\n"),
        ("verdict.json", "{\n  \"format\": \"rashomon-record\",\n  \"version\": 1,\n"),
        ("history.jsonl", "{\"format\":\"rashomon-history\",\"version\":1}\n"),
    ] {
        let text = std::fs::read_to_string(program.latest().join(file)).unwrap();
        assert!(text.starts_with(format), "{file}: {text}");
    }
}

#[test]
fn a_stored_run_with_a_changed_file_is_refused_and_the_file_named() {
    let program = Program::new();
    program.run(&["run", "--sim", "--seed", "1", "--faults", "kill"]).expect(0);
    let changes = [
        ("run.toml", "seed = 1\n", "seed = 2\n", "run.toml was changed after the run"),
        ("run.toml", "seed = 1\n", "seed = 1\nsede = 2\n", "`sede` is not a known field"),
        (
            "run.toml",
            "nodes = 3\n",
            "nodes = 3\nnoods = 3\n",
            "`target.noods` is not a known field",
        ),
        ("run.toml", "keys = 3\n", "keys = 4294967295\n", "keys is 4294967295; give 1 to 100000"),
        ("run.toml", "rashomon-run", "rashomon-walk", "is not \"rashomon-run\""),
        ("plan.json", "\"lasts\": ", "\"lasts\": 1", "plan.json was changed after the run"),
        (
            "plan.json",
            "\"lasts\": ",
            "\"last\": 1, \"lasts\": ",
            "`spans.0.last` is not a known field",
        ),
        ("plan.json", "\"version\": 1", "\"version\": 2", "version 2 of rashomon-plan"),
        ("plan.json", "\"format\": \"rashomon-plan\",", "", "it has no `format`"),
        ("verdict.json", "rashomon-record", "rashomon-recipe", "is not \"rashomon-record\""),
        ("verdict.json", "\"version\": 1", "\"version\": 7", "version 7 of rashomon-record"),
        ("verdict.json", "\"ops\": ", "\"op\": 1, \"ops\": ", "`settings.op` is not a known field"),
        ("verdict.json", "\"keys\": 3", "\"keys\": 4", "run.toml was changed after the run"),
        ("verdict.json", "\"workload\": \"register\"", "\"workload\": \"casino\"", "\"casino\""),
    ];
    for (file, from, to, told) in changes {
        let path = program.latest().join(file);
        let kept = std::fs::read_to_string(&path).unwrap();
        assert!(kept.contains(from), "{from} in {kept}");
        std::fs::write(&path, kept.replacen(from, to, 1)).unwrap();
        for command in ["replay", "check"] {
            let ended = program.run(&[command, "latest"]);
            assert_eq!(ended.code, 2, "{command}: {told}\n{ended}");
            assert!(ended.stderr.contains(told), "{command}: {told}\n{ended}");
            assert!(ended.stderr.contains(file), "{command}: {told}\n{ended}");
        }
        std::fs::write(&path, kept).unwrap();
    }
    program.run(&["check", "latest"]).expect(0);
}

#[test]
fn an_undecided_history_names_whose_doing_it_is_and_what_to_do() {
    let program = Program::new();
    let line = |process: u32, kind: &str, value: &str| {
        format!("{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"write\",\"value\":{value}}}\n")
    };
    // A register that was never told what it is written: the model does not understand it.
    let odd = line(0, "invoke", "1") + &line(0, "ok", "1");
    std::fs::write(program.folder().join("odd.jsonl"), odd.replace("write", "cas")).unwrap();
    let ended = program.run(&["check", "odd.jsonl", "--model", "cas-register", "--json"]);
    let result: serde_json::Value = serde_json::from_str(&ended.stdout).expect("one object");
    assert_eq!(ended.code, 3, "{ended}");
    assert_eq!(result["checks"][0]["doubts"][0]["whose"], "harness", "{result:#}");
    assert!(result["try"].as_str().unwrap().contains("--model"), "{result:#}");
    let told = program.run(&["check", "odd.jsonl", "--model", "cas-register"]);
    assert!(told.stdout.contains("harness: operation"), "{told}");
}

/// A run as rashomon stored it before there were records.
const EARLIER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/earlier-run");

#[test]
fn a_run_of_an_earlier_rashomon_is_replayed_and_its_judging_refused_with_what_to_do() {
    let program = Program::new();
    let folder = program.folder().join("results/runs/20261122T000000Z-earlier");
    std::fs::create_dir_all(&folder).unwrap();
    for file in ["run.toml", "plan.json", "history.jsonl", "verdict.json"] {
        std::fs::copy(std::path::Path::new(EARLIER).join(file), folder.join(file)).unwrap();
    }
    let listed = program.run(&["list", "runs"]);
    assert!(listed.stdout.contains("valid") && listed.stdout.contains("result/1"), "{listed}");
    let refused = program.run(&["check", "20261122"]);
    refused.expect(2);
    for told in ["rashomon.result/1", "rashomon replay ", "history.jsonl --model"] {
        assert!(refused.stderr.contains(told), "{told}: {refused}");
    }
    let history = folder.join("history.jsonl");
    program.run(&["check", history.to_str().unwrap(), "--model", "cas-register"]).expect(0);
    program.run(&["replay", "20261122"]).expect(0);
    program.run(&["check", "latest"]).expect(0);
}

#[test]
fn a_stored_run_prints_the_same_box_from_its_record() {
    let program = Program::new();
    let runs = [
        "run --sim --seed 1 --faults all",
        "run --sim --seed 3 --failover naive --faults partition --require linearizable --fail-fast",
        "run leaderless --sim --seed 2 -r 1 -w 1 --workload set --read-repair off --ops 500",
        "run leaderless --sim --seed 2 -r 1 -w 1 --read-repair off --require convergent --ops 900",
        "run --sim --seed 3 --reads replica",
    ];
    for arguments in runs {
        let words: Vec<&str> = arguments.split(' ').collect();
        let first = program.run(&words);
        let path = std::fs::canonicalize(program.latest()).unwrap();
        let id = path.file_name().unwrap().to_str().unwrap();
        let again = program.run(&["check", &format!("results/runs/{id}")]);
        assert_eq!(again.stdout, first.stdout, "{arguments}");
    }
}

#[test]
fn a_record_says_which_build_ran_the_run_and_how_that_build_simulates() {
    let program = Program::new();
    let mut canaries = std::collections::BTreeSet::new();
    for seed in ["1", "2"] {
        let words = ["run", "--sim", "--seed", seed, "--ops", "50", "--faults", "none", "--json"];
        let record: serde_json::Value = serde_json::from_str(&program.run(&words).stdout).unwrap();
        let build = &record["build"];
        assert_eq!(build["version"], env!("CARGO_PKG_VERSION"), "{build}");
        assert!(build["target"].as_str().unwrap().contains('-'), "a triple: {build}");
        // Outside a clone, as in a package of the sources, both are null.
        let commit = build["commit"].as_str();
        assert_eq!(commit.is_some(), build["dirty"].is_boolean(), "{build}");
        assert!(commit.is_none_or(|it| it.len() >= 40), "{build}");
        canaries.insert(build["canary"].as_str().unwrap().to_owned());
    }
    assert_eq!(canaries.len(), 1, "it does not depend on the run: {canaries:?}");
}

/// A series looks at what is required only; the run that is kept is looked at in full.
#[test]
fn a_series_says_of_each_seed_what_the_run_of_that_seed_says() {
    let program = Program::new();
    // It promises regular registers, and under linearizability some seeds are violations.
    let words = ["run", "leaderless", "--faults", "kill,messages", "--sim", "--json", "--quiet"];
    for require in [&[][..], &["--require", "linearizable"]] {
        let words = [&words[..], require].concat();
        let json = |more: &[&str]| -> serde_json::Value {
            let ended = program.run(&[&words[..], more].concat());
            serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended}"))
        };
        let series = json(&["--seed", "1", "--seeds", "6", "--keep-going"]);
        for seed in 1..=6_u64 {
            let run = json(&["--seed", &seed.to_string()]);
            let not_valid = series["not_valid"].as_array().unwrap();
            let told = not_valid.iter().find(|it| it["seed"] == seed);
            let verdict = told.map_or("valid", |it| it["verdict"].as_str().unwrap());
            assert_eq!(run["verdict"], verdict, "seed {seed}: {series:#}");
            let asked = |check: &&serde_json::Value| check["check"] == "linearizable";
            let checks = run["checks"].as_array().unwrap();
            assert!(checks.iter().any(|it| asked(&it)), "the kept run is judged in full: {run:#}");
        }
    }
}
