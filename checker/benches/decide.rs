//! Which hard histories are decided: `cargo bench -p rashomon-checker --bench decide`.
//! After `--`, a word prints only the lines with it. `RASHOMON_SEEDS` says how many seeds, ten if it is not set.
//!
//! Fourteen kinds, ten seeds of each: legal ones, and the same with one return changed. One thread,
//! judging only. It fails if a changed one is called valid or a legal one invalid, if fewer are
//! decided than the table of [kinds] says, or if one takes more memory than it may. How long each
//! takes is printed: it depends on the machine.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::print_stdout, reason = "its output is its purpose")]

mod kinds;
mod peak;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use rashomon_checker::linearizability::{self, Options};
use rashomon_checker::{Budget, verify};

use kinds::{Kind, Truth};

#[global_allocator]
static ALLOCATOR: peak::Counted = peak::Counted;

/// Histories of each kind.
const SEEDS: usize = 10;

/// Most bytes that judging one history may take.
const BYTES_MAX: usize = 256 << 20;

/// Legal histories that must be decided, of all kinds together. The aim is 110 of 140.
const DECIDED_MIN: usize = 126;

/// How many seeds are asked for.
fn seeds() -> usize {
    let asked = std::env::var("RASHOMON_SEEDS").ok().and_then(|seeds| seeds.parse().ok());
    asked.unwrap_or(SEEDS).clamp(1, SEEDS)
}

/// What came of the histories of a kind.
#[derive(Default)]
struct Row {
    /// Valid, invalid, unknown.
    verdicts: [usize; 3],
    slowest: Duration,
    peak: usize,
    configurations: u64,
}

fn main() -> ExitCode {
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    one_thread.expect("there can be a thread").install(run)
}

fn run() -> ExitCode {
    println!(
        "| work | legal: valid / invalid / unknown | slowest | memory | configurations | changed: valid / invalid / unknown | slowest | memory | configurations |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let mut complaints = Vec::new();
    let (mut decided, mut asked) = (0, 0);
    for kind in Kind::ALL.iter().filter(|kind| wanted(kind.name)) {
        let [legal, changed] = [Truth::Legal, Truth::Changed].map(|truth| row(kind, truth));
        println!("| {} | {} | {} |", kind.name, told(&legal), told(&changed));
        decided += legal.verdicts[0];
        asked += 1;
        complaints.extend(wrong(kind, &legal, &changed));
    }
    println!();
    println!("{decided} of {} legal ones are decided", seeds() * asked);
    // Those that are not asked may be the ones that are decided.
    let least = DECIDED_MIN.saturating_sub((SEEDS - seeds()) * asked);
    if asked == Kind::ALL.len() && decided < least {
        complaints.push(format!("{least} were to be decided"));
    }
    for complaint in &complaints {
        println!("FAILED: {complaint}");
    }
    if complaints.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn row(kind: &Kind, truth: Truth) -> Row {
    let budget = Budget { configurations: 1_000_000, bytes: 160 << 20, ..Budget::default() };
    let options = Options { budget, ..Options::default() };
    let mut row = Row::default();
    for seed in (1..).take(seeds()) {
        let history = kind.history(truth, seed);
        let mut report = None;
        let before = Instant::now();
        let peak =
            peak::of(|| report = Some(linearizability::check(&history, kind.model, &options)));
        row.slowest = row.slowest.max(before.elapsed());
        row.peak = row.peak.max(peak);
        let report = report.expect("it was judged");
        let which =
            ["valid", "invalid", "unknown"].iter().position(|it| *it == report.verdict.name());
        row.verdicts[which.expect("there are three verdicts")] += 1;
        row.configurations += report.parts.iter().map(|part| part.configurations).sum::<u64>();
        for anomaly in report.verdict.anomalies() {
            // A large one takes the verifier too long.
            let accepted = verify::anomaly(anomaly);
            let is_one = matches!(accepted, Ok(()) | Err(verify::Refused::TooLarge(_)));
            assert!(is_one, "{accepted:?}");
        }
    }
    row
}

fn told(row: &Row) -> String {
    let [valid, invalid, unknown] = row.verdicts;
    let (millis, megabytes) = (row.slowest.as_secs_f64() * 1e3, row.peak.div_ceil(1_000_000));
    let configurations = row.configurations;
    format!("{valid} / {invalid} / {unknown} | {millis:.1} ms | {megabytes} MB | {configurations}")
}

/// What must not be.
fn wrong(kind: &Kind, legal: &Row, changed: &Row) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut complain = |is_wrong: bool, what: String| {
        if is_wrong {
            complaints.push(format!("{}: {what}", kind.name));
        }
    };
    let [decided_legal, decided_changed] = kind.decided;
    complain(legal.verdicts[1] > 0, "a legal history is called invalid".to_owned());
    complain(changed.verdicts[0] > 0, "a changed history is called valid".to_owned());
    let fewer = |found: usize, least: usize| format!("{found} are decided, and {least} were");
    let [decided_legal, decided_changed] =
        [decided_legal, decided_changed].map(|it| it.saturating_sub(SEEDS - seeds()));
    complain(legal.verdicts[0] < decided_legal, fewer(legal.verdicts[0], decided_legal));
    complain(changed.verdicts[1] < decided_changed, fewer(changed.verdicts[1], decided_changed));
    let peak = legal.peak.max(changed.peak);
    complain(peak > BYTES_MAX, format!("{peak} bytes were held"));
    complaints
}

/// Whether a line is asked for.
fn wanted(name: &str) -> bool {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--")).peekable();
    words.peek().is_none() || words.any(|word| name.contains(&word))
}
