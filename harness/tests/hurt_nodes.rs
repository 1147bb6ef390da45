//! Faults of nodes, seen from the side of the target: what it answers, and when; what is on its disk; what its
//! clock says.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use std::collections::BTreeMap;

use program::{Ended, Program};
use serde_json::Value;

/// Runs under a plan of these spans.
fn run(program: &Program, arguments: &str, spans: &str) -> Ended {
    let plan = program.folder().join("plan.json");
    std::fs::write(&plan, format!(r#"{{"format":"rashomon-plan","version":1,"spans":[{spans}]}}"#))
        .unwrap();
    let faults = format!("--faults {} --seed 1 --json", plan.display());
    let words = arguments.replacen("FAULTS", &faults, 1);
    let words: Vec<&str> = words.split_whitespace().collect();
    program.run(&words)
}

/// What the first fault did.
fn efficacy(ended: &Ended) -> Value {
    let result: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended}"));
    result["evidence"]["faults"][0]["efficacy"].clone()
}

/// The lengths of the operations that each node completed in the load, in milliseconds, in ascending order.
fn lengths(program: &Program) -> BTreeMap<String, Vec<u64>> {
    let history = std::fs::read_to_string(program.latest().join("history.jsonl")).unwrap();
    let (mut began, mut found) = (BTreeMap::new(), BTreeMap::<String, Vec<u64>>::new());
    for line in history.lines().skip(1) {
        let event: Value = serde_json::from_str(line).unwrap();
        let [process, time] = ["process", "time"].map(|name| event[name].as_u64().unwrap());
        if event["type"] == "invoke" {
            began.insert(process, time);
        } else if event["type"] == "ok" {
            let node = event["node"].as_str().unwrap().to_owned();
            found.entry(node).or_default().push((time - began[&process]) / 1_000_000);
        }
    }
    for lengths in found.values_mut() {
        lengths.sort_unstable();
    }
    found
}

/// A node that stops for 60 ms and goes for 5 ms takes most of a turn to answer, and the others answer in the time of
/// a few messages: in simulation, as processes, and as programs on standard input and output.
#[test]
fn a_slow_node_answers_late_in_every_world_and_the_others_do_not() {
    let rashomon = env!("CARGO_BIN_EXE_rashomon");
    let own = "--n 3 -r 1 -w 1 --nodes 3 --processes 9";
    let worlds = [
        (1, format!("run leaderless {own} --sim --time 3s FAULTS")),
        (1, format!("run leaderless {own} --time 3s --rate 300 FAULTS")),
        (
            0,
            format!(
                "run maelstrom --workload lin-kv --time 3s --rate 300 --processes 9 FAULTS -- {rashomon} \
                 maelstrom-node leaderless --n 3 -r 1 -w 1 --nodes 3 --data DATA"
            ),
        ),
    ];
    for (first, command) in worlds {
        let program = Program::new();
        let command = command.replace("DATA", &program.folder().join("data").display().to_string());
        let slow = format!(
            r#"{{"id":0,"fault":"slow","node":{{"node":{first}}},"stops":60000000,"goes":5000000,
                "start":100000000,"lasts":2800000000}}"#
        );
        let ended = run(&program, &command, &slow);
        assert!([0, 1, 3].contains(&ended.code), "{ended}");
        assert!(efficacy(&ended)["stalled"].as_u64().unwrap() > 20, "{ended}");
        let lengths = lengths(&program);
        // Those that were invoked while it went are quick, and more of them on a busy machine: one in ten was not.
        let late = |number: u16| {
            let of = &lengths[&format!("n{number}")];
            assert!(of.len() > 20, "{command}: {lengths:?}");
            of[of.len() * 9 / 10]
        };
        let (slow, other) = (late(first), late(first + 1));
        // How long another takes on a real machine is for that machine to say.
        let is_late = slow > 12 && (slow > other * 2 || !command.contains("--sim"));
        assert!(is_late, "{command}: {slow} ms, and {other} ms at another");
    }
}

/// One fault after another at the first node, each for 400 ms.
fn one_after_another(faults: &[&str]) -> String {
    let span = |(place, fault): (usize, &&str)| {
        let start = 300 + 600 * place;
        format!(
            r#"{{"id":{place},"node":{{"node":1}},{fault},"start":{start}000000,"lasts":400000000}}"#
        )
    };
    faults.iter().enumerate().map(span).collect::<Vec<_>>().join(",")
}

