//! `rashomon audit`: claims that are kept, what is above them, and claims that others wrote down.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use std::path::Path;

use program::{Ended, Program};
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended}"))
}

/// Runs a command as a report gives it.
fn again(program: &Program, command: &str) -> Ended {
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    program.run(&words)
}

#[test]
fn replica_reads_keep_a_prefix_and_every_model_above_it_is_refuted_by_a_run_one_can_make_again() {
    let program = Program::new();
    let words = "audit primary-replica --reads any --seeds 6 --json --markdown audit.md";
    let ended = program.run(&words.split(' ').collect::<Vec<_>>());
    ended.expect(0);
    let told = json(&ended);
    let design = &told["designs"][0];
    let tested = design["tested"].as_array().unwrap();
    let prefix = tested.iter().find(|it| it["check"] == "prefix").unwrap();
    assert_eq!(prefix["refuted_in"], 0, "{prefix}");
    assert!(
        prefix["survived"].as_u64().unwrap() > 5 && prefix["refuted_high"].as_f64() < Some(0.5)
    );
    let above = design["stronger"].as_array().unwrap();
    let registers: Vec<&Value> = above.iter().filter(|it| it["objects"] == "registers").collect();
    let top = registers.iter().find(|it| it["consistency"] == "linearizable").unwrap();
    assert!(!top["refuted_by"].is_null(), "{registers:#?}");
    let mut shown = 0;
    for model in registers.iter().filter(|it| it["refuted_by"]["consistency"] == it["consistency"])
    {
        let ended = again(&program, model["refuted_by"]["again"].as_str().unwrap());
        assert_eq!(ended.code, 1, "{model:#}\n{ended}");
        shown += 1;
    }
    assert!(shown >= 3, "{registers:#?}");
    // Each row that is refuted rests on a command that is there to copy, also where a model without a row refutes it.
    let markdown = std::fs::read_to_string(program.folder().join("audit.md")).unwrap();
    for model in above.iter().filter(|it| !it["refuted_by"].is_null()) {
        let again = model["refuted_by"]["again"].as_str().unwrap();
        let (_, own) = again.split_once(" --workload ").unwrap();
        let found = markdown.lines().filter(|line| line.ends_with(own)).count();
        assert_eq!(found, 1, "{again}\n{markdown}");
    }
}

#[test]
fn claims_that_no_run_of_a_budget_tested_are_undecided() {
    let program = Program::new();
    let words = "audit primary-replica --failover raft --budget 0s";
    let ended = program.run(&words.split(' ').collect::<Vec<_>>());
    ended.expect(3);
    assert!(ended.stdout.contains("undecided") && ended.stdout.contains("no run decided it"));
    assert!(ended.stdout.contains("the budget is spent"), "{ended}");
}

#[test]
fn a_claim_that_a_planted_bug_breaks_is_refuted_with_the_run() {
    let program = Program::new();
    let words =
        ["audit", "primary-replica", "--bug", "pr-ack-before-fsync", "--seeds", "4", "--json"];
    let ended = program.run(&words);
    ended.expect(1);
    let told = json(&ended);
    let tested = told["designs"][0]["tested"].as_array().unwrap();
    let refuted = tested.iter().find(|it| it["refuted_in"] != 0).unwrap();
    again(&program, refuted["again"].as_str().unwrap()).expect(1);
}

const HEAD: &str = "format = \"rashomon-claims-file\"\nversion = 1\n";

/// Audits claims, and says how it ended.
fn claimed(program: &Program, claims: &str, of: &[&str]) -> Ended {
    let file = program.folder().join("claims.toml");
    std::fs::write(&file, format!("{HEAD}{claims}")).unwrap();
    program.run(&[&["audit", "--claims", "claims.toml"], of].concat())
}

