//! The program as a user meets it: what it prints, what it leaves behind, how it exits.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use std::net::TcpListener;

use program::{Ended, Program};

#[test]
fn help_lists_commands_and_exit_codes() {
    let help = Program::new().run(&["--help"]);
    assert_eq!(help.code, 0, "{help}");
    for word in ["run", "check", "replay", "list", "Exit codes"] {
        assert!(help.stdout.contains(word), "{word} in\n{help}");
    }
    assert!(Program::new().run(&["run", "--help"]).stdout.contains("Examples:"));
}

#[test]
fn lists_are_objects_with_name_and_summary() {
    for what in ["targets", "workloads", "faults", "models", "bugs"] {
        let listed = Program::new().run(&["list", what, "--json"]);
        let rows: Vec<serde_json::Value> = serde_json::from_str(&listed.stdout).expect(what);
        assert!(!rows.is_empty(), "{what}");
        assert!(rows.iter().all(|row| row["name"].is_string() && row["summary"].is_string()));
    }
}

#[test]
fn a_bad_flag_is_named_and_exits_2() {
    let cases: [(&[&str], &str); 11] = [
        (&["run", "--keys", "4294967295"], "from 1 to 100000"),
        (&["run", "--sedd", "1"], "--sedd"),
        (&["run", "primary-bakup"], "primary-bakup"),
        (&["run", "primary-replica", "-r", "2"], "-r belongs to leaderless"),
        (&["run", "leaderless", "--reads", "any"], "--reads belongs to primary-replica"),
        (&["run", "--faults", "partition,earthquake"], "earthquake"),
        (&["run", "leaderless", "--n", "3", "-r", "4"], "-r 4 is not between 1 and --n 3"),
        (&["run", "leaderless", "-r", "1", "-w", "1", "--write-back", "on"], "needs -r + -w > --n"),
        (
            &["run", "leaderless", "--workload", "echo"],
            "leaderless does not offer echo, which the echo workload needs; it offers register read, \
             register write, set add, set read, counter add, counter read, multi-value register write, \
             multi-value register read, observed-remove set add, observed-remove set remove, \
             observed-remove set read: give --workload register or set or counter",
        ),
        (&["run", "--bug", "no-such-bug"], "rashomon list bugs"),
        (
            &["run", "leaderless", "--bug", "pr-ack-before-fsync"],
            "belongs to primary-replica; leaderless has ql-ack-before-fsync",
        ),
    ];
    for (arguments, named) in cases {
        let ended = Program::new().run(arguments);
        assert_eq!(ended.code, 2, "{arguments:?}\n{ended}");
        assert!(ended.stderr.contains(named), "{named} in\n{ended}");
    }
}

#[test]
fn a_plan_with_a_typo_names_the_file_and_the_place() {
    let program = Program::new();
    let path = program.folder().join("plan.json");
    let typo = r#"{"format":"rashomon-plan","version":1,
        "spans":[{"id":0,"fault":"kil","node":{"node":1},"start":1,"lasts":1}]}"#;
    std::fs::write(&path, typo).unwrap();
    let ended = program.run(&["run", "--sim", "--faults", path.to_str().unwrap()]);
    assert_eq!(ended.code, 2, "{ended}");
    assert!(ended.stderr.contains("plan.json") && ended.stderr.contains("kil"), "{ended}");
    std::fs::write(&path, typo.replace("kil", "kill").replace("{\"node\":1}", "{\"node\":9}"))
        .unwrap();
    let ended = program.run(&["run", "--sim", "--faults", path.to_str().unwrap()]);
    assert_eq!(ended.code, 2, "{ended}");
    assert!(ended.stderr.contains("strikes n9") && ended.stderr.contains("n1 to n3"), "{ended}");
}

#[test]
fn a_port_in_use_is_named_with_a_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ended = Program::new().run(&["run", "--time", "1s", "--base-port", &port]);
    assert_eq!(ended.code, 2, "{ended}");
    // The next ports may be taken, too, by whatever else runs here: then another node is named.
    for word in ["did not start", "listen on 127.0.0.1:", "in use", "--base-port"] {
        assert!(ended.stderr.contains(word), "{word} in\n{ended}");
    }
}

#[test]
fn a_full_disk_is_named_and_loses_nothing_already_recorded() {
    // The shell limits the size of files, which a process meets as it meets a full disk.
    let program = Program::new();
    let ended = program.shell("trap '' XFSZ; ulimit -f 200; exec \"$RASHOMON\" run --sim --seed 1");
    assert_eq!(ended.code, 2, "{ended}");
    assert!(ended.stderr.contains("history.jsonl") && ended.stderr.contains("--store"), "{ended}");
    let history = program.latest().join("history.jsonl");
    let checked = program.run(&["check", history.to_str().unwrap()]);
    assert_ne!(checked.code, 2, "what was recorded loads\n{checked}");
    assert!(checked.stdout.contains("operations"), "{checked}");
}

