//! `rashomon claims`: every configuration against its own claim, in simulation, on all cores.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::Context;
use rashomon_targets::{NodeId, TargetConfig};

use super::StoreArgs;
use super::faults::read_plan;
use super::output::Output;
use super::seeds;
use super::target;
use super::words;
use crate::claims::{self, RunCounts, SIZES, SLOWNESS, Style, Tested};
use crate::execute::{self, Keep};
use crate::exit::Exit;
use crate::fault::Plan;
use crate::interrupt;
use crate::judge::Outcome;
use crate::parallel::{Each, all_cores, up_to_first};
use crate::report::{claims_report, claims_text};
use crate::run::drive::{Ended, UntilStopped};
use crate::settings::Settings;

/// Runs of each configuration: a short form for every change, a full one for every release.
const BRIEF: [(Style, u64); 1] = [(Style::Short, 5)];
const FULL: [(Style, u64); 2] = [(Style::Long, 200), (Style::Short, 200)];
const PLANNED: (Style, u64) = (Style::Planned, 100);

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon claims
  rashomon claims leaderless --nodes 3
  rashomon claims --full --plan plan.json --json")]
pub(super) struct ClaimsArgs {
    /// Test the configurations of this target only
    #[arg(value_name = "TARGET", value_parser = target::names())]
    target: Option<String>,
    /// Test clusters of this size only [default: 3 to 7]
    #[arg(long, value_name = "N", value_parser = |text: &str| words::whole(text, *SIZES.start(), *SIZES.end()))]
    nodes: Option<u16>,
    /// Make 200 long and 200 short runs of each configuration instead of 5 short ones
    #[arg(long)]
    full: bool,
    /// Make 100 more runs of each under this plan (plan.json of a run), eight times slower for
    /// configurations in which a replica promotes itself
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// The first seed of each kind of run
    #[arg(long, default_value = "1", value_name = "N", value_parser = |text: &str| words::whole(text, 0, u64::MAX >> 2))]
    seed: u64,
    #[command(flatten)]
    store: StoreArgs,
}

/// What is run of each configuration.
struct Work {
    kinds: Vec<(Style, u64)>,
    seed: u64,
    planned: Option<Planned>,
}

/// A plan that was given.
struct Planned {
    plan: Plan,
    file: PathBuf,
    slowed: Plan,
    /// Where the slower plan is written, once a run under it is reported.
    slowed_file: PathBuf,
}

impl Planned {
    fn read(file: &Path, nodes: u16, store: &Path) -> anyhow::Result<Self> {
        let nodes: Vec<NodeId> = (1..=nodes).map(NodeId).collect();
        let plan = read_plan(file, &nodes)?;
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let slowed_file = store.join(format!("{stem}-{SLOWNESS}-times-slower.json"));
        let slowed = plan.clone().slowed(SLOWNESS);
        Ok(Self { plan, file: file.to_owned(), slowed, slowed_file })
    }

    /// The plan for this target, and the file that holds it.
    fn of(&self, target: &TargetConfig) -> (&Plan, &Path) {
        match Style::Planned.slowness(target) {
            1 => (&self.plan, &self.file),
            _ => (&self.slowed, &self.slowed_file),
        }
    }