/// Disks whose nodes notice.
const NOTICED: [&str; 6] = [
    r#""fault":"slow-disk","by":50000000"#,
    r#""fault":"disk-error","on":"write""#,
    r#""fault":"disk-error","on":"sync""#,
    r#""fault":"disk-error","on":"full""#,
    r#""fault":"torn-write""#,
    r#""fault":"bit-flip","bit":123456789"#,
];

#[test]
fn a_promise_holds_under_every_trouble_of_a_disk_that_its_node_notices_in_both_worlds() {
    let spans = one_after_another(&NOTICED);
    for world in ["--sim", "--rate 400"] {
        let program = Program::new();
        let command = format!("run primary-replica --failover raft --time 5s {world} FAULTS");
        let ended = run(&program, &command, &spans);
        ended.expect(0);
        let result: Value = serde_json::from_str(&ended.stdout).unwrap();
        for (place, fault) in result["evidence"]["faults"].as_array().unwrap().iter().enumerate() {
            let [hits, killed] =
                ["disk_hits", "killed"].map(|name| fault["efficacy"][name].as_u64().unwrap());
            assert!(hits > 0 && killed == u64::from(place > 0), "{fault:#}");
        }
        if world == "--sim" {
            continue;
        }
        // What the node said of it, and that the log which was kept was moved back.
        let node = program.latest().join("nodes/n1");
        let log = std::fs::read_to_string(node.join("log")).unwrap();
        for said in [
            "write: Input/output error",
            "fsync: Input/output error",
            "No space left on device",
            "the power failed during a write",
            "is damaged, and an intact one follows",
        ] {
            assert!(log.contains(said), "{said}: {log}");
        }
        assert!(!node.join("data/wal.log.kept").exists());
    }
}

/// A primary that has lost what it called durable has lost what was acknowledged: no claim covers that.
#[test]
fn a_disk_that_loses_what_was_durable_is_outside_of_every_claim_and_loses_writes_in_both_worlds() {
    let faults = [
        r#""fault":"lying-fsync""#,
        r#""fault":"truncate","records":40"#,
        r#""fault":"lost-disk""#,
    ];
    for fault in faults {
        let spans = one_after_another(&[fault]);
        for world in ["--sim", ""] {
            let program = Program::new();
            // Nobody else has a copy.
            let alone = format!(
                "run primary-replica --nodes 1 --workload set --time 1s --rate 300 {world} FAULTS"
            );
            let ended = run(&program, &alone, &spans);
            ended.expect(3);
            let name = fault.split('"').nth(3).unwrap();
            assert!(ended.stdout.contains(&format!("promises nothing under {name}")), "{ended}");
            assert!(efficacy(&ended)["records_lost"].as_u64().unwrap() > 0, "{ended}");
            run(&program, &format!("{alone} --require durable"), &spans).expect(1);
        }
    }
}

/// A node that calls durable what it has not written is found by a disk that fails, and others are not.
#[test]
fn a_disk_that_fails_finds_a_node_that_does_not_wait_for_it_and_no_other() {
    let program = Program::new();
    let command = |bug: &str| {
        format!(
            "run primary-replica --reads primary --failover none --nodes 1 --workload set {bug} --sim --seed 1 \
             --seeds 8 --keep-going --time 3s --faults disk-error,torn-write --json"
        )
    };
    let run = |command: &str| program.run(&command.split_whitespace().collect::<Vec<_>>());
    run(&command("")).expect(0);
    run(&command("--bug pr-ack-before-fsync")).expect(1);
}

/// A leader whose clocks nearly stand still takes its lease to hold while others lead: the claim says that clocks are to
/// run at the same rate, and nobody else's depends on it.
#[test]
fn a_clock_that_is_too_slow_breaks_leases_only_and_their_claim_does_not_cover_it() {
    let spans = r#"
        {"id":0,"fault":"drift","node":"primary","gains":-900000,"start":1000000000,"lasts":3000000000},
        {"id":1,"fault":"links","shape":{"isolate":{"node":"primary"}},"direction":"both",
         "effect":{"effect":"drop"},"start":1010000000,"lasts":2500000000}"#;
    let program = Program::new();
    let of = |flags: &str| {
        let command = format!("run primary-replica --failover {flags} --sim --time 5s FAULTS");
        run(&program, &command, spans)
    };
    for lease in ["raft --raft-reads lease", "lease --primary-reads lease"] {
        let undecided = of(lease);
        undecided.expect(3);
        assert!(undecided.stdout.contains("promises nothing under drift"), "{undecided}");
        of(&format!("{lease} --require linearizable")).expect(1);
    }
    for confirmed in ["raft", "lease"] {
        of(confirmed).expect(0);
    }
}
