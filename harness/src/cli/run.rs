//! `rashomon run`.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use clap::ValueEnum;
use rashomon_results::{RunFolder, Store};
use rashomon_targets::FaultKind;
use rashomon_workloads::Kind;

use super::output::Output;
use super::{StoreArgs, seeds, target::TargetArgs};
use crate::exit::Exit;
use crate::interrupt;
use crate::judge;
use crate::plan::Plan;
use crate::report::{
    Told, plan_text,
    progress::{Progress, Show},
    run_result, verdict_page,
};
use crate::run::{self, Keep};
use crate::settings::{Driver, Settings};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum WorkloadName {
    /// Reads, writes and compare-and-sets of registers
    Register,
    /// Additions to a set, which is read everywhere at the end
    Set,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon run
  rashomon run primary-replica --replication async --reads replica
  rashomon run primary-replica --failover naive --faults partition
  rashomon run leaderless --n 3 -r 2 -w 2 --write-back on --faults all
  rashomon run leaderless -r 1 -w 1 --workload set --faults partition --read-repair off
  rashomon run leaderless --sim --seed 1 --seeds 200 --keep-going
  rashomon run leaderless --faults all --time 10m --fail-fast
  rashomon run --sim --bug pr-ack-before-fsync --faults kill --seeds 50")]
pub(super) struct RunArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// What to ask of it
    #[arg(long, default_value = "register", value_name = "NAME")]
    workload: WorkloadName,
    /// Kinds of fault, `none`, `all`, or the file of a plan (plan.json of a run)
    #[arg(long, default_value = "partition,kill", value_name = "KINDS|FILE")]
    faults: String,
    /// How long the load lasts, such as 10s
    #[arg(long, default_value = "8s", value_parser = humantime::parse_duration)]
    time: Duration,
    /// At most so many operations, spread over the time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    ops: Option<u64>,
    /// Operations a second, in bursts [default: as fast as processes are free; simulated: 800]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    rate: Option<u64>,
    /// Processes at a time [default: four a node]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    processes: Option<u32>,
    /// Keys in use at a time [default: primary-replica 3, leaderless 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keys: Option<u32>,
    /// Operations on a key before another takes its place
    #[arg(long, default_value = "100", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    ops_per_key: u32,
    /// Run in the deterministic simulation instead of real processes
    #[arg(long)]
    sim: bool,
    /// The seed that plan, workload and simulation follow from; drawn and printed if left out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=i64::MAX as u64))]
    seed: Option<u64>,
    /// So many runs, from the seed on
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    seeds: Option<u64>,
    /// With --seeds: go on after a run that is not valid
    #[arg(long, requires = "seeds")]
    keep_going: bool,
    /// Stop the load at the first violation of linearizability, then heal, read and judge as ever
    #[arg(long)]
    fail_fast: bool,
    /// The first node's client port, the others following [default: free ports]
    #[arg(long, value_name = "PORT", conflicts_with = "sim")]
    base_port: Option<u16>,
    #[command(flatten)]
    store: StoreArgs,
}

/// What a signal makes the program say.
const STOPPING: &str = "stopping the load; again to end at once";

/// Where faults come from.
enum Faults {
    Drawn(Vec<FaultKind>),
    Written(Plan, PathBuf),
}

/// Carries out `rashomon run`.
pub(super) fn run(args: &RunArgs, output: &Output) -> anyhow::Result<Exit> {
    let faults = faults(&args.faults)?;
    let mut settings = settings(args)?;
    if let Faults::Drawn(kinds) = &faults {
        settings.faults.clone_from(kinds);
    }
    if let Some(count) = args.seeds {
        anyhow::ensure!(
            matches!(faults, Faults::Drawn(_)),
            "--seeds draws a plan for each seed, so --faults cannot name a file"
        );
        let seeds = seeds::Seeds { count, keep_going: args.keep_going };
        return seeds::run(&settings, seeds, &args.store.store, args.base_port, output);
    }
    let (plan, drawn) = match faults {
        Faults::Drawn(_) => (run::plan(&settings), true),
        Faults::Written(plan, path) => {
            let plan =
                plan.checked(settings.target.nodes).with_context(|| path.display().to_string())?;
            (plan, false)
        }
    };
    one(&settings, &plan, drawn, &args.store.store, args.base_port, output)
}

