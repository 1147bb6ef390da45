//! How fast histories are judged: `cargo bench -p rashomon-checker --bench linearizability`.
//! After `--`, a word prints only the lines with it.
//!
//! One thread, parsing apart, best of nine; but for the line with a file. Beside each figure,
//! Porcupine's for the same work, as measured when Rashomon was designed (on the machine it is
//! developed on, 2 cores, 2026-11-22), and that of the reference in the tree, plain Wing-Gong-Lowe,
//! run now under a budget of ten million steps and 2 GiB. Last, whether the reference has the shape
//! Porcupine has.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and the corpus")]
#![expect(clippy::cast_precision_loss, reason = "ratios need not be exact")]
#![expect(clippy::print_stdout, reason = "its output is its purpose")]

mod long_run;
mod peak;
mod workload;

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use rashomon_checker::formats::{ReadOptions, load};
use rashomon_checker::groups::Gathered;
use rashomon_checker::linearizability::{self, FailedCas, Options, Report, Witnesses};
use rashomon_checker::passes::{Again, Passed, Passes, Room};
use rashomon_checker::{Anomaly, Budget, History, ModelKind, Slices, Verdict, verify};

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
    match time.as_secs_f64() {
        seconds if seconds >= 1.0 => format!("{seconds:.2} s"),
        seconds => format!("{:.2} ms", seconds * 1e3),
    }
}

fn megabytes(bytes: usize) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}

#[global_allocator]
static ALLOCATOR: peak::Counted = peak::Counted;

/// What is to be judged, and beside what.
struct Row<'a> {
    name: &'a str,
    /// What Porcupine takes for it.
    porcupine: &'a str,
    aim: &'a str,
    histories: &'a [History],
    model: ModelKind,
    options: &'a Options,
}

impl Row<'_> {
    fn print(&self) {
        if !wanted(self.name) || self.histories.is_empty() {
            return;
        }
        let Row { name, porcupine, aim, .. } = self;
        let judge = |options: &Options| -> Vec<Report> {
            let judge = |it| linearizability::check(it, self.model, options);
            self.histories.iter().map(judge).collect()
        };
        let found = Options { witnesses: Witnesses::AsFound, ..self.options.clone() };
        let reports = judge(&found);
        let peak = megabytes(peak::of(|| drop(judge(&found))));
        let time = best(|| drop(judge(&found)));
        let least = best(|| drop(judge(self.options)));
        let of = |name| reports.iter().filter(|report| report.verdict.name() == name).count();
        let configurations: u64 =
            reports.iter().flat_map(|report| &report.parts).map(|part| part.configurations).sum();
        let witness = longest_witness(&judge(self.options));
        let (reference, ratio) = self.reference(time);
        println!(
            "| {name} | {} / {} / {} | {porcupine} | {aim} | {} | {peak} | {configurations} | {} | {witness} | {reference} | {ratio} |",
            of("valid"),
            of("invalid"),
            of("unknown"),
            millis(time),
            if of("invalid") > 0 { millis(least) } else { String::new() },
        );
    }

    /// The time the reference takes, and how many times as long that is.
    fn reference(&self, time: Duration) -> (String, String) {
        let budget = Budget { configurations: 10_000_000, bytes: 2 << 30, ..Budget::default() };
        let before = Instant::now();
        let mut undecided = 0;
        for history in self.histories {
            let walk = linearizability::reference(history, self.model, self.options, &budget);
            undecided += usize::from(walk.linearizable.is_none());
        }
        let reference = before.elapsed();
        let ratio = reference.as_secs_f64() / time.as_secs_f64();
        if undecided > 0 {
            (format!("no answer in {}", millis(reference)), format!("> {ratio:.0}x"))
        } else {
            (millis(reference), format!("{ratio:.1}x"))
        }
    }
}

