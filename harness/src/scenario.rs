//! A scenario: a run as data. Its operations, its faults and its chance stand in a file, so that one of them
//! can be left out and all others stay what they are.

mod file;

use rashomon_workloads::generator::RecordedOp;
use serde::{Deserialize, Serialize};

use crate::chance::Chance;
use crate::fault::Plan;
use crate::run::drive::Closing;
use crate::settings::{Driver, Settings};
use file::ScenarioFile;

pub(crate) use file::{FILE, HEADER};

/// A run as data. On real processes its operations and faults come at their times, and no chance is decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ScenarioFile", into = "ScenarioFile")]
pub(crate) struct Scenario {
    /// What is run, and what is required of it. Its seed, its rate and its time draw nothing here.
    pub(crate) settings: Settings,
    /// The faults; each keeps its number when others are left out.
    pub(crate) plan: Plan,
    /// The operations, in the order of their invocations; each names the node that it asks.
    pub(crate) operations: Vec<RecordedOp>,
    /// What comes after them.
    pub(crate) closing: Closing,
    /// What chance decides.
    pub(crate) chance: Chance,
}

impl Scenario {
    /// A run on real processes with these faults and operations. Every copy is read at its end, where that can be.
    pub(crate) fn of_processes(
        settings: &Settings,
        plan: Plan,
        operations: Vec<RecordedOp>,
    ) -> Self {
        let mut settings = settings.clone();
        (settings.driver, settings.fail_fast) = (Driver::Cluster, false);
        let closing = Closing::usual(&settings.target);
        let chance = Chance::drawn(settings.seed);
        Self { settings, plan, operations, closing, chance }
    }

    /// The same operations and faults in this world.
    #[must_use]
    pub(crate) fn in_world(&self, driver: Driver) -> Self {
        let mut scenario = self.clone();
        scenario.settings.driver = driver;
        scenario
    }

    /// The same with the chance of this seed.
    #[must_use]
    pub(crate) fn with_chance_of(&self, seed: u64) -> Self {
        let mut scenario = self.clone();
        scenario.settings.seed = seed;
        scenario.chance = Chance::drawn(seed);
        scenario
    }
}

#[cfg(test)]
mod tests;
