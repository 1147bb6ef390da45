//! Cuts down the kept run of each signature: who looks at a failure begins with the least of it.
//!
//! A run that was cut down before is left alone, so that a campaign that was killed goes on where it was.

use std::collections::BTreeMap;
use std::path::Path;

use rashomon_results::Store;

use super::limits::{Limited, Limits};
use crate::campaign::KeptFailure;
use crate::cli::opened::Opened;
use crate::cli::output::Output;
use crate::cli::shrink::{cut_down_before, write_down};
use crate::report::count;
use crate::settings::Driver;
use crate::shrink::{ScenarioSize, Shrinking, Start, shrink};

/// Cuts down each run that is kept, by the failure that its report shows first, each in at most `budget` runs, as long as
/// there is time. Runs of real processes are left alone: no seed repeats them.
///
/// # Errors
/// If a folder cannot be read or written.
pub(super) fn shrink_kept(
    kept: &mut BTreeMap<String, KeptFailure>,
    (budget, store): (u64, &Path),
    limits: &Limits<'_>,
    output: &Output,
) -> anyhow::Result<()> {
    let runs = Store::at(store);
    for one in kept.values_mut() {
        let folder = runs.find(&one.id)?;
        if cut_down_before(&folder).is_none() && limits.cut().is_none() {
            let Opened { folder, settings, plan, .. } = Opened::open(runs.find(&one.id)?)?;
            if settings.driver != Driver::Simulation {
                continue;
            }
            let start = Start::Run { settings, plan };
            let made = shrink(start, budget, &mut Limited(limits), &mut |_, _, _| {})?;
            if let Shrinking::Shrunk(shrunk) = made
                && limits.cut().is_none()
            {
                write_down(&folder, &shrunk)?;
                let ScenarioSize { operations, faults, .. } = ScenarioSize::of(&shrunk.scenario);
                output.note(&format!(
                    "cut down: {}, to {} and {}, after {}",
                    one.id,
                    count(operations as u64, "operation"),
                    count(faults as u64, "fault"),
                    count(shrunk.replays, "run")
                ));
            }
        }
        one.shrunk = cut_down_before(&folder).map(|path| path.display().to_string());
    }
    Ok(())
}
