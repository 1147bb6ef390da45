//! `rashomon run`.

use rashomon_targets::FaultKind;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use clap::builder::{PossibleValue, PossibleValuesParser};
use rashomon_checker::linearizability::Options;
use rashomon_checker::{Consistency, Invariant};
use rashomon_workloads::Kind;

use super::faults::Faults;
use super::ladder::{self, WithLadder};
use super::output::Output;
use super::seeds::Seeds;
use super::session::Session;
use super::target::{self, TargetArgs};
use super::values::{consistency, invariant};
use super::{StoreArgs, words};
use crate::exit::Exit;
use crate::fault::FaultChoice;
use crate::judge::{self, Requirement};
use crate::regions::Regions;
use crate::report::first;
use crate::settings::{Driver, KEYS_MAX, READY_WITHIN_MAX, Settings};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon run
  rashomon run primary-replica --replication async --reads replica --require linearizable
  rashomon run primary-replica --failover naive --faults partition --require durable
  rashomon run leaderless --n 3 -r 2 -w 2 --write-back on --faults all
  rashomon run leaderless -r 1 -w 1 --workload set --faults partition --read-repair off \\
    --require convergent
  rashomon run leaderless --sim --seed 1 --seeds 200 --keep-going --require linearizable
  rashomon run leaderless --write-back on --faults all --time 10m --fail-fast
  rashomon run maelstrom --workload lin-kv --faults partition,pause -- python3 node.py
  rashomon run primary-replica --failover raft --nodes 5 --regions 3 --across 40ms --sim
  rashomon run --sim --bug pr-ack-before-fsync --faults kill --seeds 50")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct RunArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// The workload
    #[arg(long, default_value = Kind::ALL[0].name(), value_name = "NAME", value_parser = workloads())]
    workload: String,
    /// Kinds of fault, `none`, `all` that are usual, or a plan file (plan.json of a run) [default: partition, kill, or one
    /// of them, or neither, as the seed has it]
    #[arg(long, value_name = "KINDS|FILE")]
    faults: Option<String>,
    /// How long the load lasts, such as 10s
    #[arg(long, default_value = "8s", value_parser = words::time)]
    time: Duration,
    /// At most N operations, spread over --time
    #[arg(long, value_name = "N", value_parser = |text: &str| words::whole(text, 1, u64::MAX))]
    ops: Option<u64>,
    /// Operations a second, in bursts [default: as fast as processes allow; simulated: 800]
    #[arg(long, value_name = "N", value_parser = |text: &str| words::whole(text, 1, u64::MAX))]
    rate: Option<u64>,
    /// Concurrent processes [default: four for each node]
    #[arg(long, value_name = "N", value_parser = |text: &str| words::whole(text, 1u32, 10_000))]
    processes: Option<u32>,
    // Keys in use at a time, as each target says.
    #[arg(long, help = keys_help(), value_name = "N", value_parser = |text: &str| words::whole(text, 1, KEYS_MAX))]
    keys: Option<u32>,
    /// Operations on a key before a new key replaces it
    #[arg(long, default_value = "100", value_name = "N", value_parser = |text: &str| words::whole(text, 1, u32::MAX))]
    ops_per_key: u32,
    /// How long to wait for a node to serve, such as 30s [default: 20s, maelstrom 10s]
    #[arg(long, value_name = "TIME", value_parser = words::time, conflicts_with = "sim")]
    ready_within: Option<Duration>,
    /// Nodes are in N regions by turns: n1 in the first, n2 in the second; messages from one to another take longer
    #[arg(long, value_name = "N", requires = "across", value_parser = |text: &str| words::whole(text, 2_u16, 100))]
    regions: Option<u16>,
    /// How much longer a message takes from one region to another, each way, such as 40ms
    #[arg(long, value_name = "TIME", requires = "regions", value_parser = words::time)]
    across: Option<Duration>,
    /// Run in the deterministic simulation instead of real processes
    #[arg(long)]
    sim: bool,
    /// The seed of the plan, the workload and the simulation [default: drawn and printed]
    #[arg(long, value_name = "N", value_parser = |text: &str| words::whole(text, 0, i64::MAX as u64))]
    seed: Option<u64>,
    /// Make this number of runs, with consecutive seeds; stops at the first violation
    #[arg(long, value_name = "N", value_parser = |text: &str| words::whole(text, 1, u64::MAX))]
    seeds: Option<u64>,
    /// With --seeds: continue after a violation
    #[arg(long, requires = "seeds")]
    keep_going: bool,
    /// A consistency model to require, such as linearizable (see `rashomon list consistency`); may be
    /// given more than once [default: what the target claims]
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = consistency)]
    require: Vec<Consistency>,
    /// An invariant to require, such as bank (see `rashomon list invariants`); may be given more than once
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = invariant)]
    invariant: Vec<Invariant>,
    /// Report which consistency models the run keeps and which it breaks, the strongest and the weakest
    /// first
    #[arg(long, conflicts_with = "seeds")]
    ladder: bool,
    /// Stop the load at the first violation of linearizability, if that is required; then
    /// heal, read and judge as usual
    #[arg(long)]
    fail_fast: bool,
    /// The client port of the first node; the others have the ports after it [default: free ports]
    #[arg(long, value_name = "PORT", conflicts_with = "sim",
        value_parser = |text: &str| words::whole(text, 1_u16, u16::MAX))]
    base_port: Option<u16>,
    #[command(flatten)]
    store: StoreArgs,
    /// For `maelstrom`: the program that every node runs, and its arguments
    #[arg(last = true, value_name = "PROGRAM")]
    program: Vec<String>,
}

