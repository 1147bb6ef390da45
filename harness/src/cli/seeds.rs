//! Many runs, from a seed on.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::output::Output;
use super::run::one;
use crate::drive::Unwatched;
use crate::exit::Exit;
use crate::judge::Outcome;
use crate::report::{Told, progress::Show, summary_line, thousands};
use crate::run::{self, Keep};
use crate::settings::{Driver, Settings};

/// How many runs, and whether to stop at the first that is not valid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seeds {
    pub(super) count: u64,
    pub(super) keep_going: bool,
}

/// What is remembered of one of many runs.
struct Line {
    outcome: Outcome,
    text: String,
    operations: u64,
    virtual_time: u128,
    judged_in: Duration,
    bug_hits: u64,
}

/// Runs them all. Valid runs leave a line, others are kept in the store.
pub(super) fn run(
    settings: &Settings,
    seeds: Seeds,
    store: &Path,
    base_port: Option<u16>,
    output: &Output,
) -> anyhow::Result<Exit> {
    match settings.driver {
        Driver::Simulation => simulated(settings, seeds, store, output),
        Driver::Cluster => real(settings, seeds, store, base_port, output),
    }
}

/// Real clusters, one after another, each with its box.
fn real(
    settings: &Settings,
    seeds: Seeds,
    store: &Path,
    base_port: Option<u16>,
    output: &Output,
) -> anyhow::Result<Exit> {
    let mut worst = Exit::Valid;
    for seed in (settings.seed..).take(usize::try_from(seeds.count).unwrap_or(usize::MAX)) {
        let settings = settings.with_seed(seed);
        let plan = run::plan(&settings);
        let exit = one(&settings, &plan, true, store, base_port, output)?;
        worst = worst.and(exit);
        if exit != Exit::Valid && !seeds.keep_going {
            break;
        }
    }
    Ok(worst)
}

/// Simulated clusters, on all cores. The result does not depend on how many there are.
fn simulated(
    settings: &Settings,
    seeds: Seeds,
    store: &Path,
    output: &Output,
) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let bar = bar(seeds.count, output);
    let next = AtomicU64::new(0);
    // The lowest run that ends the series; later ones need not be started.
    let last = AtomicU64::new(seeds.count);
    let lines: Mutex<BTreeMap<u64, anyhow::Result<Line>>> = Mutex::new(BTreeMap::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= seeds.count || number > last.load(Ordering::Relaxed) {
                        return;
                    }
                    let line = simulate(settings, settings.seed + number);
                    let ends = !matches!(&line, Ok(line) if line.outcome == Outcome::Valid);
                    if ends && !seeds.keep_going {
                        last.fetch_min(number, Ordering::Relaxed);
                    }
                    bar.inc(1);
                    lines.lock().expect("no thread panics with it").insert(number, line);
                }
            });
        }
    });
    bar.finish_and_clear();
    let elapsed = started.elapsed();
    let last = last.load(Ordering::Relaxed);
    let mut lines = lines.into_inner().expect("all threads have ended");
    lines.retain(|&number, _| number <= last);
    conclude(settings, seeds, lines, (elapsed, threads), store, output)
}

fn simulate(settings: &Settings, seed: u64) -> anyhow::Result<Line> {
    let settings = settings.with_seed(seed);
    let plan = run::plan(&settings);
    let finished = run::execute(&settings, &plan, Keep::default(), &mut Unwatched)?;
    let told = Told { settings: &settings, finished: &finished, folder: None, plan_is_drawn: true };
    Ok(Line {
        outcome: finished.judgement.outcome(),
        text: summary_line(&told),
        operations: finished.tally.invoked,
        virtual_time: u128::from(finished.driven.end.0),
        judged_in: finished.judged_in,
        bug_hits: finished.driven.bug_hits,
    })
}

fn conclude(
    settings: &Settings,
    seeds: Seeds,
    lines: BTreeMap<u64, anyhow::Result<Line>>,
    (elapsed, threads): (Duration, usize),
    store: &Path,
    output: &Output,
) -> anyhow::Result<Exit> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut worst = Exit::Valid;
    let (mut operations, mut virtual_time, mut bug_hits, mut runs) = (0, 0, 0, 0u64);
    let mut judged_in = Duration::ZERO;
    let mut first = None;
    for (number, line) in lines {
        let line = line?;
        runs += 1;
        operations += line.operations;
        virtual_time += line.virtual_time;
        judged_in += line.judged_in;
        bug_hits += line.bug_hits;
        worst = worst.and(line.outcome.into());
        let word = match line.outcome {
            Outcome::Valid => "valid",
            Outcome::Violation => "violation",
            Outcome::Unknown => "unknown",
        };
        *counts.entry(word).or_default() += 1;
        if line.outcome != Outcome::Valid {
            first = first.or(Some((number, line.outcome)));
            if !output.json {
                output.result(&format!("{}\n", output.glyphs.fit(&line.text)));
            }
        }
    }
    let seconds = elapsed.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let judging = judged_in.as_secs_f64() / (seconds * threads as f64).max(1e-9) * 100.0;
    let rate = |count: f64| count / seconds.max(1e-9);
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let (per_second, times_real) = (rate(runs as f64), rate(virtual_time as f64 / 1e9));
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let per_core = per_second / threads as f64;
    if output.json {
        output.json(&json!({
            "schema": "rashomon.seeds/1", "seed": settings.seed, "runs": runs, "exit": worst.number(),
            "verdicts": counts, "operations": operations, "seconds": seconds,
            "runs_per_second": per_second, "runs_per_second_per_core": per_core,
            "times_real_time": times_real, "first_not_valid": first.map(|(n, _)| settings.seed + n),
            "bug_hits": bug_hits,
        }));
    } else {
        let counted: Vec<String> =
            counts.iter().map(|(word, count)| format!("{} {word}", thousands(*count))).collect();
        let planted = match settings.target.bugs.len() {
            0 => String::new(),
            _ => format!("; planted bugs mattered {} times", thousands(bug_hits)),
        };
        output.result(&format!(
            "{} runs from seed {}: {}; {} operations in {seconds:.2} s: {per_second:.0} runs/s on \
             {threads} cores ({per_core:.0} a core), {times_real:.0} times real time, {judging:.0} % of \
             it judging{planted}\n",
            thousands(runs),
            settings.seed,
            counted.join(", "),
            thousands(operations),
        ));
    }
    // The first run that is not valid is told and kept whole. It is the same run again.
    if let Some((number, _)) = first
        && !output.json
        && !seeds.keep_going
    {
        let settings = settings.with_seed(settings.seed + number);
        one(&settings, &run::plan(&settings), true, store, None, output)?;
    }
    Ok(worst)
}

fn bar(count: u64, output: &Output) -> ProgressBar {
    let target = match output.progress() {
        Show::Live => ProgressDrawTarget::stderr(),
        Show::Lines | Show::Nothing => ProgressDrawTarget::hidden(),
    };
    let style =
        ProgressStyle::with_template(" runs   {bar:40} {pos} of {len}  {per_sec}  {eta} left")
            .expect("the template is constant");
    let bar = ProgressBar::with_draw_target(Some(count), target);
    bar.set_style(style.progress_chars("━╸ "));
    bar
}
