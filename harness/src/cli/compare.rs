//! `rashomon compare`: designs side by side, each row measured.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::Context;
use rashomon_targets::TargetConfig;

use super::output::Output;
use super::target::target_of;
use super::{seeds, words};
use crate::campaign::SeedRange;
use crate::compare::{ComparedDesign, Measured, Measurement, measure};
use crate::exit::Exit;
use crate::interrupt;
use crate::parallel::{Each, all_cores, up_to_first};
use crate::report::{ToldComparison, compare_markdown, compare_page, compare_report};
use crate::run::drive::UntilStopped;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon compare primary-replica leaderless multi-leader hybrid
  rashomon compare \"primary-replica --reads any\" \"primary-replica --failover raft\" --seeds 20
  rashomon compare primary-replica leaderless --markdown comparison.md --json

Everything is measured in simulation, and the same on every machine. docs/audits.md says how to read the rows.")]
pub(super) struct CompareArgs {
    /// Designs: each a target, with its flags in quotes
    #[arg(required = true, value_name = "TARGET", value_parser = |text: &str| target_of(text, None))]
    designs: Vec<TargetConfig>,
    /// Runs for each row
    #[arg(long, default_value = "10", value_name = "N", value_parser = |text: &str| words::whole(text, 1_u64, 10_000))]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value = "1", value_name = "N", value_parser = |text: &str| words::whole(text, 0, u64::MAX >> 2))]
    seed: u64,
    /// Also write the comparison as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

/// Executes `rashomon compare`.
pub(super) fn compare(args: &CompareArgs, output: &Output) -> anyhow::Result<Exit> {
    let stop = interrupt::stop_flag("stopping; what is measured so far is reported");
    let started = Instant::now();
    let seeds = SeedRange { first: args.seed, count: args.seeds };
    let designs = measure_all(&args.designs, seeds, &stop, output)?;
    let is_interrupted = stop.load(Ordering::Relaxed);
    let told =
        ToldComparison { designs: &designs, seeds, is_interrupted, elapsed: started.elapsed() };
    let exit = if is_interrupted { Exit::Interrupted } else { Exit::Valid };
    if let Some(path) = &args.markdown {
        std::fs::write(path, compare_markdown(&told))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if output.json {
        output.json(&compare_report(&told, exit.number()));
    } else {
        output.page(&compare_page(&told, output.screen()));
    }
    Ok(exit)
}

/// Measures everything. What is found does not depend on how many cores there are.
fn measure_all(
    targets: &[TargetConfig],
    seeds: SeedRange,
    stop: &Arc<AtomicBool>,
    output: &Output,
) -> anyhow::Result<Vec<ComparedDesign>> {
    let place = |number: u64| usize::try_from(number).expect("there are not that many");
    let of = targets.len();
    // What takes longest begins first.
    let all = (Measurement::ALL.len() * of) as u64;
    let bar = seeds::bar(all, output);
    let each = Each {
        run: |number: u64| {
            let (what, target) =
                (Measurement::ALL[place(number) / of], &targets[place(number) % of]);
            let measured = measure(target, what, seeds, &mut UntilStopped(stop));
            bar.inc(1);
            measured
        },
        ends: |measured: &anyhow::Result<Option<Measured>>| measured.is_err(),
        stop: || stop.load(Ordering::Relaxed),
    };
    let measured = up_to_first(all, all_cores(), &each);
    bar.finish_and_clear();
    let mut designs: Vec<ComparedDesign> =
        targets.iter().cloned().map(ComparedDesign::new).collect();
    for (number, measured) in measured {
        if let Some(measured) = measured? {
            designs[place(number) % of].take(measured);
        }
    }
    Ok(designs)
}
