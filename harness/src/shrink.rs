//! From a run that failed to the least run that fails in the same way.
//!
//! Delta debugging of Zeller and Hildebrandt ("Simplifying and isolating failure-inducing input", TSE 2002) over a
//! [`Scenario`](crate::scenario::Scenario): its operations, its faults, the lengths of these, its nodes, and the times
//! that messages and disks take. What is left out moves nothing else. First what cannot matter is sliced away: what
//! comes after the failure, and what the checker's own witness does without. A run counts as the same failure only if the
//! same check finds the same class of anomaly on the same kind of operation.

mod ddmin;
mod evidence;
mod failure;
mod passes;
mod slices;
mod trials;

use crate::execute::{Finished, Keep, run_noted, run_scenario};
use crate::fault::Plan;
use crate::run::drive::Watcher;
use crate::scenario::Scenario;
use crate::settings::Settings;

pub(crate) use failure::Failure;
pub(crate) use trials::{ScenarioSize, Trials};

/// What came of it.
#[derive(Debug)]
pub(crate) enum Shrinking {
    /// The run, made again, fails in no way: another build ran it, or it was stopped.
    Passes,
    /// The run as data does not fail as the run did.
    Lost(Failure),
    /// It was cut down.
    Shrunk(Box<Shrunk>),
}

/// A run that was cut down.
#[derive(Debug)]
pub(crate) struct Shrunk {
    /// How it fails.
    pub(crate) failure: Failure,
    /// What is left.
    pub(crate) scenario: Scenario,
    /// The run of that.
    pub(crate) finished: Finished,
    /// What there was.
    pub(crate) before: ScenarioSize,
    /// How many runs were made, the first one included.
    pub(crate) replays: u64,
    /// Whether something was left untried.
    pub(crate) ended: ShrinkEnd,
}

/// Why no more was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShrinkEnd {
    /// Nothing of what is tried can be left out, so that more runs would change nothing.
    Least,
    /// There were no more runs.
    Budget,
    /// The user asked to stop.
    Interrupted,
}

/// What is tried, in order: its name, and how many runs it may make, of a hundred of the budget.
const PASSES: [(&str, u64, passes::Pass); 9] = [
    ("what cannot matter", 25, slices::slice),
    ("faults", 25, passes::faults),
    ("operations", 30, passes::operations),
    ("nodes", 4, passes::nodes),
    ("faults again", 20, passes::faults),
    ("lengths of faults", 6, passes::lengths),
    ("times", 20, passes::times),
    ("operations again", 20, passes::operations),
    ("chance", 100, passes::chance),
];

/// From where shrinking starts.
#[derive(Debug)]
pub(crate) enum Start {
    /// A run.
    Run {
        /// What was run.
        settings: Settings,
        /// Under which faults.
        plan: Plan,
    },
    /// A run that is data.
    Scenario(Scenario),
}

/// Makes a simulated run again and cuts it down, in at most `budget` runs. `heard` learns of each pass.
///
/// # Errors
/// If the settings cannot be run in simulation.
pub(crate) fn shrink(
    start: Start,
    budget: u64,
    watcher: &mut dyn Watcher,
    heard: &mut dyn FnMut(&str, u64, &ScenarioSize),
) -> anyhow::Result<Shrinking> {
    let (first, whole) = match start {
        Start::Run { settings, plan } => run_noted(&settings, &plan, watcher)?,
        Start::Scenario(scenario) => (run_scenario(&scenario, Keep::default(), watcher)?, scenario),
    };
    let Some(failure) = Failure::first(&first.judgement) else { return Ok(Shrinking::Passes) };
    let before = ScenarioSize::of(&whole);
    let mut trials = Trials::new(failure, whole, budget, watcher);
    if !trials.starts()? {
        return Ok(Shrinking::Lost(trials.into_failure()));
    }
    for (name, percent, pass) in PASSES {
        trials.grant(percent);
        pass(&mut trials)?;
        heard(name, trials.made(), &ScenarioSize::of(trials.scenario()));
    }
    Ok(Shrinking::Shrunk(Box::new(trials.end(before)?)))
}
