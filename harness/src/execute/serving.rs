//! Runs in which nodes are busy with what they take in, for measuring what clusters of different sizes can do.

use rashomon_workloads::Op;

use super::{Finished, Keep, Simulate, Work};
use crate::fault::Plan;
use crate::judge::Requirement;
use crate::run::drive::Watcher;
use crate::settings::Settings;
use crate::subject::Subject;

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
    let Subject::Reference(target) = &settings.target else {
        anyhow::bail!("only the built-in targets run in simulation")
    };
    let (requirement, plan) = (Requirement::nothing(), Plan::default());
    let work = Work { repeating: Some(operations), ..Work::new(settings, &plan, &requirement)? };
    let (keep, service) = (Keep::default(), Some(each));
    target.family.visit(Simulate { target, work, odds: None, service, keep, watcher })
}
