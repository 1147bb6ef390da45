//! How fast histories are judged: `cargo bench -p rashomon-checker --bench linearizability`.
//!
//! One thread, parsing apart. Beside each figure, that of the reference in the tree (plain
//! Wing-Gong-Lowe) under a budget of a million steps and 1 GiB.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and the corpus")]
#![expect(clippy::print_stdout, reason = "its output is its purpose")]

mod workload;

use std::path::Path;
use std::time::{Duration, Instant};

use rashomon_checker::formats::{ReadOptions, load};
use rashomon_checker::linearizability::{self, FailedCas, Options, Report, Witnesses};
use rashomon_checker::{Budget, History, ModelKind, verify};

use workload::{Object, Workload};

/// The best of up to nine runs, or of as many as fit in a second: what other load disturbs least.
fn best(mut run: impl FnMut()) -> Duration {
    let start = Instant::now();
    let mut times = Vec::new();
    while times.is_empty() || times.len() < 9 && start.elapsed() < Duration::from_secs(1) {
        let before = Instant::now();
        run();
        times.push(before.elapsed());
    }
    times.into_iter().min().unwrap_or_default()
}

fn millis(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1e3)
}

/// One line of the table.
fn row(name: &str, aim: &str, histories: &[History], model: ModelKind, options: &Options) {
    let judge = |options: &Options| -> Vec<Report> {
        histories.iter().map(|it| linearizability::check(it, model, options)).collect()
    };
    let found = Options { witnesses: Witnesses::AsFound, ..options.clone() };
    let reports = judge(&found);
    let time = best(|| drop(judge(&found)));
    let least = best(|| drop(judge(options)));
    let of = |name| reports.iter().filter(|report| report.verdict.name() == name).count();
    let configurations: u64 =
        reports.iter().flat_map(|report| &report.parts).map(|part| part.configurations).sum();
    let mut name = name.to_owned();
    for report in judge(options) {
        for anomaly in report.verdict.anomalies() {
            match verify::anomaly(anomaly) {
                Err(verify::Refused::TooLarge(_)) => {
                    name.push_str(" (witness not verified: too large)");
                }
                told => told.expect("a witness is one"),
            }
        }
    }
    let reference_budget =
        Budget { configurations: 1_000_000, bytes: 1 << 30, ..Budget::default() };
    let mut undecided = 0;
    let before = Instant::now();
    for history in histories {
        let decided = linearizability::reference(history, model, options, &reference_budget);
        undecided += usize::from(decided.is_none());
    }
    let reference = before.elapsed();
    let ratio = reference.as_secs_f64() / time.as_secs_f64();
    let (told, sign) = if undecided > 0 {
        (format!("no answer in {}", millis(reference)), "> ")
    } else {
        (millis(reference), "")
    };
    println!(
        "| {name} | {} / {} / {} | {aim} | {} | {} | {configurations} | {told} | {sign}{ratio:.0}x |",
        of("valid"),
        of("invalid"),
        of("unknown"),
        millis(time),
        millis(least),
    );
}

fn main() {
    println!(
        "| work | valid / invalid / unknown | aim | verdict | with least witness | configurations | reference | ratio |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let options = Options::default();
    let etcd = corpus("porcupine/jepsen-etcd");
    let mismatched = Options { failed_cas: FailedCas::Mismatched, ..Options::default() };
    row("etcd logs of the corpus", "2 ms", &etcd, ModelKind::CasRegister, &mismatched);
    row("Knossos's data", "", &corpus("knossos/cas-register"), ModelKind::CasRegister, &options);
    row("Porcupine's kv", "", &corpus("porcupine/kv"), ModelKind::Kv, &options);
    let shape = Workload {
        object: Object::Register,
        clients: 10,
        operations: 10_000,
        keys: 1,
        crashed_per_mille: 0,
        is_bad: false,
        seed: 1,
    };
    let run = |name: &str, aim: &str, model, shape: Workload| {
        row(name, aim, &[workload::history(&shape)], model, &options);
    };
    let register = |name: &str, aim: &str, shape| run(name, aim, ModelKind::Register, shape);
    register("register, 10 clients, 10,000 ops", "0.3 ms", shape);
    register("the same, one stale read", "", Workload { is_bad: true, ..shape });
    let long = Workload { clients: 5, operations: 100_000, ..shape };
    register("register, 5 clients, 100,000 ops", "5 ms", long);
    let crashed = Workload { clients: 100, crashed_per_mille: 10, ..long };
    register("register, 100 clients, 100,000 ops, 1 % crashed", "10 ms", crashed);
    register("the same, one stale read", "", Workload { is_bad: true, ..crashed });
    let cas = |name: &str, aim: &str, shape| {
        let shape = Workload { object: Object::CasOfFive, operations: 1_000, ..shape };
        run(name, aim, ModelKind::CasRegister, shape);
    };
    for (clients, valid, bad) in
        [(5, "", ""), (10, "", "10 ms"), (20, "50 ms", "300 ms"), (50, "decided", "")]
    {
        let shape = Workload { clients, ..shape };
        cas(&format!("cas of five, {clients} clients, 1,000 ops"), valid, shape);
        if let Some(shape) = violation(Workload { is_bad: true, ..shape }) {
            cas("the same, one wrong read", bad, shape);
        }
        let crashed = Workload { crashed_per_mille: 10, ..shape };
        cas("the same, 1 % crashed", "", crashed);
        if let Some(shape) = violation(Workload { is_bad: true, ..crashed }) {
            cas("the same, 1 % crashed, one wrong read", "", shape);
        }
    }
    let new = Workload {
        object: Object::CasOfNew,
        clients: 12,
        operations: 100,
        keys: 68,
        crashed_per_mille: 20,
        ..shape
    };
    run("cas of new values, 12 clients, 100 ops a key, 68 keys", "", ModelKind::CasRegister, new);
    let bad = Workload { is_bad: true, ..new };
    run("the same, one stale read a key", "", ModelKind::CasRegister, bad);
    let text = Workload { object: Object::Text, clients: 50, operations: 200, keys: 10, ..shape };
    run("texts, 50 clients, 200 ops a key, 10 keys", "5 ms", ModelKind::Kv, text);
    run("the same, one stale read a key", "5 ms", ModelKind::Kv, Workload { is_bad: true, ..text });
}

/// The first of these workloads, seed by seed, whose wrong read is indeed one: with five values and
/// many clients, most could have been read by luck.
fn violation(shape: Workload) -> Option<Workload> {
    let shape = Workload { object: Object::CasOfFive, operations: 1_000, ..shape };
    let options = Options {
        witnesses: Witnesses::AsFound,
        budget: Budget { configurations: 200_000, ..Budget::default() },
        ..Options::default()
    };
    let is_violation = |shape: &Workload| {
        let history = workload::history(shape);
        linearizability::check(&history, ModelKind::CasRegister, &options).verdict.is_invalid()
    };
    (1..100).map(|seed| Workload { seed, ..shape }).find(is_violation)
}

/// The histories in a folder of the corpus; none if it is absent.
fn corpus(folder: &str) -> Vec<History> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus").join(folder);
    let mut paths = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "log" || it == "edn" || it == "txt") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let bytes = std::fs::read(path).expect("the corpus can be read");
            load(&bytes[..], &ReadOptions::default()).expect("the corpus is well formed").history
        })
        .collect()
}