    /// Writes the slower plan if a reported command needs it.
    fn keep(&self, tested: &[Tested]) -> anyhow::Result<()> {
        let name = self.slowed_file.display().to_string();
        let mut told = tested.iter().flat_map(|one| one.violation.iter().chain(&one.doubt));
        if !told.any(|(command, _)| command.contains(&name)) {
            return Ok(());
        }
        if let Some(folder) = self.slowed_file.parent() {
            std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        let text = serde_json::to_string_pretty(&self.slowed).context("a plan is JSON")?;
        std::fs::write(&self.slowed_file, text).with_context(|| name)
    }
}

/// One run: its result for the claim, the seed and settings that repeat it and, unless it is valid, why.
struct Line {
    outcome: Outcome,
    counts: RunCounts,
    told: Option<(String, String)>,
}

/// Executes `rashomon claims`.
pub(super) fn claims(args: &ClaimsArgs, output: &Output) -> anyhow::Result<Exit> {
    let sizes = args.nodes.map_or(SIZES, |nodes| nodes..=nodes);
    let mut targets = TargetConfig::every(sizes);
    targets.retain(|target| args.target.as_deref().is_none_or(|name| name == target.name()));
    let mut kinds = if args.full { FULL.to_vec() } else { BRIEF.to_vec() };
    let mut planned = None;
    if let Some(file) = &args.plan {
        kinds.push(PLANNED);
        let smallest = targets.iter().map(|target| target.nodes).min().unwrap_or(*SIZES.start());
        planned = Some(Planned::read(file, smallest, &args.store.store)?);
    }
    let work = Work { kinds, seed: args.seed, planned };
    let stop = interrupt::stop_flag("stopping; the report covers the runs so far");
    let started = Instant::now();
    let tested = run_all(&targets, &work, &stop, output)?;
    if let Some(planned) = &work.planned {
        planned.keep(&tested)?;
    }
    let exit = exit(&tested, stop.load(Ordering::Relaxed));
    if output.json {
        output.json(&claims_report(&tested, started.elapsed(), exit));
    } else {
        output.result(&claims_text(&tested, started.elapsed()));
    }
    Ok(exit)
}

/// The verdict on all runs: a violation is never masked.
fn exit(tested: &[Tested], stopped: bool) -> Exit {
    let of_one = |one: &Tested| match one.tally {
        tally if tally.violations > 0 => Exit::Violation,
        tally if tally.tells_too_little() => Exit::Unknown,
        _ => Exit::Valid,
    };
    let exit = tested.iter().map(of_one).fold(Exit::Valid, Exit::and);
    if stopped { exit.and(Exit::Interrupted) } else { exit }
}

/// Runs everything. What is counted does not depend on how many cores there are.
fn run_all(
    targets: &[TargetConfig],
    work: &Work,
    stop: &AtomicBool,
    output: &Output,
) -> anyhow::Result<Vec<Tested>> {
    let runs: Vec<(Style, u64)> = work
        .kinds
        .iter()
        .flat_map(|&(style, count)| (work.seed..work.seed + count).map(move |seed| (style, seed)))
        .collect();
    let place = |number: u64| usize::try_from(number).expect("there are not that many runs");
    let all = (targets.len() * runs.len()) as u64;
    let bar = seeds::bar(all, output);
    let each = Each {
        run: |number| {
            let number = place(number);
            let line =
                run_one(&targets[number / runs.len()], runs[number % runs.len()], work, stop);
            bar.inc(1);
            line
        },
        ends: |line: &anyhow::Result<Option<Line>>| line.is_err(),
        stop: || stop.load(Ordering::Relaxed),
    };
    let lines = up_to_first(all, all_cores(), &each);
    bar.finish_and_clear();
    let mut tested: Vec<Tested> = targets.iter().cloned().map(Tested::new).collect();
    for (number, line) in lines {
        let Some(Line { outcome, counts, told }) = line? else { continue };
        let one = &mut tested[place(number) / runs.len()];
        one.tally.add(counts);
        let first = if outcome == Outcome::Violation { &mut one.violation } else { &mut one.doubt };
        *first = first.take().or(told);
    }
    Ok(tested)
}

/// The result of a run, unless it was interrupted.
fn run_one(
    target: &TargetConfig,
    (style, seed): (Style, u64),
    work: &Work,
    stop: &AtomicBool,
) -> anyhow::Result<Option<Line>> {
    let started = Instant::now();
    let settings = style.settings(target, seed);
    let kind = settings.kind().context("the workloads of claims exist")?;
    let drawn;
    let (plan, file) = match &work.planned {
        Some(planned) if style == Style::Planned => {
            let (plan, file) = planned.of(target);
            (plan, Some(file))
        }
        _ => {
            drawn = execute::plan(&settings);
            (&drawn, None)
        }
    };
    let asked = claims::requirement(&settings, kind, plan);
    let finished =
        execute::execute_asking(&asked, &settings, plan, Keep::default(), &mut UntilStopped(stop))?;
    if matches!(finished.driven.ended, Ended::Interrupted { .. }) {
        return Ok(None);
    }
    let judgement = &finished.judgement;
    let outcome = judgement.outcome();
    Exit::from(outcome).note();
    let why = match outcome {
        Outcome::Valid => None,
        Outcome::Violation => judgement.found(),
        Outcome::Unknown => judgement.all_doubts().map(ToString::to_string).next(),
    };
    let told = why.map(|why| (command(&settings, file), why));
    let mut counts = RunCounts::default();
    counts.count(judgement, started.elapsed().as_secs_f64());
    Ok(Some(Line { outcome, counts, told }))
}

/// The command that runs it again.
fn command(settings: &Settings, plan: Option<&Path>) -> String {
    let command = |settings: &Settings| settings.command().expect("flags make every family");
    let Some(plan) = plan else { return command(settings) };
    let mut under_plan = settings.clone();
    under_plan.faults.clear();
    let flag = format!("--faults {}", plan.display());
    command(&under_plan).replacen("--faults none", &flag, 1)
}