#[test]
fn a_broken_history_names_line_and_column() {
    let program = Program::new();
    let header = r#"{"format":"rashomon-history","version":1}"#;
    let invoke = r#"{"index":0,"time":0,"process":0,"type":"invoke","f":"read","value":null}"#;
    let cases = [
        (format!("{header}\n{invoke}\n{{\"index\":1,oops\n{invoke}\n"), "line 3"),
        (header.replace(":1}", ":7}"), "version 7"),
        (header.replace("rashomon-history", "shopping-list"), "shopping-list"),
        (
            format!("{header}\n{invoke}\n{}\n", invoke.replace("\"index\":0", "\"index\":1")),
            "process 0 invoked",
        ),
    ];
    for (text, named) in cases {
        let path = program.folder().join("history.jsonl");
        std::fs::write(&path, &text).unwrap();
        let ended = program.run(&["check", path.to_str().unwrap()]);
        assert_eq!(ended.code, 2, "{text}\n{ended}");
        assert!(ended.stderr.contains("history.jsonl"), "{ended}");
        assert!(ended.stderr.contains(named), "{named} in\n{ended}");
    }
    let ended = program.run(&["check", "no-such-file"]);
    assert_eq!(ended.code, 2, "{ended}");
}

#[test]
fn a_history_cut_short_anywhere_loads_or_says_so() {
    let program = Program::new();
    program.run(&["run", "--sim", "--seed", "1", "--ops", "200"]).expect(0);
    let whole = std::fs::read(program.latest().join("history.jsonl")).unwrap();
    for length in [whole.len() / 3, whole.len() / 2, whole.len() - 5] {
        let path = program.folder().join("cut.jsonl");
        std::fs::write(&path, &whole[..length]).unwrap();
        let ended = program.run(&["check", path.to_str().unwrap()]);
        assert!([0, 3].contains(&ended.code), "{ended}");
        let complete = whole[length - 1] == b'\n';
        assert!(complete || ended.stderr.contains("cut short"), "{ended}");
    }
}

#[test]
fn what_is_not_for_a_terminal_is_plain_text() {
    let ended = Program::new().run(&["run", "--sim", "--seed", "1", "--reads", "replica"]);
    for stream in [&ended.stdout, &ended.stderr] {
        assert!(!stream.contains('\u{1b}') && !stream.contains('\r'), "{ended}");
    }
    let colored = Program::new().run(&["list", "bugs", "--color", "always"]);
    assert_eq!(colored.code, 0);
}

#[test]
fn json_is_one_object_that_agrees_with_the_exit_code() {
    let program = Program::new();
    for (extra, code, verdict) in [("primary", 0, "valid"), ("replica", 1, "violation")] {
        let ended = program.run(&[
            "run",
            "--sim",
            "--seed",
            "3",
            "--reads",
            extra,
            "--require",
            "linearizable",
            "--json",
        ]);
        let result: serde_json::Value = serde_json::from_str(&ended.stdout).expect("one object");
        assert_eq!(ended.code, code, "{ended}");
        assert_eq!(result["exit"], code);
        assert_eq!(result["verdict"], verdict);
        assert_eq!(result["format"], "rashomon-record");
    }
}

#[test]
fn a_stored_run_is_checked_again_and_replayed_byte_for_byte() {
    let program = Program::new();
    let first = program.run(&["run", "--sim", "--seed", "5", "--reads", "any"]);
    let history = program.latest().join("history.jsonl");
    let checked = program.run(&["check", history.to_str().unwrap()]);
    assert_eq!(checked.code, first.code, "{first}\n{checked}");
    let replayed = program.run(&["replay", "latest"]);
    assert_eq!(replayed.code, first.code);
    assert!(replayed.stderr.contains("byte for byte"), "{replayed}");
}

#[test]
fn a_fault_that_changed_nothing_makes_a_run_unknown() {
    let program = Program::new();
    let path = program.folder().join("plan.json");
    let late = r#"{"format":"rashomon-plan","version":1,"spans":[{"id":0,"fault":"kill","node":{"node":2},
        "start":90000000000,"lasts":1000000000}]}"#;
    std::fs::write(&path, late).unwrap();
    let ended = program.run(&["run", "--sim", "--faults", path.to_str().unwrap()]);
    assert_eq!(ended.code, 3, "{ended}");
    assert!(ended.stdout.contains("was planned for"), "{ended}");
}