/// The operations of the longest witness, every one of which the verifier accepts.
fn longest_witness(reports: &[Report]) -> String {
    let anomalies = reports.iter().flat_map(|report| report.verdict.anomalies());
    let lengths = anomalies.map(|anomaly| {
        verify::anomaly(anomaly).expect("a witness is one");
        anomaly.witness.operations.len()
    });
    lengths.max().map_or(String::new(), |longest| longest.to_string())
}

/// Whether a line is asked for.
fn wanted(name: &str) -> bool {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--")).peekable();
    words.peek().is_none() || words.any(|word| name.contains(&word))
}

const SHAPE: Workload = Workload {
    object: Object::Register,
    clients: 10,
    operations: 10_000,
    keys: 1,
    crashed_per_mille: 0,
    is_bad: false,
    seed: 1,
};

fn main() {
    println!(
        "| work | valid / invalid / unknown | Porcupine | aim | verdict | memory | configurations | with least witness | its operations | reference | ratio |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    one_thread.expect("there can be a thread").install(|| {
        corpora();
        registers();
        swaps_of_five();
        others();
        words();
    });
    from_a_file();
    shape_of_the_reference();
}

fn corpora() {
    let options = Options::default();
    let mismatched = Options { failed_cas: FailedCas::Mismatched, ..options.clone() };
    let row = |name, porcupine, aim, folder, model, options| {
        Row { name, porcupine, aim, histories: &corpus(folder), model, options }.print();
    };
    let cas = ModelKind::CasRegister;
    let etcd = "etcd logs of the corpus";
    row(etcd, "about 1 s", "2 ms", "porcupine/jepsen-etcd", cas, &mismatched);
    row("Knossos's data", "", "", "knossos/cas-register", cas, &options);
    row("Porcupine's kv", "", "", "porcupine/kv", ModelKind::Kv, &options);
}

fn run(name: &str, porcupine: &str, aim: &str, model: ModelKind, shape: Workload) {
    if wanted(name) {
        let (histories, options) = (&[workload::history(&shape)], &Options::default());
        Row { name, porcupine, aim, histories, model, options }.print();
    }
}

fn registers() {
    let register =
        |name: &str, porcupine, aim, shape| run(name, porcupine, aim, ModelKind::Register, shape);
    register("register, 10 clients, 10,000 ops", "3.1 s", "0.3 ms", SHAPE);
    let bad = Workload { is_bad: true, ..SHAPE };
    register("register, 10 clients, 10,000 ops, one stale read", "no answer", "", bad);
    let long = Workload { clients: 5, operations: 100_000, ..SHAPE };
    register("register, 5 clients, 100,000 ops", "8.6 s, 4.4 GB", "5 ms, 20 MB", long);
    let crashed = Workload { clients: 100, crashed_per_mille: 10, ..long };
    let name = "register, 100 clients, 100,000 ops, 1 % crashed";
    register(name, "no answer", "10 ms", crashed);
    let bad = Workload { is_bad: true, ..crashed };
    register(&format!("{name}, one stale read"), "no answer", "", bad);
}

fn swaps_of_five() {
    let cas = |name: &str, porcupine, aim, shape| {
        let shape = Workload { object: Object::CasOfFive, operations: 1_000, ..shape };
        run(name, porcupine, aim, ModelKind::CasRegister, shape);
    };
    let no = "no answer";
    for (clients, [valid, bad], [valid_aim, bad_aim]) in [
        (5, ["7.6 ms", "75 ms"], ["", ""]),
        (10, ["52 ms", "2.5 s"], ["", "10 ms"]),
        (20, [no, no], ["50 ms", "300 ms"]),
        (50, [no, no], ["decided", ""]),
    ] {
        let shape = Workload { clients, ..SHAPE };
        let crashed = Workload { crashed_per_mille: 10, ..shape };
        let name = format!("cas of five, {clients} clients, 1,000 ops");
        cas(&name, valid, valid_aim, shape);
        let name = format!("{name}, one wrong read");
        if let Some(shape) = violation(&name, shape) {
            cas(&name, bad, bad_aim, shape);
        }
        let name = format!("cas of five, {clients} clients, 1,000 ops, 1 % crashed");
        cas(&name, "", "", crashed);
        let name = format!("{name}, one wrong read");
        if let Some(shape) = violation(&name, crashed) {
            cas(&name, "", "", shape);
        }
    }
}

