//! The load and the faults of a target.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use rashomon_checker::Consistency;
use rashomon_targets::FaultKind;
use rashomon_workloads::Kind;

use super::report::Ran;

/// Receives every run as soon as it is over.
pub(super) type AfterEach = Box<dyn Fn(&Ran) + Send + Sync>;

/// The load and the faults of a target.
pub(super) struct Load {
    pub(super) workload: Kind,
    pub(super) faults: Vec<FaultKind>,
    /// How long the load lasts, in milliseconds.
    pub(super) time_ms: u64,
    /// At most this number of operations in a run.
    pub(super) ops: Option<u64>,
    /// Concurrent processes; the usual number for the cluster by default.
    pub(super) clients: Option<u32>,
    /// Keys in use at a time; the target's number by default.
    pub(super) keys: Option<u32>,
    pub(super) require: Vec<Consistency>,
    pub(super) seeds: RangeInclusive<u64>,
    /// How many of the runs may be unknown.
    pub(super) unknown_allowed: u64,
    pub(super) goes_on: bool,
    /// The program of a node process; simulation by default.
    pub(super) program: Option<PathBuf>,
    /// Where runs are kept, if they are.
    pub(super) store: Option<PathBuf>,
    pub(super) told: Option<AfterEach>,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            workload: Kind::Register,
            faults: vec![FaultKind::Partition, FaultKind::Kill],
            time_ms: 8000,
            ops: Some(1000),
            clients: None,
            keys: None,
            require: Vec::new(),
            seeds: 1..=1,
            unknown_allowed: 0,
            goes_on: false,
            program: None,
            store: None,
            told: None,
        }
    }
}