fn workloads() -> PossibleValuesParser {
    let value =
        |kind: Kind| PossibleValue::new(kind.name()).aliases(kind.aliases()).help(kind.summary());
    PossibleValuesParser::new(Kind::ALL.map(value))
}

fn keys_help() -> String {
    format!("Keys in use at a time [default: {}]", target::keys_of_each())
}

/// Executes `rashomon run`.
pub(super) fn run(args: &RunArgs, output: &Output) -> anyhow::Result<Exit> {
    let mut settings = settings(args)?;
    let faults = faults(args, &settings)?;
    let refusal = |kind: FaultKind| settings.target.refusal(kind);
    match &faults {
        Faults::Drawn(kinds) => {
            let refusals = kinds.iter().find_map(|&kind| refusal(kind));
            if let Some(why) = refusals.filter(|_| args.faults.as_deref() != Some("all")) {
                anyhow::bail!("--faults: {why}");
            }
            let possible = kinds.iter().copied().filter(|&kind| refusal(kind).is_none());
            settings.faults = possible.collect();
        }
        Faults::Written(plan) => {
            let mut kinds = plan.spans.iter().map(|span| span.fault.kind());
            if let Some(why) = kinds.find_map(refusal) {
                anyhow::bail!("--faults: {why}");
            }
        }
    }
    let session = Session::new(&args.store.store, args.base_port, output);
    if let Some(count) = args.seeds {
        let seeds = Seeds { settings, faults, count, keep_going: args.keep_going };
        return seeds.run(&session);
    }
    let planned = faults.plan(&settings);
    let kept = session.one(&settings, &planned)?;
    let ladder = args.ladder.then(|| {
        let kind = settings.kind().context("no workload of that name")?;
        anyhow::Ok(ladder::climb(&kept.finished, kind, &Options::default()))
    });
    match (ladder.transpose()?, output.json) {
        (None, true) => output.json(&kept.record),
        (Some(ladder), true) => output.json(&WithLadder::new(&kept.record, &ladder)),
        (Some(ladder), false) => {
            let drawn = first(&kept.record).map(|(_, anomaly)| anomaly);
            output.page(&ladder::page(&ladder, drawn, output.screen()));
        }
        (None, false) => {}
    }
    Ok(kept.exit)
}

/// The settings of a run whose faults its seed draws.
///
/// # Errors
/// If they make no run, or their faults stand in a file.
pub(super) fn drawn_settings(args: &RunArgs) -> anyhow::Result<Settings> {
    let mut settings = settings(args)?;
    match faults(args, &settings)? {
        Faults::Drawn(kinds) => settings.faults = kinds,
        Faults::Written(_) => anyhow::bail!("--faults names a file"),
    }
    Ok(settings)
}