fn others() {
    let new = Workload {
        object: Object::CasOfNew,
        clients: 12,
        operations: 100,
        keys: 68,
        crashed_per_mille: 20,
        ..SHAPE
    };
    let name = "cas of new values, 12 clients, 100 ops a key, 68 keys";
    run(name, "", "", ModelKind::CasRegister, new);
    let bad = Workload { is_bad: true, ..new };
    run(&format!("{name}, one stale read a key"), "", "", ModelKind::CasRegister, bad);
    let text = Workload { object: Object::Text, clients: 50, operations: 200, keys: 10, ..SHAPE };
    let name = "append, 50 clients, 200 ops a key, 10 keys";
    run(name, "3.4 s", "5 ms", ModelKind::Kv, text);
    let bad = Workload { is_bad: true, ..text };
    let name = &format!("{name}, one stale read a key");
    run(name, "60.9 s with a witness", "5 ms", ModelKind::Kv, bad);
}

/// Texts whose words repeat.
fn words() {
    let no = "no answer in 2 s";
    let shape = |words, puts| Workload { object: Object::Words { words, puts }, ..SHAPE };
    let kv = |name: &str, porcupine, aim, shape| run(name, porcupine, aim, ModelKind::Kv, shape);
    let many = Workload { clients: 50, operations: 200, keys: 10, ..shape(200, 0) };
    let name = "append of 200 words, 50 clients, 200 ops a key, 10 keys";
    kv(name, "", "5 ms", many);
    kv(&format!("{name}, one stale read a key"), "", "5 ms", Workload { is_bad: true, ..many });
    let long = Workload { operations: 2_000, ..shape(20, 0) };
    let name = "append of 20 words, 10 clients, 2,000 ops";
    kv(name, no, "20 ms", long);
    kv(&format!("{name}, one stale read"), no, "", Workload { is_bad: true, ..long });
    for (words, operations) in [(20, 500), (100, 2_000), (1_000, 2_000)] {
        let name = format!("append and 10 % put of {words} words, 10 clients, {operations} ops");
        kv(&name, no, "", Workload { operations, ..shape(words, 10) });
    }
}

