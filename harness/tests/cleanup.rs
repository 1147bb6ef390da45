//! Nothing outlives the harness, however it dies, and what was recorded is there.
//!
//! It looks into the tables of Linux to see what is left.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "tests may")]

mod program;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use program::Program;

/// Waits for a condition of other processes, which nobody announces.
#[track_caller]
fn await_that(what: &str, mut holds: impl FnMut() -> bool) {
    let give_up = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < give_up, "never: {what}");
        std::thread::yield_now();
    }
}

/// Processes whose command line names this folder, apart from zombies.
fn processes_of(folder: &Path) -> Vec<u32> {
    let name = folder.to_string_lossy().into_owned();
    let of = |entry: std::fs::DirEntry| {
        let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
        let command = std::fs::read_to_string(entry.path().join("cmdline")).ok()?;
        command.contains(&name).then_some(pid)
    };
    std::fs::read_dir("/proc").unwrap().filter_map(|entry| of(entry.ok()?)).collect()
}

/// Starts a long run and waits until it has recorded something under a paused or killed node.
fn start(program: &Program) -> Child {
    let mut child = program
        .command(
            env!("CARGO_BIN_EXE_rashomon"),
            &["run", "--time", "60s", "--seed", "1", "--faults", "pause"],
        )
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A line on standard error reports the first fault; a stopped process is the hardest to end.
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let begun = stderr.lines().map_while(Result::ok).any(|line| line.contains("begin pause"));
    assert!(begun, "the run ended before its first fault");
    child
}

fn client_ports(program: &Program) -> Vec<u16> {
    let nodes = processes_of(program.folder());
    assert_eq!(nodes.len(), 3, "three nodes are running");
    // Every listening port of a node process, from the kernel's table.
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let mut ports = Vec::new();
    for pid in nodes {
        let Ok(handles) = std::fs::read_dir(format!("/proc/{pid}/fd")) else { continue };
        let inodes: Vec<String> = handles
            .filter_map(|handle| std::fs::read_link(handle.ok()?.path()).ok())
            .filter_map(|link| {
                let name = link.to_string_lossy().into_owned();
                Some(name.strip_prefix("socket:[")?.trim_end_matches(']').to_owned())
            })
            .collect();
        for line in table.lines().skip(1) {
            let words: Vec<&str> = line.split_whitespace().collect();
            if words[3] == "0A" && inodes.contains(&words[9].to_owned()) {
                let port = words[1].rsplit(':').next().unwrap();
                ports.push(u16::from_str_radix(port, 16).unwrap());
            }
        }
    }
    assert!(ports.len() >= 9, "a client, an admin and a peer port each: {ports:?}");
    ports
}

#[test]
fn a_harness_killed_with_sigkill_leaves_a_history_and_nothing_else() {
    let program = Program::new();
    let mut child = start(&program);
    let ports = client_ports(&program);
    child.kill().unwrap();
    child.wait().unwrap();
    await_that("the nodes are gone", || processes_of(program.folder()).is_empty());
    await_that("their ports are free", || {
        ports.iter().all(|&port| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok())
    });
    let history = program.latest().join("history.jsonl");
    let checked = program.run(&["check", history.to_str().unwrap()]);
    checked.expect(130);
    assert!(
        checked.stdout.contains("✓ linearizable"),
        "the history so far can be judged\n{checked}"
    );
    assert!(checked.stdout.contains("environment: the harness ended before"), "{checked}");
    let left: Vec<_> =
        std::fs::read_dir(program.folder()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["results"], "no other folder is left behind");
}