/// Where the faults of a run come from.
fn faults(args: &RunArgs, settings: &Settings) -> anyhow::Result<Faults> {
    match &args.faults {
        None => Ok(Faults::Drawn(settings.faults.clone())),
        Some(text) => Faults::parsed(text, &settings.members()),
    }
}

fn settings(args: &RunArgs) -> anyhow::Result<Settings> {
    let target = args.target.subject(&args.program)?;
    anyhow::ensure!(
        !args.sim || target.shows_copies(),
        "--sim runs the built-in targets only; leave it out to run your own program as processes"
    );
    let kind = Kind::named(&args.workload).context("no workload of that name")?;
    let driver = if args.sim { Driver::Simulation } else { Driver::Cluster };
    let mut settings = Settings::new(target, kind, driver, args.seed.unwrap_or_else(draw_seed));
    settings.check_offered(kind).map_err(anyhow::Error::msg)?;
    let time_ms = u64::try_from(args.time.as_millis()).context("--time is too long")?;
    anyhow::ensure!(time_ms >= 100, "--time is too short to test anything; give 1s or more");
    settings.time_ms = time_ms;
    if args.faults.is_none() {
        settings.fault_choice = FaultChoice::Unnamed;
    }
    settings.ops = args.ops;
    settings.rate = args.rate;
    settings.ready_within_ms = args.ready_within.map(ready_within).transpose()?;
    settings.regions = regions(args, &settings)?;
    settings.keys = args.keys.unwrap_or(settings.keys);
    settings.ops_per_key = args.ops_per_key;
    settings.fail_fast = args.fail_fast;
    let models = args.require.iter().map(|model| model.name());
    let invariants = args.invariant.iter().map(|invariant| invariant.name());
    settings.require = models.chain(invariants).map(str::to_owned).collect();
    if args.fail_fast {
        check_fail_fast(&settings, kind)?;
    }
    if let Some(processes) = args.processes {
        settings.processes = processes;
    }
    Ok(settings)
}

/// The regions that the nodes are in.
fn regions(args: &RunArgs, settings: &Settings) -> anyhow::Result<Option<Regions>> {
    let (Some(count), Some(across)) = (args.regions, args.across) else { return Ok(None) };
    let across_ms = u64::try_from(across.as_millis()).unwrap_or(u64::MAX);
    let is_whole = across.subsec_nanos().is_multiple_of(1_000_000);
    anyhow::ensure!(is_whole, "--across takes whole milliseconds; give 40ms, for example");
    let regions = Regions { count, across_ms };
    regions.check(settings.members().len()).map_err(anyhow::Error::msg)?;
    Ok(Some(regions))
}

/// How long to wait for a node to serve, in milliseconds.
fn ready_within(given: Duration) -> anyhow::Result<u64> {
    let ms = u64::try_from(given.as_millis()).unwrap_or(u64::MAX);
    anyhow::ensure!(
        (1..=READY_WITHIN_MAX).contains(&ms),
        "--ready-within takes 1ms to 24h; give 30s, for example"
    );
    Ok(ms)
}

/// Refuses to stop at violations that are only seen at the end.
fn check_fail_fast(settings: &Settings, kind: Kind) -> anyhow::Result<()> {
    let requirement = Requirement::new(settings, kind, &[]);
    if judge::model(&requirement, kind).is_some() {
        return Ok(());
    }
    let names: Vec<&str> = requirement.required.iter().map(|check| check.name()).collect();
    let fix = if kind == Kind::Register {
        "give --require linearizable, or leave --fail-fast out"
    } else {
        "leave --fail-fast out, or give --workload register"
    };
    anyhow::bail!(
        "--fail-fast stops at a violation of linearizability, which is not required of this {} \
         workload: {} is judged at the end; {fix}",
        kind.name(),
        if names.is_empty() { "what is required".to_owned() } else { names.join(", ") },
    )
}

/// A seed from the clock, short enough to be typed.
fn draw_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    rashomon_workloads::Seed(u64::from(now.subsec_nanos()) ^ now.as_secs()).rng().below(1_000_000)
}
