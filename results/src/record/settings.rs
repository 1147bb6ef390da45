//! What was run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Plain;

/// In which world a run happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DriverRecord {
    /// Child processes on a machine. Times are of its monotonic clock.
    Cluster,
    /// One deterministic thread. Times are simulated.
    Simulation,
}

/// What was tested: a family of protocols and its settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetRecord {
    /// The name of the family.
    pub target: String,
    /// How many nodes.
    pub nodes: u16,
    /// The names of planted bugs.
    #[serde(default)]
    pub bugs: Vec<String>,
    /// The settings of the family, by name.
    #[serde(flatten)]
    pub options: BTreeMap<String, Plain>,
}

/// How much was asked of a target, and what was done to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsRecord {
    /// Kinds of fault that the plan was drawn from.
    pub faults: Vec<String>,
    /// Whether they were named: else a plan may have some of them only, or none.
    #[serde(default = "named")]
    pub faults_named: bool,
    /// How long the load lasts, in milliseconds.
    pub time_ms: u64,
    /// At most this number of operations.
    pub ops: Option<u64>,
    /// This number of operations a second.
    pub rate: Option<u64>,
    /// How long a node is waited for until it serves, in milliseconds; none: as its target says.
    #[serde(default)]
    pub ready_within_ms: Option<u64>,
    /// Whether the load stops at the first violation.
    pub fail_fast: bool,
    /// What was required by name; the claim if nothing was.
    pub require: Vec<String>,
    /// In how many regions the nodes are, by turns; none: all are near each other.
    #[serde(default)]
    pub regions: Option<u16>,
    /// How much longer a message takes from one region to another, in milliseconds.
    #[serde(default)]
    pub across_ms: Option<u64>,
    /// Processes at a time.
    pub processes: u32,
    /// Keys in use at a time.
    pub keys: u32,
    /// Operations on a key before it is replaced.
    pub ops_per_key: u32,
}

/// In a record of an earlier version every plan had all kinds.
fn named() -> bool {
    true
}