#[test]
fn ctrl_c_ends_the_load_heals_and_judges() {
    let program = Program::new();
    let child = start(&program);
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("UNDECIDED") && said.contains("interrupted at"), "{said}");
    let record = std::fs::read_to_string(program.latest().join("verdict.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    assert_eq!((&record["exit"], &record["verdict"]), (&130.into(), &"unknown".into()));
    assert_eq!(record["stopped"]["why"], "interrupted", "{record:#}");
    assert!(processes_of(program.folder()).is_empty());
}

/// A run whose one counter takes half a minute to judge, until the budget is spent: additions of many
/// processes overlap, and many are indeterminate. A signal that comes once all copies have been read
/// can no longer end the load.
#[test]
fn a_signal_while_a_run_is_judged_ends_judging_and_is_told() {
    let program = Program::new();
    let arguments = "run primary-replica --failover raft --workload counter --nodes 5 --sim --seed 2 \
                     --keys 1 --ops-per-key 100000 --processes 100 --ops 20000 --time 5s \
                     --faults partition,kill --json";
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    let child = program
        .command(env!("CARGO_BIN_EXE_rashomon"), &arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let history = program.latest().join("history.jsonl");
    await_that("every copy has been read", || {
        let text = std::fs::read_to_string(&history).unwrap_or_default();
        let finals = text.lines().filter(|line| line.contains("\"final\":true"));
        finals.filter(|line| line.contains("\"type\":\"ok\"")).count() == 5
    });
    signal(&child, nix::sys::signal::Signal::SIGTERM);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(130), "{said}");
    let result: serde_json::Value = serde_json::from_str(&said).expect("one object");
    let told = doubts(&result);
    let says = |words: &str| {
        told.iter().any(|doubt| doubt["what"].as_str().is_some_and(|what| what.contains(words)))
    };
    assert!(says("stopped on request; "), "judging had begun and was ended\n{result:#}");
    assert!(says("the run was interrupted"), "{result:#}");
    assert_eq!((&result["exit"], &result["verdict"]), (&130.into(), &"unknown".into()));
}

/// The doubts of a run's JSON result, those of its checks included.
fn doubts(result: &serde_json::Value) -> Vec<&serde_json::Value> {
    let of_checks = result["checks"].as_array().unwrap().iter().map(|check| &check["doubts"]);
    let all = of_checks.chain([&result["doubts"]]);
    all.flat_map(|doubts| doubts.as_array().unwrap()).collect()
}

#[test]
fn a_node_killed_by_hand_is_no_violation_but_the_environments_doing() {
    let program = Program::new();
    let arguments = ["run", "primary-replica", "--faults", "partition", "--time", "2s"];
    let mut child = program
        .command(
            env!("CARGO_BIN_EXE_rashomon"),
            &[&arguments[..], &["--seed", "5", "--json"]].concat(),
        )
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("begin partition")), "a fault begins");
    let killed = *processes_of(program.folder()).iter().max().expect("nodes are running");
    let pid = nix::unistd::Pid::from_raw(i32::try_from(killed).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
    lines.for_each(drop);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{said}");
    let result: serde_json::Value = serde_json::from_str(&said).expect("one object");
    let killed = doubts(&result).into_iter().find(|doubt| {
        doubt["what"].as_str().is_some_and(|what| what.contains("ended from outside by signal 9"))
    });
    assert_eq!(killed.expect("it is told")["whose"], "environment", "{result:#}");
}

#[test]
fn a_run_short_of_descriptors_is_the_environments_doing() {
    let program = Program::new();
    // Some of the harness's connections find no room at this number; nodes have enough.
    let ended = program.shell(
        "ulimit -n 40; exec \"$RASHOMON\" run primary-replica --faults partition --time 2s --seed 5 --json",
    );
    let result: serde_json::Value = serde_json::from_str(&ended.stdout).expect("one object");
    assert_eq!(ended.code, 3, "{ended}");
    let told = doubts(&result);
    let short = |doubt: &&&serde_json::Value| {
        doubt["what"].as_str().is_some_and(|what| what.contains("Too many open files"))
    };
    let short = told.iter().find(short).unwrap_or_else(|| panic!("{result:#}"));
    assert_eq!(short["whose"], "environment", "{result:#}");
}

/// Sends a signal to a process that this test has started.
fn signal(child: &Child, signal: nix::sys::signal::Signal) {
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(pid, signal).unwrap();
}

/// Waits until a process handles Ctrl-C itself.
fn await_handler(child: &Child) {
    await_that("it handles SIGINT", || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = u64::from_str_radix(caught.unwrap().trim(), 16).unwrap();
        caught & (1 << (nix::libc::SIGINT - 1)) != 0
    });
}

#[test]
fn one_ctrl_c_ends_a_simulated_series_which_tells_what_it_has() {
    let program = Program::new();
    let arguments = ["run", "--sim", "--seed", "1", "--seeds", "1000000", "--keep-going"];
    let mut command = program.command(env!("CARGO_BIN_EXE_rashomon"), &arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    await_handler(&child);
    signal(&child, nix::sys::signal::Signal::SIGINT);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains(" of 1,000,000 from seed 1: "), "{said}");
    assert!(said.contains("not run (interrupted)"), "{said}");
}

#[test]
fn a_real_series_has_one_thread_for_signals_and_one_ctrl_c_ends_it() {
    use nix::sys::signal::Signal::{SIGCONT, SIGINT, SIGSTOP};
    let program = Program::new();
    let arguments = ["run", "--ops", "200", "--rate", "2000", "--faults", "none", "--seed", "1"];
    let arguments = [&arguments[..], &["--seeds", "1000", "--keep-going"]].concat();
    let mut command = program.command(env!("CARGO_BIN_EXE_rashomon"), &arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let boxes = lines.by_ref().filter(|line| line.starts_with('╰')).take(3).count();
    assert_eq!(boxes, 3);
    signal(&child, SIGSTOP);
    let tasks = std::fs::read_dir(format!("/proc/{}/task", child.id())).unwrap();
    let names =
        tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).unwrap());
    assert_eq!(names.filter(|name| name.trim() == "signals").count(), 1);
    signal(&child, SIGINT);
    signal(&child, SIGCONT);
    let rest: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:#?}");
    assert!(rest.last().unwrap().contains("not run (interrupted)"), "{rest:#?}");
    assert!(processes_of(program.folder()).is_empty());
}
