//! `rashomon replay`.

use std::path::Path;

use anyhow::Context;
use rashomon_results::{RunFolder, Store};

use super::opened::{Opened, read_scenario};
use super::output::Output;
use super::session::{Kept, Planned, Session};
use super::trials::trials;
use super::{StoreArgs, words};
use crate::execute::{self, Keep, run_noted, run_scenario};
use crate::exit::Exit;
use crate::kept::AS_RUN_FILE;
use crate::scenario::Scenario;
use crate::settings::Driver;
use crate::shrink::Failure;
use crate::subject::Subject;

/// The file of a history in the folder of a run.
const HISTORY: &str = "history.jsonl";

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
    let store = Store::at(&args.store.store);
    let file = Path::new(&args.run);
    if file.is_file() {
        let scenario = read_scenario(file)?;
        return of_scenario(args, &session, (scenario, failure_beside(file, &store), None));
    }
    let opened = Opened::open(store.find(&args.run)?)?;
    opened.settings.target.check_runs_here().map_err(anyhow::Error::msg)?;
    let known = opened.known.failure();
    if let Some(scenario) = opened.scenario {
        return of_scenario(args, &session, (scenario, known, Some(&opened.folder)));
    }
    match opened.settings.driver {
        Driver::Simulation if args.real => {
            let watcher = &mut session.watcher();
            let (finished, scenario) = run_noted(&opened.settings, &opened.plan, watcher)?;
            let sought = known.or_else(|| Failure::first(&finished.judgement));
            on_processes(args, &session, &Again { scenario, sought })
        }
        Driver::Simulation => simulated(args, &session, &opened),
        Driver::Cluster => real(args, &session, &opened),
    }
}

/// How the run failed whose operations a file of its folder has.
fn failure_beside(file: &Path, store: &Store) -> Option<Failure> {
    let is_as_run = file.file_name().is_some_and(|name| name == AS_RUN_FILE);
    let folder = std::fs::canonicalize(file.parent().filter(|_| is_as_run)?).ok()?;
    Opened::open(store.find(folder.to_str()?).ok()?).ok()?.known.failure()
}

/// Runs a scenario in the world that it names, or on real processes. How it failed is known, or is seen in
/// simulation; what was run by it before is compared with it.
fn of_scenario(
    args: &ReplayArgs,
    session: &Session<'_>,
    (scenario, known, before): (Scenario, Option<Failure>, Option<&RunFolder>),
) -> anyhow::Result<Exit> {
    if scenario.settings.driver == Driver::Cluster || args.real {
        let is_ours = matches!(scenario.settings.target, Subject::Reference(_));
        let sought = match known {
            None if is_ours => {
                let simulated = scenario.in_world(Driver::Simulation);
                let finished = run_scenario(&simulated, Keep::default(), &mut session.watcher())
                    .context("run it in simulation, to see how it fails")?;
                Failure::first(&finished.judgement)
            }
            known => known,
        };
        return on_processes(args, session, &Again { scenario, sought });
    }
    refuse_trials(args)?;
    let kept = session.scenario(&scenario)?;
    tell(session, &kept);
    if let Some(before) = before {
        compare(session, before, &kept, &scenario.settings.build);
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
        "{} kept no operations: only violations do; leave out --trials to run its settings and faults again",
        opened.folder.id()
    );
    let kept = session.one(&opened.settings, &planned(opened))?;
    tell(session, &kept);
    session.output.note("on real processes a seed repeats the plan, not the history");
    Ok(kept.exit)
}

fn planned(opened: &Opened) -> Planned {
    let plan = opened.plan.clone();
    Planned { is_drawn: plan == execute::plan(&opened.settings), plan }
}

/// Makes a simulated run again.
fn simulated(args: &ReplayArgs, session: &Session<'_>, opened: &Opened) -> anyhow::Result<Exit> {
    refuse_trials(args)?;
    let kept = session.one(&opened.settings, &planned(opened))?;
    tell(session, &kept);
    compare(session, &opened.folder, &kept, &opened.settings.build);
    Ok(kept.exit)
}

fn tell(session: &Session<'_>, kept: &Kept) {
    if session.output.json {
        session.output.json(&kept.record);
    }
}

/// Says whether a simulated run has the history of the one that it repeats. One that was interrupted ended early.
fn compare(session: &Session<'_>, before: &RunFolder, kept: &Kept, build: &str) {
    let [first, again] = [before, &kept.folder].map(|it| std::fs::read(it.path().join(HISTORY)));
    match (first, again) {
        (Ok(first), Ok(again)) if first == again => {
            session.output.note("the history is the same, byte for byte");
        }
        (Ok(_), Ok(_)) if !session.is_interrupted() => session.output.note(&format!(
            "the history differs from the stored one, which rashomon {build} wrote; this is rashomon {}",
            env!("CARGO_PKG_VERSION")
        )),
        _ => {}
    }
}
