//! The user's programs, which speak the Maelstrom protocol over standard input and output.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use program::{Ended, Program};
use serde_json::Value;

/// A store in Python: right, or with the mistake that `--read-own-copy` turns on.
const STORE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/maelstrom/kv.py");

/// Whether there is a Python to run it.
fn is_there_python() -> bool {
    let asked = Command::new("python3").arg("--version").output();
    let is_there = asked.is_ok_and(|output| output.status.success());
    if !is_there {
        eprintln!("not run: python3 absent");
    }
    is_there
}

/// Runs `run maelstrom` with these words before and after `--`.
fn run(program: &Program, before: &str, after: &[&str]) -> Ended {
    run_workload(program, &format!("lin-kv {before}"), after)
}

/// The same with a workload first among the words before `--`.
fn run_workload(program: &Program, before: &str, after: &[&str]) -> Ended {
    let words = format!("run maelstrom --seed 3 --workload {before} --");
    let words: Vec<&str> = words.split_whitespace().chain(after.iter().copied()).collect();
    program.run(&words)
}

#[test]
fn a_store_that_asks_one_node_is_valid_under_cuts_and_lost_messages() {
    if !is_there_python() {
        return;
    }
    let program = Program::new();
    let ended =
        run(&program, "--time 4s --rate 600 --faults partition,messages", &["python3", STORE]);
    ended.expect(0);
    assert!(ended.stdout.contains("linearizable registers"), "{ended}");
    assert!(ended.stdout.contains("not observed: what final reads lack"), "{ended}");
    let record = std::fs::read_to_string(program.latest().join("verdict.json")).unwrap();
    assert!(record.contains(r#""rest": "not-looked""#), "{record}");
    let history = std::fs::read_to_string(program.latest().join("history.jsonl")).unwrap();
    assert!(history.contains(r#""node":"n0""#) && !history.contains(r#""node":"n3""#));
}

#[test]
fn a_store_whose_reads_lag_is_a_violation_with_a_witness_and_the_printed_command_runs_it_again() {
    if !is_there_python() {
        return;
    }
    let program = Program::new();
    let ended = run(
        &program,
        "--time 2s --rate 600 --faults partition",
        &["python3", STORE, "--read-own-copy", "a word's end"],
    );
    ended.expect(1);
    assert!(ended.stdout.contains("stale read") && ended.stdout.contains("witness"), "{ended}");
    // The stored history says the same, and the command takes the program's words as they were.
    program.run(&["check", "latest"]).expect(1);
    let again = ended.stdout.lines().find_map(|line| line.trim().strip_prefix("again "));
    let again = again.unwrap().trim().replacen("rashomon ", "\"$RASHOMON\" ", 1);
    assert!(again.contains(r"'a word'\''s end'"), "{again}");
    program.shell(&again).expect(1);
    program.run(&["replay", "latest"]).expect(1);
}

#[test]
fn an_echo_that_is_what_was_said_is_valid_and_one_of_another_request_is_a_violation() {
    if !is_there_python() {
        return;
    }
    let echo = |faults: &str, after: &[&str]| {
        let program = Program::new();
        let before = format!("echo --time 2s --rate 600 --faults {faults}");
        let ended = run_workload(&program, &before, after);
        (program, ended)
    };
    echo("pause", &["python3", STORE]).1.expect(0);
    let (program, ended) = echo("none", &["python3", STORE, "--echo-before"]);
    ended.expect(1);
    assert!(ended.stdout.contains("witness"), "{ended}");
    // One operation shows it: no other matters to an echo.
    let verdict = std::fs::read_to_string(program.latest().join("verdict.json")).unwrap();
    let record: Value = serde_json::from_str(&verdict).unwrap();
    let anomaly = &record["checks"][0]["anomalies"][0];
    assert_eq!(anomaly["witness"]["operations"].as_array().unwrap().len(), 1, "{record:#}");
    program.run(&["check", "latest"]).expect(1);
}

#[test]
fn identifiers_that_name_their_node_are_unique_over_pauses_and_short_ones_are_not() {
    if !is_there_python() {
        return;
    }
    let ids = |faults: &str, after: &[&str]| {
        let before = format!("unique-ids --time 2s --rate 600 --faults {faults}");
        run_workload(&Program::new(), &before, after)
    };
    // Its nodes do not talk to each other, so a cut would change nothing.
    ids("pause", &["python3", STORE]).expect(0);
    let ended = ids("none", &["python3", STORE, "--short-ids"]);
    ended.expect(1);
    assert!(ended.stdout.contains("duplicate id"), "{ended}");
}

#[test]
fn our_own_nodes_say_again_what_they_are_told_and_offer_no_echo_otherwise() {
    let node = [env!("CARGO_BIN_EXE_rashomon"), "maelstrom-node", "leaderless"];
    run_workload(&Program::new(), "echo --time 2s --rate 300 --faults none", &node).expect(0);
    let ended = Program::new().run(&["run", "leaderless", "--workload", "echo", "--sim"]);
    ended.expect(2);
    assert!(ended.stderr.contains("does not offer echo"), "{ended}");
}

#[test]
fn what_breaks_the_protocol_is_told_and_nothing_is_concluded() {
    let program = Program::new();
    let node = r#"
        read line
        echo '{"src":"n0","dest":"c0","body":{"type":"init_ok","in_reply_to":1}}'
        echo 'no message'
        while read line; do :; done"#;
    let ended = run(&program, "--nodes 1 --time 2s --faults none", &["sh", "-c", node]);
    ended.expect(3);
    let told = "n0 wrote a line that is not a message: no message";
    let json = program.run(&["check", "latest"]);
    json.expect(3);
    let verdict = std::fs::read_to_string(program.latest().join("verdict.json")).unwrap();
    assert!(verdict.contains(told), "{verdict}");
}

#[test]
fn a_program_that_asks_services_is_refused_them_and_the_limit_is_the_harness_s() {
    if !is_there_python() {
        return;
    }
    let program = Program::new();
    let ended =
        run(&program, "--time 1s --rate 300 --faults none", &["python3", STORE, "--ask-services"]);
    ended.expect(3);
    let record = program.latest().join("verdict.json");
    let record: Value = serde_json::from_str(&std::fs::read_to_string(record).unwrap()).unwrap();
    assert!(record["evidence"]["ok"].as_u64().unwrap() > 0, "it serves without them: {record}");
    let doubts = record["doubts"].as_array().unwrap();
    for service in ["lin-kv", "seq-kv", "lww-kv", "lin-tso"] {
        let told = format!(
            "the harness does not offer the service {service}: 3 requests to it, from n0, n1, n2, \
             were answered with error 10 (not supported)"
        );
        let doubt = doubts.iter().find(|doubt| doubt["what"] == *told).expect(service);
        assert_eq!(doubt["whose"], "harness", "{doubt}");
        assert!(doubt["advice"].as_str().unwrap().contains("does not use it"), "{doubt}");
    }
}

#[test]
fn a_program_that_is_slow_to_start_is_told_what_was_waited_for_and_may_be_given_longer() {
    let program = Program::new();
    // It answers `init` once the harness has given up on it.
    let node = r#"
        read line
        echo 'still warming up' >&2
        test -e warm || { touch warm; while :; do read line || exit; done; }
        echo '{"src":"n0","dest":"c0","body":{"type":"init_ok","in_reply_to":1}}'
        while read line; do :; done"#;
    let words = ["sh", "-c", node];
    let ended = run(&program, "--nodes 1 --time 1s --faults none --ready-within 700ms", &words);
    ended.expect(2);
    let told = "n0 has not answered `init` within 700ms of its start; the end of its log: still \
                warming up; if it only needs more time, give --ready-within TIME";
    assert!(ended.stderr.contains(told), "{ended}");
    let ended = run(&program, "--nodes 1 --time 1s --faults none --ready-within 25s", &words);
    ended.expect(3);
    let record = std::fs::read_to_string(program.latest().join("verdict.json")).unwrap();
    assert!(record.contains(r#""ready_within_ms": 25000"#), "{record}");
    assert!(record.contains("--ready-within 25s"), "the command that runs it again: {record}");
    let ended = run(&program, "--nodes 1 --ready-within 0s", &words);
    ended.expect(2);
    assert!(ended.stderr.contains("--ready-within takes 1ms to 24h"), "{ended}");
}

#[test]
fn a_program_that_does_not_start_is_told_with_its_own_words() {
    let program = Program::new();
    let ended = run(&program, "--nodes 1", &["sh", "-c", "echo no luck today >&2; exit 7"]);
    ended.expect(2);
    assert!(ended.stderr.contains("no luck today"), "{ended}");
    let ended = run(&program, "--nodes 1", &["/no/such/program"]);
    ended.expect(2);
    assert!(ended.stderr.contains("/no/such/program"), "{ended}");
    let ended = program.run(&["run", "maelstrom", "--workload", "lin-kv"]);
    ended.expect(2);
    assert!(ended.stderr.contains("needs a program after --"), "{ended}");
    let ended = program.run(&["run", "leaderless", "--", "true"]);
    ended.expect(2);
    assert!(ended.stderr.contains("is a built-in target and runs no program"), "{ended}");
}

/// Processes whose command line names this folder, apart from zombies.
fn processes_of(folder: &Path) -> usize {
    let name = folder.to_string_lossy().into_owned();
    let of = |entry: std::fs::DirEntry| {
        let command = std::fs::read_to_string(entry.path().join("cmdline")).ok()?;
        command.contains(&name).then_some(())
    };
    std::fs::read_dir("/proc").unwrap().filter_map(|entry| of(entry.ok()?)).count()
}

/// A node that has started a program of another session, which ignores every polite signal, before it
/// serves. It reads until its input ends; `last` is what it does for each line.
fn with_a_daemon(program: &Program, last: &str) -> String {
    let folder = program.folder().display();
    format!(
        r#": {folder}
        daemon='trap "" TERM HUP INT; touch up-$$; while :; do sleep 1; done # {folder}'
        setsid sh -c "setsid sh -c '$(echo "$daemon" | sed "s/'/'\\''/g")' & exit" &
        read line
        name=$(echo "$line" | sed 's/.*"node_id":"\([^"]*\)".*/\1/')
        until ls up-* > /dev/null 2>&1; do :; done
        echo '{{"src":"'$name'","dest":"c0","body":{{"type":"init_ok","in_reply_to":1}}}}'
        while read line; do {last}; done"#
    )
}

/// Waits until no process names this folder.
#[track_caller]
fn await_nobody(program: &Program) {
    let give_up = Instant::now() + Duration::from_secs(30);
    while processes_of(program.folder()) > 0 {
        assert!(Instant::now() < give_up, "{} are left", processes_of(program.folder()));
        std::thread::yield_now();
    }
}

#[test]
fn what_a_program_has_started_ends_with_the_run_though_it_ignores_signals_and_left_the_group() {
    let program = Program::new();
    let node = with_a_daemon(&program, ":");
    let ended = run(&program, "--nodes 2 --time 1s --faults none", &["sh", "-c", &node]);
    ended.expect(3);
    await_nobody(&program);
}

#[test]
fn what_a_program_has_started_ends_when_the_program_ends_by_itself() {
    let program = Program::new();
    let node = with_a_daemon(&program, "exit 7");
    let ended = run(&program, "--nodes 1 --time 1s --faults none", &["sh", "-c", &node]);
    ended.expect(3);
    let record = std::fs::read_to_string(program.latest().join("verdict.json")).unwrap();
    assert!(record.contains("ended by itself (exit status: 7)"), "the warden ends as it: {record}");
    await_nobody(&program);
}

/// Runs `node` under pauses, and kills the harness in the first of them, when more than `least`
/// processes are there.
fn kill_the_harness_in_a_pause(program: &Program, node: &str, least: usize) {
    let words = ["run", "maelstrom", "--faults", "pause", "--time", "60s", "--", "sh", "-c", node];
    let mut child = program
        .command(env!("CARGO_BIN_EXE_rashomon"), &words)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let begun = stderr.lines().map_while(Result::ok).any(|line| line.contains("begin pause"));
    assert!(begun, "the run ended before its first fault");
    let there = processes_of(program.folder());
    assert!(there > least, "{there} processes");
    child.kill().unwrap();
    child.wait().unwrap();
    await_nobody(program);
}

#[test]
fn what_a_program_has_started_ends_when_the_harness_is_killed_even_in_a_pause() {
    let program = Program::new();
    let node = with_a_daemon(&program, ":");
    kill_the_harness_in_a_pause(&program, &node, 9); // Wardens, nodes and daemons.
}

#[test]
fn killing_the_harness_leaves_no_program_not_even_a_stopped_one() {
    let program = Program::new();
    // It ends neither at the end of its input nor for a polite signal.
    let node = format!(
        r#": {}
        trap '' TERM HUP INT
        read line
        name=$(echo "$line" | sed 's/.*"node_id":"\([^"]*\)".*/\1/')
        echo '{{"src":"'$name'","dest":"c0","body":{{"type":"init_ok","in_reply_to":1}}}}'
        while :; do read line || sleep 0.1; done"#,
        program.folder().display()
    );
    kill_the_harness_in_a_pause(&program, &node, 3); // The harness and three nodes.
}