#[test]
fn claims_that_no_system_keeps_together_are_refused_before_anything_runs_with_the_theorem() {
    let program = Program::new();
    let both = "[claims.fresh]\nkeeps = \"MODEL\"\n[claims.up]\nserves = \"both-sides\"\n";
    for (model, whose) in [
        ("linearizable", "Gilbert and Lynch"),
        ("regular", "Gilbert and Lynch"),
        ("2-atomic", "Gilbert and Lynch"),
        ("sequential", "Attiya and Welch"),
        ("snapshot-isolation", "Bailis"),
        ("serializable", "Bailis"),
    ] {
        let ended = claimed(&program, &both.replace("MODEL", model), &["no-such-history"]);
        ended.expect(2);
        assert!(
            ended.stderr.contains(whose) && ended.stderr.contains("claims.toml:3:9"),
            "{ended}"
        );
    }
    // Nothing stands against these: the file is read, and then the history is missing.
    for claims in [
        both.replace("MODEL", "causal"),
        both.replace("MODEL", "prefix"),
        both.replace("MODEL", "linearizable").replace("both-sides", "larger-side"),
        both.replace("MODEL", "linearizable") + "under = [\"kill\"]\n",
        both.replace("MODEL", "sequential") + "operations = \"reads\"\n",
        // Half of the objects may be served on the one side, and half on the other.
        both.replace("MODEL", "linearizable") + "percent = 50\n",
        both.replace("MODEL", "sequential") + "percent = 30\n",
    ] {
        let ended = claimed(&program, &claims, &["no-such-history"]);
        assert!(ended.stderr.contains("no-such-history"), "{claims}\n{ended}");
    }
    let ended = claimed(&program, &(both.replace("MODEL", "regular") + "percent = 51\n"), &["no"]);
    assert!(ended.stderr.contains("Gilbert and Lynch"), "{ended}");
    // A read on one side and a write on the other are enough.
    let across = "[claims.fresh]\nkeeps = \"linearizable\"\n[claims.reads]\nserves = \"both-sides\"\noperations = \
                  \"reads\"\n[claims.writes]\nserves = \"larger-side\"\noperations = \"writes\"\n";
    let ended = claimed(&program, across, &["no-such-history"]);
    assert!(ended.stderr.contains("`reads and writes`"), "{ended}");
    // Other objects are no concern of theirs.
    let apart = "[claims.users]\nkeeps = \"linearizable\"\nkeys = \"users/\"\n[claims.logs]\nserves = \"both-sides\"\n\
                 keys = \"logs/\"\n";
    let ended = claimed(&program, apart, &["no-such-history"]);
    assert!(ended.stderr.contains("no-such-history"), "{ended}");
}

#[test]
fn what_is_wrong_with_a_file_of_claims_is_said_with_its_line_and_the_fix() {
    let program = Program::new();
    for (claims, told) in [
        ("", "the file has no claim"),
        ("[claims.a]\n", "claims.toml:3:9: a claim says what the system keeps or serves"),
        ("[claims.a]\nkeeps = \"linearisable\"\n", "did you mean `linearizable`?"),
        ("[claims.a]\nkeeps = \"bank\"\nunder = [\"earthquake\"]\n", "claims.toml:5:10"),
        ("[claims.a]\nkeep = \"bank\"\n", "did you mean `keeps`?"),
        (
            "[claims.a]\nkeeps = \"bank\"\npercent = 3\n",
            "`percent` belongs to a claim of availability",
        ),
        ("[claims.a]\nserves = \"everywhere\"\n", "it takes \"both-sides\" or \"larger-side\""),
        ("[claims.a]\nserves = \"both-sides\"\npercent = 101\n", "from 1 to 100"),
        ("[claims.a]\nkeeps = \"causal\"\nobjects = \"set\"\n", "did you mean `sets`?"),
        ("model = \"regster\"\n[claims.a]\nkeeps = \"causal\"\n", "did you mean `register`?"),
    ] {
        let ended = claimed(&program, claims, &["history.jsonl"]);
        ended.expect(2);
        assert!(ended.stderr.contains(told), "{claims}\n{ended}");
    }
}

