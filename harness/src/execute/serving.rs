//! Runs in which nodes are busy with what they take in, for measuring what clusters of different sizes can do.

use rashomon_workloads::Op;

use super::recorded::simulated;
use super::{Finished, Keep, Work};
use crate::fault::Plan;
use crate::judge::Requirement;
use crate::run::drive::Watcher;
use crate::settings::Settings;

/// Runs these operations round and round in simulation, without faults and without a verdict: each node is busy for `each` nanoseconds with every
/// message and request.
///
/// # Errors
/// If the target is none of the built-in ones.
pub(crate) fn execute_serving(
    settings: &Settings,
    operations: &[Op],
    each: u64,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Finished> {
    let (requirement, plan) = (Requirement::nothing(), Plan::default());
    let work = Work { repeating: Some(operations), ..Work::new(settings, &plan, &requirement)? };
    simulated(work, None, Some(each), Keep::default(), watcher)
}