/// One run, kept in the store, with all that is shown of it.
pub(super) fn one(
    settings: &Settings,
    plan: &Plan,
    drawn: bool,
    store: &Path,
    base_port: Option<u16>,
    output: &Output,
) -> anyhow::Result<Exit> {
    let folder = Store::at(store).create(SystemTime::now(), &settings.label())?;
    folder.write_toml("run.toml", settings)?;
    folder.write_json("plan.json", plan)?;
    output.note(format!("{}\n{}", settings.command(), plan_text(plan)).trim_end());
    let keep = Keep::in_folder(&folder, base_port)?;
    let show = match settings.driver {
        Driver::Cluster => output.progress(),
        Driver::Simulation => Show::Nothing, // It is over before it could be drawn.
    };
    let mut progress = Progress::new(show, settings.lasts(), interrupt::stop_flag(STOPPING));
    let finished = run::execute(settings, plan, keep, &mut progress);
    progress.finish();
    let finished = finished?;
    let told = Told {
        settings,
        finished: &finished,
        folder: Some(folder.path().display().to_string()),
        plan_is_drawn: drawn,
    };
    let result = run_result(&told);
    folder.write_json("verdict.json", &result)?;
    folder.write_json_lines(
        "faults.jsonl",
        result["evidence"]["faults"].as_array().into_iter().flatten(),
    )?;
    if output.json {
        output.json(&result);
    } else {
        output.page(&verdict_page(&told, output.glyphs));
    }
    finished.exit().note();
    Ok(finished.exit())
}

fn settings(args: &RunArgs) -> anyhow::Result<Settings> {
    let target = args.target.config()?;
    let kind = match args.workload {
        WorkloadName::Register => Kind::Register,
        WorkloadName::Set => Kind::Set,
    };
    let driver = if args.sim { Driver::Simulation } else { Driver::Cluster };
    let mut settings = Settings::new(target, kind, driver, args.seed.unwrap_or_else(draw_seed));
    let time_ms = u64::try_from(args.time.as_millis()).context("--time is too long")?;
    anyhow::ensure!(time_ms >= 100, "--time is too short to tell anything; give 1s or more");
    settings.time_ms = time_ms;
    settings.ops = args.ops;
    settings.rate = args.rate;
    settings.keys = args.keys.unwrap_or(settings.keys);
    settings.ops_per_key = args.ops_per_key;
    settings.fail_fast = args.fail_fast;
    anyhow::ensure!(
        !args.fail_fast || judge::model(&settings, kind).is_some(),
        "--fail-fast stops at a violation of linearizability, and the {} workload is not checked \
         for that: its checks are made of the final reads",
        kind.name()
    );
    if let Some(processes) = args.processes {
        settings.processes = processes;
    }
    Ok(settings)
}

/// A seed from the clock, short enough to be typed.
fn draw_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    rashomon_workloads::Seed(u64::from(now.subsec_nanos()) ^ now.as_secs()).rng().below(1_000_000)
}

fn faults(text: &str) -> anyhow::Result<Faults> {
    match text {
        "none" => return Ok(Faults::Drawn(Vec::new())),
        "all" => return Ok(Faults::Drawn(FaultKind::ALL.to_vec())),
        _ => {}
    }
    let named = |name: &str| FaultKind::ALL.into_iter().find(|kind| kind.name() == name.trim());
    let words: Vec<&str> = text.split(',').collect();
    let kinds: Option<Vec<FaultKind>> = words.iter().map(|word| named(word)).collect();
    if let Some(kinds) = kinds {
        return Ok(Faults::Drawn(kinds));
    }
    let path = PathBuf::from(text);
    if !path.is_file() {
        let stranger = words.iter().find(|word| named(word).is_none()).unwrap_or(&text);
        let known: Vec<&str> = FaultKind::ALL.into_iter().map(FaultKind::name).collect();
        anyhow::bail!(
            "--faults: {stranger:?} is neither a kind of fault ({}, none, all) nor a file",
            known.join(", ")
        );
    }
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let plan: Plan =
        serde_json::from_str(&text).with_context(|| format!("{} is not a plan", path.display()))?;
    Ok(Faults::Written(plan, path))
}

/// The settings and plan of a stored run.
pub(super) fn stored(folder: &RunFolder) -> anyhow::Result<(Settings, Plan)> {
    let settings: Settings = folder.read_toml("run.toml")?;
    let file = folder.path().join("run.toml");
    settings.validate().map_err(anyhow::Error::msg).with_context(|| file.display().to_string())?;
    let plan: Plan = folder.read_json("plan.json")?;
    let file = folder.path().join("plan.json");
    let plan = plan.checked(settings.target.nodes).with_context(|| file.display().to_string())?;
    Ok((settings, plan))
}