/// Ten million operations, from a file to a verdict, as `rashomon check` does it on two cores. Once,
/// and the reference for half a minute.
fn from_a_file() {
    let name = "register, 10 clients a key, 10,000,000 ops on 1,000 keys, from a file";
    if !wanted(name) {
        return;
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ten-million.jsonl");
    let run = long_run::Wanted { operations: 10_000_000, processes: 10_000, ..Default::default() };
    let written =
        File::create(&path).and_then(|file| long_run::write(&run, &mut BufWriter::new(file)));
    if let Err(error) = written {
        println!("(there is no {}: {error})", path.display());
    } else {
        let mut judged = None;
        let before = Instant::now();
        let peak = peak::of(|| judged = Some(judge_file(&path)));
        let time = before.elapsed();
        let (verdict, history) = judged.expect("it was judged");
        let (reference, ratio) = reference_for_a_while(&history, time);
        let of = |verdict_name| u8::from(verdict.name() == verdict_name);
        let [valid, invalid, unknown] = ["valid", "invalid", "unknown"].map(of);
        println!(
            "| {name} | {valid} / {invalid} / {unknown} | no answer | 15 s, 2 GB | {} | {} | 0 | | | {reference} | {ratio} |",
            millis(time),
            megabytes(peak)
        );
    }
    std::fs::remove_file(&path).expect("it can be removed again");
}

/// The verdict on a history in a file, and the last group of its keys.
fn judge_file(path: &Path) -> (Verdict<Anomaly>, History) {
    let room = Room { bytes: 2_000_000_000, threads: 2 };
    let mut passes = Passes::new(&ReadOptions::default(), room, Again::Yes);
    let mut gathered = Gathered::new(1000);
    let mut last = History::default();
    while !passes.is_done() {
        let file = File::open(path).expect("it was written");
        let input = BufReader::with_capacity(1 << 18, file);
        let read = passes.read(input, &mut |_| ControlFlow::Continue(None));
        let Passed::Group(group) = read.expect("it is well formed") else { continue };
        gathered.judge(&group.history, ModelKind::Register, &Options::default());
        last = group.history;
    }
    (gathered.finish(), last)
}

/// Lets the reference judge key after key, and tells how far it gets.
fn reference_for_a_while(history: &History, time: Duration) -> (String, String) {
    let budget = Budget { configurations: 10_000_000, bytes: 2 << 30, ..Budget::default() };
    let before = Instant::now();
    let (mut judged, keys) = (0, history.keys().len());
    for key in Slices::new(history, 1).iter() {
        let (model, options) = (ModelKind::Register, Options::default());
        let walk = linearizability::reference(&key, model, &options, &budget);
        judged += usize::from(walk.linearizable.is_some());
        if before.elapsed() > Duration::from_secs(30) {
            break;
        }
    }
    let elapsed = before.elapsed();
    let ratio = elapsed.as_secs_f64() / time.as_secs_f64();
    if judged == keys {
        return (format!("{} without reading", millis(elapsed)), format!("{ratio:.1}x"));
    }
    (format!("{judged} of {keys} keys in {}", millis(elapsed)), format!("> {ratio:.0}x"))
}

/// The first of these workloads, seed by seed, whose wrong read is indeed one.
fn violation(name: &str, shape: Workload) -> Option<Workload> {
    let shape = Workload { object: Object::CasOfFive, operations: 1_000, is_bad: true, ..shape };
    let options = Options {
        witnesses: Witnesses::AsFound,
        budget: Budget { configurations: 1_000_000, ..Budget::default() },
        ..Options::default()
    };
    let is_violation = |shape: &Workload| {
        let history = workload::history(shape);
        linearizability::check(&history, ModelKind::CasRegister, &options).verdict.is_invalid()
    };
    let seeds = (1..20).filter(|_| wanted(name));
    seeds.map(|seed| Workload { seed, ..shape }).find(is_violation)
}

/// Porcupine's time on a register of 1,000 operations with a stale read grows thirtyfold from 5
/// clients to 10, and without one eightfold: exponentially, about 1.5 to 2 times a client.
fn shape_of_the_reference() {
    if !wanted("reference") {
        return;
    }
    println!();
    println!(
        "| the reference on a register of 1,000 ops | valid | a client more | one stale read | a client more |"
    );
    println!("|---|---|---|---|---|");
    let mut before: Option<[u64; 2]> = None;
    for clients in [3, 5, 7, 9, 11] {
        let steps = [false, true].map(|is_bad| {
            let shape = Workload { clients, operations: 1_000, is_bad, ..SHAPE };
            let (history, model) = (workload::history(&shape), ModelKind::Register);
            let budget = Budget { configurations: 20_000_000, bytes: 2 << 30, ..Budget::default() };
            linearizability::reference(&history, model, &Options::default(), &budget).steps
        });
        let factor = |which: usize| {
            let before = before.map(|before| before[which] as f64);
            before.map_or(String::new(), |it| format!("x{:.2}", (steps[which] as f64 / it).sqrt()))
        };
        let [valid, bad] = steps;
        println!(
            "| {clients} clients | {valid} steps | {} | {bad} steps | {} |",
            factor(0),
            factor(1)
        );
        before = Some(steps);
    }
}

/// The histories in a folder of the corpus; none if it is absent.
fn corpus(folder: &str) -> Vec<History> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus").join(folder);
    if !folder.is_dir() {
        println!("(the corpus is absent: there is no {})", folder.display());
    }
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
