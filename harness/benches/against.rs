//! Simulated runs a second of this build and of another, by turns:
//! `BASELINE=PATH cargo bench -p rashomon --bench against`. After `--`, a word measures only the
//! configurations with it. Without `BASELINE` it prints this build's figures alone.
//!
//! What counts is processor time in the program itself, so that a busy machine disturbs little, and the
//! ratio, as two machines differ more than two builds. Runs are bound to one core where `taskset` is
//! there. Nothing is asserted.
#![expect(clippy::print_stdout, reason = "its output is its purpose")]

use std::ffi::{OsStr, OsString};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a configuration is called, and its command line.
const CONFIGURATIONS: [(&str, &[&str]); 5] = [
    ("primary-replica", &["primary-replica"]),
    ("raft", &["primary-replica", "--failover", "raft"]),
    ("leaderless", &["leaderless"]),
    ("write-back", &["leaderless", "--write-back", "on"]),
    ("multi-leader", &["multi-leader"]),
];

/// The same for all: faults by name, so that a later one changes nothing.
const RUNS: &[&str] = &[
    "--sim",
    "--seed",
    "1",
    "--ops",
    "1000",
    "--keep-going",
    "--faults",
    "partition,kill,messages",
];

/// Runs at a time, and turns. Each build's least time is taken: what is more is the machine's.
const SEEDS: u32 = 200;
const TURNS: u32 = 7;

fn main() {
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let baseline = std::env::var_os("BASELINE");
    let own = OsString::from(env!("CARGO_BIN_EXE_rashomon"));
    println!("{:<16} {:>10} {:>10} {:>6}   runs a second a core", "", "before", "after", "ratio");
    for (name, words) in CONFIGURATIONS {
        if wanted.as_ref().is_some_and(|word| !name.contains(word.as_str())) {
            continue;
        }
        let (mut before, mut after) = (None, None);
        for _ in 0..TURNS {
            if let Some(baseline) = &baseline {
                before = least(before, time(baseline, words));
            }
            after = least(after, time(&own, words));
        }
        let rate = |time: Option<Duration>| time.map(|time| f64::from(SEEDS) / time.as_secs_f64());
        let shown = |rate: Option<f64>| rate.map_or("-".to_owned(), |rate| format!("{rate:.0}"));
        let (before, after) = (rate(before), rate(after));
        let ratio = before.zip(after).map(|(before, after)| format!("{:.2}", after / before));
        let ratio = ratio.unwrap_or_default();
        println!("{name:<16} {:>10} {:>10} {ratio:>6}", shown(before), shown(after));
    }
}

fn least(a: Option<Duration>, b: Option<Duration>) -> Option<Duration> {
    a.into_iter().chain(b).min()
}

/// How long all runs of a configuration take; nothing where the build has no such configuration.
fn time(program: &OsStr, words: &[&str]) -> Option<Duration> {
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(program);
    if Command::new("taskset").arg("-V").stdout(Stdio::null()).status().is_err() {
        command = Command::new(program);
    }
    command.arg("run").args(words).args(RUNS).args(["--seeds", &SEEDS.to_string()]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let (before, started) = (spent_by_children(), Instant::now());
    let status = command.status().expect("the program starts");
    let spent = match (before, spent_by_children()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => started.elapsed(),
    };
    // 0 valid, 1 a violation, 3 unknown; 2: it does not know these words.
    matches!(status.code(), Some(0 | 1 | 3)).then_some(spent)
}

/// User time of all children that have ended, where the system tells: `cutime` of proc(5), whose unit is
/// a hundredth of a second on all Linux systems of today.
#[cfg(target_os = "linux")]
fn spent_by_children() -> Option<Duration> {
    let line = std::fs::read_to_string("/proc/self/stat").ok()?;
    let after_name = line.rsplit_once(')')?.1;
    let ticks: u64 = after_name.split_whitespace().nth(13)?.parse().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

/// Elsewhere the time that passes is all that is known.
#[cfg(not(target_os = "linux"))]
fn spent_by_children() -> Option<Duration> {
    None
}
