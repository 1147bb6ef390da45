//! Faults: as planned, and what each did.

use std::collections::BTreeMap;

use rashomon_checker::Time;
use serde::{Deserialize, Serialize};

use super::Plain;

/// A fault of the plan, and what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanRecord {
    /// As planned.
    pub fault: FaultRecord,
    /// What it is, in words.
    pub what: String,
    /// The word for its kind, as on the command line.
    pub kind: String,
    /// The numbers of the nodes it struck: the one killed or paused, or those of the side whose links
    /// were hurt.
    #[serde(default)]
    pub on: Vec<u16>,
    /// When it struck, in nanoseconds of the run; nothing if the load ended before.
    pub struck: Option<Time>,
    /// When it healed.
    pub healed: Option<Time>,
    /// What it did.
    pub efficacy: EfficacyRecord,
}

/// A fault as planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultRecord {
    /// Its number in the plan.
    pub id: u32,
    /// When it starts, in nanoseconds of the run.
    pub start: Time,
    /// How long until it heals, in nanoseconds.
    pub lasts: Time,
    /// The name of the fault.
    pub fault: String,
    /// Its parameters, by name.
    #[serde(flatten)]
    pub parameters: BTreeMap<String, Plain>,
}

/// What a fault did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EfficacyRecord {
    /// Messages lost.
    pub dropped: u64,
    /// Messages kept back.
    pub held: u64,
    /// Messages delayed, doubled or reordered.
    pub changed: u64,
    /// Those of all these messages that were sent for operations. A record of an earlier version does not tell.
    #[serde(default)]
    pub of_operations: Option<u64>,
    /// Operations under way at some time while the fault lasted. As above.
    #[serde(default)]
    pub overlapped: Option<u64>,
    /// Operations that failed, or whose outcome is unknown, and ended while the fault lasted. As above.
    #[serde(default)]
    pub failed: Option<u64>,
    /// Processes killed, or kept dead when the fault that had killed them ended.
    pub killed: u64,
    /// Records that were not durable when their process was killed, or that a disk has lost.
    pub records_lost: u64,
    /// Inputs that a stopped process did not take, or a stopped process itself.
    pub stalled: u64,
    /// Clocks set.
    #[serde(default)]
    pub clocks_set: u64,
    /// Writes that a disk delayed, failed or only pretended, and records of it that were damaged.
    #[serde(default)]
    pub disk_hits: u64,
    /// Nodes that were seen to be no members any more, and those of them that were replaced.
    #[serde(default)]
    pub members_changed: u64,
}