/// Runs the same seeds in two processes that differ in all that must not matter.
#[test]
fn equal_seeds_give_equal_bytes_in_other_processes() {
    let (one, other) = (Program::new(), Program::new().with_environment("TZ", "Asia/Tokyo"));
    let targets: [&[&str]; 3] = [
        &["primary-replica", "--failover", "naive", "--faults", "all"],
        &["leaderless", "--write-back", "on", "--faults", "all"],
        &[
            "leaderless",
            "-r",
            "1",
            "-w",
            "1",
            "--workload",
            "set",
            "--faults",
            "partition,messages",
        ],
    ];
    for target in targets {
        for seed in 0..12 {
            let seed = seed.to_string();
            let mut arguments = vec!["run", "--sim", "--ops", "300", "--seed", &seed];
            arguments.extend(target);
            let ended: Vec<Ended> = [&one, &other].map(|program| program.run(&arguments)).into();
            let bytes = [&one, &other]
                .map(|program| std::fs::read(program.latest().join("history.jsonl")).unwrap());
            assert!(bytes[0] == bytes[1], "seed {seed} of {target:?}");
            assert_eq!(ended[0].code, ended[1].code);
        }
    }
}

/// Lines of a history: function, argument and return, one operation after the other.
fn lines(ops: &[(&str, &str, &str)]) -> String {
    ops.iter()
        .map(|(f, argument, ret)| {
            let event = |kind: &str, value: &str| {
                format!("{{\"process\":0,\"type\":\"{kind}\",\"f\":\"{f}\",\"value\":{value}}}\n")
            };
            event("invoke", argument) + &event("ok", ret)
        })
        .collect()
}

fn checked(program: &Program, ops: &[(&str, &str, &str)], arguments: &[&str]) -> Ended {
    std::fs::write(program.folder().join("mine.jsonl"), lines(ops)).unwrap();
    program.run(&[&["check", "mine.jsonl"], arguments].concat())
}

#[test]
fn a_given_model_is_judged_whatever_could_be_guessed() {
    let program = Program::new();
    let counted = [("add", "1", "1"), ("add", "2", "null")];
    let ended = checked(&program, &counted, &["--model", "counter"]);
    assert_eq!(ended.code, 0, "{ended}");
    assert!(ended.stdout.contains("linearizable as counter"), "{ended}");
    assert!(!ended.stdout.contains("guessed"), "{ended}");
    let popped = [("pop", "null", "1")];
    let ended = checked(&program, &popped, &["--model", "stack"]);
    assert_eq!(ended.code, 1, "{ended}");
    let wrong = [("set", "1", "1"), ("get", "null", "0")];
    let ended = checked(&program, &wrong, &["--model", "register"]);
    assert_eq!(ended.code, 1, "{ended}");
}

#[test]
fn a_given_model_without_the_operation_names_the_models_that_have_it() {
    let wrong = [("set", "1", "1"), ("get", "null", "0")];
    let ended = checked(&Program::new(), &wrong, &["--model", "kv"]);
    assert_eq!(ended.code, 2, "{ended}");
    assert!(ended.stderr.contains("kv has no `set`"), "{ended}");
    assert!(ended.stderr.contains("register and cas-register"), "{ended}");
}

#[test]
fn a_guess_says_that_it_guessed_and_from_what() {
    let program = Program::new();
    let counted = [("add", "1", "1"), ("read", "null", "1")];
    let ended = checked(&program, &counted, &[]);
    assert_eq!(ended.code, 0, "{ended}");
    assert!(ended.stdout.contains("linearizable as counter"), "{ended}");
    assert!(ended.stdout.contains("guessed from `add`, `read`"), "{ended}");
    let ended = checked(&program, &counted, &["--json"]);
    assert!(ended.stdout.contains(r#""guessed_from":["add","read"]"#), "{ended}");
}

#[test]
fn what_cannot_be_guessed_is_refused_with_the_models_to_give() {
    let program = Program::new();
    let ended = checked(&program, &[("add", "1", "1")], &[]);
    assert_eq!(ended.code, 2, "{ended}");
    assert!(ended.stderr.contains("--model set or --model counter"), "{ended}");
    let bank = [("read", "null", r#"{"alice":10,"bob":0}"#)];
    let ended = checked(&program, &bank, &[]);
    assert_eq!(ended.code, 2, "{ended}");
    assert!(ended.stderr.contains("maps"), "{ended}");
}