#[test]
fn claims_are_held_against_a_history_a_stored_run_and_a_target() {
    let program = Program::new();
    let stale = r#"{"process":"a","type":"invoke","f":"write","key":"users/1","value":1}
{"process":"a","type":"ok","f":"write","key":"users/1","value":1}
{"process":"b","type":"invoke","f":"read","key":"users/1","value":null}
{"process":"b","type":"ok","f":"read","key":"users/1","value":null}
{"process":"b","type":"invoke","f":"write","key":"carts/1","value":2}
{"process":"a","type":"invoke","f":"read","key":"carts/1","value":null}
{"process":"b","type":"ok","f":"write","key":"carts/1","value":2}
{"process":"a","type":"ok","f":"read","key":"carts/1","value":2}
{"process":"b","type":"invoke","f":"write","key":"logs/1","value":3}
{"process":"b","type":"fail","f":"write","key":"logs/1","value":3}
"#;
    std::fs::write(program.folder().join("history.jsonl"), stale).unwrap();
    let claims = "[claims.users]\nkeeps = \"linearizable\"\nkeys = \"users/\"\n[claims.carts]\nkeeps = \
                  \"linearizable\"\nkeys = \"carts/\"\n[claims.order]\nkeeps = \"prefix\"\n[claims.up]\nserves = \
                  \"larger-side\"\n[claims.thin]\nkeeps = \"linearizable\"\nkeys = \"logs/\"\n[claims.sums]\nkeeps = \
                  \"linearizable\"\nobjects = \"counters\"\n";
    let fates = |ended: &Ended| {
        let told = json(ended);
        let written = told["written"].as_array().unwrap().iter();
        written.map(|it| it["fate"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let ended = claimed(&program, claims, &["history.jsonl", "--json"]);
    ended.expect(1);
    let all = ["broken", "held", "held", "untested", "untested", "untested"];
    assert_eq!(fates(&ended), all, "{ended}");
    program.run(&["run", "--sim", "--seed", "1", "--faults", "partition", "--reads", "replica"]);
    let kept = "[claims.order]\nkeeps = \"prefix\"\n[claims.fresh]\nkeeps = \"linearizable\"\n[claims.calm]\nkeeps = \
                \"linearizable\"\nunder = \"none\"\n[claims.sums]\nkeeps = \"prefix\"\nobjects = \"counters\"\n";
    let ended = claimed(&program, kept, &["latest", "--json"]);
    assert_eq!(fates(&ended), ["held", "broken", "untested", "untested"], "{ended}");
    let raft = "[claims.fresh]\nkeeps = \"linearizable\"\nunder = [\"kill\"]\n[claims.up]\nserves = \"larger-side\"\n\
                under = [\"partition\"]\n[claims.both]\nserves = \"both-sides\"\noperations = \"writes\"\nunder = \
                [\"partition\"]\n[claims.calm]\nserves = \"larger-side\"\nunder = [\"kill\"]\n[claims.locks]\nkeeps = \
                \"mutual-exclusion\"\nunder = \"none\"\n";
    let of = ["primary-replica", "--failover", "raft", "--seeds", "3", "--json"];
    let ended = claimed(&program, raft, &of);
    ended.expect(1);
    assert_eq!(fates(&ended), ["held", "held", "broken", "untested", "held"], "{ended}");
    let again = json(&ended)["written"][2]["again"].as_str().unwrap().to_owned();
    assert!(again.contains("lone-"), "{again}");
    let members = "[claims.members]\nkeeps = \"convergent\"\nunder = [\"membership\"]\n";
    let ended = claimed(&program, members, &["multi-leader", "--seeds", "1", "--json"]);
    assert_eq!(fates(&ended), ["untested"], "{ended}");
    assert!(json(&ended)["written"][0]["basis"].as_str().unwrap().contains("never change"));
}

#[test]
fn the_example_of_a_file_of_claims_is_one() {
    let program = Program::new();
    let example = program.run(&["audit", "--example"]);
    example.expect(0);
    std::fs::write(program.folder().join("claims.toml"), example.stdout).unwrap();
    let words = [
        "audit",
        "--claims",
        "claims.toml",
        "primary-replica",
        "--failover",
        "raft",
        "--seeds",
        "1",
    ];
    program.run(&words).expect(0);
}

/// The committed audit is what this build says: some designs each time, all with `RASHOMON_AUDITS=all`.
#[test]
fn the_committed_audit_is_what_this_build_says() {
    const HOW: &str = "results/audits/audit.md differs; make it again: rashomon audit --all --markdown \
                       results/audits/audit.md";
    let program = Program::new();
    let committed =
        std::fs::read_to_string(Path::new(ROOT).join("results/audits/audit.md")).unwrap();
    let made = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        let ended = program.run(&[&["audit", "--markdown", "audit.md"], &words[..]].concat());
        ended.expect(0);
        std::fs::read_to_string(program.folder().join("audit.md")).unwrap()
    };
    if std::env::var("RASHOMON_AUDITS").is_ok_and(|it| it == "all") {
        // A family that is for tests only is in what is made here, and not in what is committed.
        let (all, solo) = (made("--all"), made("solo"));
        let rest: Vec<&str> = sections(&all).into_iter().filter(|it| !is_solo(it)).collect();
        assert_eq!(sections(&committed), rest, "{HOW}");
        let [committed, all, solo] = [&committed, &all, &solo].map(|it| head(it));
        let [claims, tight, weak, runs, seeds @ ..] = &all[..] else { panic!("{all:?}") };
        // It claims all there is, so that nothing is above.
        let [solo_claims, solo_runs, ..] = &solo[..] else { panic!("{solo:?}") };
        let expected = [claims - solo_claims, *tight, *weak, runs - solo_runs];
        assert_eq!(committed, [&expected[..], seeds].concat(), "{HOW}");
        return;
    }
    for design in ["primary-replica --reads any", "multi-leader --topology all"] {
        let made = made(design);
        let [section] = sections(&made)[..] else { panic!("{design}: one section\n{made}") };
        let rows = section.lines().filter(|line| line.starts_with("| ")).count();
        assert!(rows > 15, "{design}: claims and models\n{section}");
        assert!(sections(&committed).contains(&section), "{design}: {HOW}\n{section}");
    }
}

/// The sections of a report, one a design.
fn sections(text: &str) -> Vec<&str> {
    text.split("\n## ").skip(1).map(str::trim_end).collect()
}

fn is_solo(section: &str) -> bool {
    section.starts_with("solo ")
}

/// The numbers before the first section: claims, those above which one is refuted, weak ones, runs, and the seeds.
fn head(text: &str) -> Vec<u64> {
    let head = text.split("\n## ").next().unwrap().replace(',', "");
    let numbers = head.split(|it: char| !it.is_ascii_digit()).filter(|it| !it.is_empty());
    numbers.map(|it| it.parse().unwrap()).collect()
}
