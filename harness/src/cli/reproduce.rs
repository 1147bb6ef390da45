//! `rashomon reproduce`.

use anyhow::Context;
use rashomon_results::Store;

use super::opened::{Opened, read_scenario};
use super::output::Output;
use super::session::{Planned, Session};
use super::{StoreArgs, seeds, words};
use crate::execute::{self, Finished, Keep, execute, run_scenario};
use crate::exit::Exit;
use crate::kept::AS_RUN_FILE;
use crate::parallel::{Each, all_cores, up_to_first};
use crate::report::{ReproducedTold, reproduced_report, reproduced_text};
use crate::run::drive::Watcher;
use crate::scenario::Scenario;
use crate::settings::{Driver, Settings};
use crate::shrink::Failure;
use crate::subject::Subject;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Half of the runs have the operations and the faults of the run that failed, and chance of their own; the
other half are drawn from their seeds. The first that fails in the same way is kept: the same check, the same class of
anomaly, the same kind of operation. It can be replayed and shrunk.

Examples:
  rashomon reproduce latest
  rashomon reproduce latest --budget 10000
  rashomon shrink latest"
)]
pub(super) struct ReproduceArgs {
    /// The run on real processes that was a violation: its folder, its id, a unique prefix of the id, or `latest`
    run: String,
    /// The most simulated runs to make
    #[arg(long, default_value = "1000", value_name = "N", value_parser = |text: &str| words::whole(text, 1_u64, 10_000_000))]
    budget: u64,
    #[command(flatten)]
    store: StoreArgs,
}

/// A simulated run that is tried.
enum Attempt {
    /// The operations and faults of the run, with chance of this seed.
    AsRun(Scenario),
    /// Of a seed.
    Drawn(Settings),
}

impl Attempt {
    fn run(&self, watcher: &mut dyn Watcher) -> anyhow::Result<Finished> {
        match self {
            Self::AsRun(scenario) => run_scenario(scenario, Keep::default(), watcher),
            Self::Drawn(settings) => {
                execute(settings, &execute::plan(settings), Keep::default(), watcher)
            }
        }
    }
}

/// Executes `rashomon reproduce`.
pub(super) fn reproduce(args: &ReproduceArgs, output: &Output) -> anyhow::Result<Exit> {
    let opened = Opened::open(Store::at(&args.store.store).find(&args.run)?)?;
    let id = opened.folder.id();
    anyhow::ensure!(
        opened.settings.driver == Driver::Cluster,
        "{id} was simulated: `rashomon replay {id}` makes it again"
    );
    opened.settings.target.check_runs_here().map_err(anyhow::Error::msg)?;
    anyhow::ensure!(
        matches!(opened.settings.target, Subject::Reference(_)),
        "{id} tested a program of your own, which cannot be simulated; `rashomon replay {id}` runs it again"
    );
    let failure = opened.known.failure().with_context(|| {
        format!(
            "{id} is no violation, so there is nothing to reproduce; give a run whose exit was 1"
        )
    })?;
    let path = opened.folder.path().join(AS_RUN_FILE);
    let as_run = match opened.scenario {
        None if path.is_file() => Some(read_scenario(&path)?),
        scenario => scenario,
    };
    let session = Session::new(&args.store.store, None, output);
    let mut settings = opened.settings.clone();
    (settings.driver, settings.fail_fast) = (Driver::Simulation, false);
    let attempt = |number: u64| {
        let seed = settings.seed.wrapping_add(number);
        match &as_run {
            Some(scenario) if number.is_multiple_of(2) => {
                Attempt::AsRun(scenario.in_world(Driver::Simulation).with_chance_of(seed))
            }
            _ => Attempt::Drawn(settings.with_seed(seed)),
        }
    };
    let (tried, found) = search(&session, &failure, args.budget, &attempt)?;
    // A run that begins after a signal would end at once.
    let found = found.filter(|_| !session.is_interrupted());
    let kept = match &found {
        None => None,
        Some(Attempt::AsRun(scenario)) => Some(session.scenario(scenario)?),
        Some(Attempt::Drawn(settings)) => {
            let planned = Planned { plan: execute::plan(settings), is_drawn: true };
            Some(session.one(settings, &planned)?)
        }
    };
    let exit = match &kept {
        Some(kept) => kept.exit,
        None if session.is_interrupted() => Exit::Interrupted,
        None => Exit::Unknown,
    };
    let told = ReproducedTold {
        failure: &failure,
        tried,
        run: kept.as_ref().map(|it| it.folder.path().display().to_string()),
        is_as_run: matches!(found, Some(Attempt::AsRun(_))),
        is_interrupted: exit == Exit::Interrupted,
    };
    if output.json {
        output.json(&reproduced_report(&told, exit));
    } else {
        output.result(&reproduced_text(&told));
    }
    Ok(exit)
}

/// The first attempt that fails so, and how many were made. The same on any number of cores.
fn search(
    session: &Session<'_>,
    failure: &Failure,
    budget: u64,
    attempt: &(impl Fn(u64) -> Attempt + Sync),
) -> anyhow::Result<(u64, Option<Attempt>)> {
    let bar = seeds::bar(budget, session.output);
    let each = Each {
        run: |number: u64| {
            let finished = attempt(number).run(&mut session.watcher());
            bar.inc(1);
            finished.map(|it| failure.is_shown_by(&it.judgement))
        },
        ends: |shown: &anyhow::Result<bool>| !matches!(shown, Ok(false)),
        stop: || session.is_interrupted(),
    };
    let made = up_to_first(budget, all_cores(), &each);
    bar.finish_and_clear();
    let tried = made.len() as u64;
    for (number, shown) in made {
        if shown? {
            return Ok((tried, Some(attempt(number))));
        }
    }
    Ok((tried, None))
}
