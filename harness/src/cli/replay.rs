//! `rashomon replay`.

use std::path::Path;

use anyhow::Context;
use rashomon_results::Store;

use super::opened::{Opened, read_scenario};
use super::output::Output;
use super::session::{Planned, Session};
use super::trials::trials;
use super::{StoreArgs, words};
use crate::execute::{self, Keep, run_noted, run_scenario};
use crate::exit::Exit;
use crate::kept::AS_RUN_FILE;
use crate::scenario::Scenario;
use crate::settings::Driver;
use crate::shrink::Failure;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "A simulated run is the same each time, byte for byte. On real processes the operations and faults of a
run come again at their times, and what happens between them differs: the report says how often it fails in the same way.

Examples:
  rashomon replay latest
  rashomon replay results/runs/latest/shrunk.json
  rashomon replay results/runs/latest/shrunk.json --real --trials 20
  rashomon replay results/runs/20261122T200000Z-leaderless-set-42"
)]
pub(super) struct ReplayArgs {
    /// The run: its folder, its id, a unique prefix of the id, or `latest`; or the file of a scenario, as `shrink`
    /// writes it
    run: String,
    /// On real processes, although it was simulated
    #[arg(long)]
    real: bool,
    /// How often to run it on real processes [default: 5]
    #[arg(long, value_name = "N", value_parser = |text: &str| words::whole(text, 1_u64, 10_000))]
    trials: Option<u64>,
    #[command(flatten)]
    store: StoreArgs,
}

/// How often a scenario is run on real processes.
const TRIALS: u64 = 5;

/// What is run again.
struct Again {
    scenario: Scenario,
    sought: Option<Failure>,
}

/// Executes `rashomon replay`.
pub(super) fn replay(args: &ReplayArgs, output: &Output) -> anyhow::Result<Exit> {
    let session = Session::new(&args.store.store, None, output);
    let file = Path::new(&args.run);
    if file.is_file() {
        return of_scenario(args, &session, (read_scenario(file)?, None));
    }
    let opened = Opened::open(Store::at(&args.store.store).find(&args.run)?)?;
    opened.settings.target.check_runs_here().map_err(anyhow::Error::msg)?;
    if let Some(scenario) = opened.scenario {
        return of_scenario(args, &session, (scenario, opened.known.failure()));
    }
    match opened.settings.driver {
        Driver::Simulation if args.real => {
            let watcher = &mut session.watcher();
            let (finished, scenario) = run_noted(&opened.settings, &opened.plan, watcher)?;
            let sought = Failure::first(&finished.judgement);
            on_processes(args, &session, &Again { scenario, sought })
        }
        Driver::Simulation => byte_for_byte(args, &session, &opened),
        Driver::Cluster => real(args, &session, &opened),
    }
}

/// Runs a scenario in the world that it names, or on real processes. How it failed there is known, or is seen in
/// simulation.
fn of_scenario(
    args: &ReplayArgs,
    session: &Session<'_>,
    (scenario, failed): (Scenario, Option<Failure>),
) -> anyhow::Result<Exit> {
    if scenario.settings.driver == Driver::Cluster && failed.is_some() {
        return on_processes(args, session, &Again { scenario, sought: failed });
    }
    if scenario.settings.driver == Driver::Cluster || args.real {
        let simulated = scenario.in_world(Driver::Simulation);
        let finished = run_scenario(&simulated, Keep::default(), &mut session.watcher())
            .context("run it in simulation, to see how it fails")?;
        let sought = Failure::first(&finished.judgement);
        return on_processes(args, session, &Again { scenario, sought });
    }
    refuse_trials(args)?;
    let kept = session.scenario(&scenario)?;
    if session.output.json {
        session.output.json(&kept.record);
    }
    Ok(kept.exit)
}

fn refuse_trials(args: &ReplayArgs) -> anyhow::Result<()> {
    anyhow::ensure!(
        args.trials.is_none(),
        "a simulated run is the same each time; leave out --trials, or add --real to run it on real processes"
    );
    Ok(())
}

fn on_processes(args: &ReplayArgs, session: &Session<'_>, again: &Again) -> anyhow::Result<Exit> {
    let mut scenario = again.scenario.in_world(Driver::Cluster);
    scenario.settings.fail_fast = false;
    trials(session, &scenario, again.sought.as_ref(), args.trials.unwrap_or(TRIALS))
}

/// Runs on real processes what ran there, with the operations that it had if it failed.
fn real(args: &ReplayArgs, session: &Session<'_>, opened: &Opened) -> anyhow::Result<Exit> {
    let path = opened.folder.path().join(AS_RUN_FILE);
    let sought = opened.known.failure();
    if path.is_file() {
        let scenario = read_scenario(&path)?;
        return on_processes(args, session, &Again { scenario, sought });
    }
    anyhow::ensure!(
        args.trials.is_none(),
        "{} kept no operations, as it was no violation; leave out --trials to run its settings and faults again",
        opened.folder.id()
    );
    let kept = session.one(&opened.settings, &planned(opened))?;
    if session.output.json {
        session.output.json(&kept.record);
    }
    session.output.note("on real processes a seed repeats the plan, not the history");
    Ok(kept.exit)
}

fn planned(opened: &Opened) -> Planned {
    let plan = opened.plan.clone();
    Planned { is_drawn: plan == execute::plan(&opened.settings), plan }
}

/// Makes a simulated run again, and says whether it is the same.
fn byte_for_byte(
    args: &ReplayArgs,
    session: &Session<'_>,
    opened: &Opened,
) -> anyhow::Result<Exit> {
    refuse_trials(args)?;
    let (settings, output) = (&opened.settings, session.output);
    let first = std::fs::read(opened.folder.path().join("history.jsonl"));
    let kept = session.one(settings, &planned(opened))?;
    if output.json {
        output.json(&kept.record);
    }
    let again = std::fs::read(kept.folder.path().join("history.jsonl"));
    match (first, again) {
        (Ok(first), Ok(again)) if first == again => {
            output.note("the history is the same, byte for byte");
        }
        (Ok(_), Ok(_)) => output.note(&format!(
            "the history differs from the stored one, which rashomon {} wrote; this is rashomon {}",
            settings.build,
            env!("CARGO_PKG_VERSION")
        )),
        _ => {}
    }
    Ok(kept.exit)
}
