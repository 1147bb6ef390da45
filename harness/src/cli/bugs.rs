//! `rashomon bugs`: each planted bug is looked for, in simulation, on all cores.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::Context;
use clap::Parser;
use rashomon_targets::{Family, PlantedBug, Sought};

use super::output::Output;
use super::{Cli, Command, run, seeds, words};
use crate::bugs::{self, Block, HuntOutcome, Hunted, Lookout};
use crate::exit::Exit;
use crate::interrupt;
use crate::parallel::{Each, all_cores, up_to_first};
use crate::report::{bugs_report, bugs_text};
use crate::run::drive::UntilStopped;
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon bugs
  rashomon bugs no-fencing --blocks 20
  rashomon bugs --blocks 20 --json")]
pub(super) struct BugsArgs {
    /// Look for this bug only [default: all]
    #[arg(value_name = "BUG", value_parser = words::bug)]
    bug: Option<PlantedBug>,
    /// Look this often, each time with other seeds
    #[arg(long, default_value = "1", value_name = "N", value_parser = |text: &str| words::whole(text, 1_u64, 1_000))]
    blocks: u64,
    /// Runs each time, before a bug counts as not found
    #[arg(long, default_value = "200", value_name = "N", value_parser = |text: &str| words::whole(text, 1_u64, 100_000))]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value = "1", value_name = "N", value_parser = |text: &str| words::whole(text, 0, u64::MAX >> 2))]
    seed: u64,
}

/// Carries out `rashomon bugs`.
pub(super) fn bugs(args: &BugsArgs, output: &Output) -> anyhow::Result<Exit> {
    let is_wanted = |bug: &str| args.bug.is_none_or(|it| it.name == bug);
    let hunts: Vec<(Lookout, Settings)> = Lookout::all()
        .filter(|one| is_wanted(one.bug.name))
        .map(|one| Ok((one, settings(one)?)))
        .collect::<anyhow::Result<_>>()?;
    let stop = interrupt::stop_flag("stopping; what was looked for so far is reported");
    let started = Instant::now();
    let mut hunted = look(&hunts, args, &stop, output)?;
    for bug in Family::bugs().filter(|bug| is_wanted(bug.name)) {
        if let Sought::Needs(words) = bug.sought {
            hunted.push(Hunted { bug, words, blocks: Vec::new() });
        }
    }
    let exit = exit(&hunted, stop.load(Ordering::Relaxed));
    if output.json {
        output.json(&bugs_report(&hunted, started.elapsed(), exit));
    } else {
        output.result(&bugs_text(&hunted, started.elapsed()));
    }
    Ok(exit)
}

/// The settings of a hunt, with the bug planted: those of the command that a user would give.
pub(super) fn settings(Lookout { bug, hunt }: Lookout) -> anyhow::Result<Settings> {
    let mut words = vec!["rashomon", "run", "--sim", "--seed", "1", "--bug", bug.name];
    words.extend(hunt.words.split_whitespace());
    let Command::Run(args) = Cli::try_parse_from(words).context(hunt.words)?.command else {
        anyhow::bail!("{}: not a run", hunt.words);
    };
    run::drawn_settings(&args)
}

/// Looks for everything. What is found does not depend on how many cores there are.
fn look(
    hunts: &[(Lookout, Settings)],
    args: &BugsArgs,
    stop: &AtomicBool,
    output: &Output,
) -> anyhow::Result<Vec<Hunted>> {
    let place = |number: u64| usize::try_from(number).expect("there are not that many");
    let all = hunts.len() as u64 * args.blocks;
    let bar = seeds::bar(all, output);
    let each = Each {
        run: |number: u64| {
            let (lookout, settings) = &hunts[place(number / args.blocks)];
            let sought = (settings, lookout.hunt.shows);
            let first = args.seed + number % args.blocks * args.seeds;
            let block = bugs::look(sought, (first, args.seeds), &mut UntilStopped(stop));
            bar.inc(1);
            block
        },
        ends: |block: &anyhow::Result<Option<Block>>| block.is_err(),
        stop: || stop.load(Ordering::Relaxed),
    };
    let blocks = up_to_first(all, all_cores(), &each);
    bar.finish_and_clear();
    let nothing =
        |one: &Lookout| Hunted { bug: one.bug, words: one.hunt.words, blocks: Vec::new() };
    let mut hunted: Vec<Hunted> = hunts.iter().map(|(one, _)| nothing(one)).collect();
    for (number, block) in blocks {
        hunted[place(number / args.blocks)].blocks.extend(block?);
    }
    Ok(hunted)
}

/// A claim that a run without a planted bug breaks is a violation; a bug that is not found is something
/// that this program cannot tell.
fn exit(hunted: &[Hunted], stopped: bool) -> Exit {
    let of_one = |one: &Hunted| match one.came() {
        HuntOutcome::NotClean => Exit::Violation,
        HuntOutcome::Found | HuntOutcome::NotJudged => Exit::Valid,
        HuntOutcome::FoundAtTimes | HuntOutcome::Triggered | HuntOutcome::Dormant => Exit::Unknown,
    };
    let exit = hunted.iter().map(of_one).fold(Exit::Valid, Exit::and);
    if stopped { exit.and(Exit::Interrupted) } else { exit }
}
