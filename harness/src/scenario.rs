//! A scenario: a simulated run as data. Its operations, its faults and its chance stand in a file, so that one of them
//! can be left out and all others stay what they are.

mod file;

use rashomon_workloads::generator::RecordedOp;
use serde::{Deserialize, Serialize};

use crate::chance::Chance;
use crate::fault::Plan;
use crate::run::drive::Closing;
use crate::settings::Settings;
use file::ScenarioFile;

pub(crate) use file::{FILE, HEADER};

/// A simulated run as data.
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

#[cfg(test)]
mod tests;
