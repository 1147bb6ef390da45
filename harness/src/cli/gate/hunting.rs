//! Looks for the planted bugs that a gate names, on all cores.

use rashomon_targets::PlantedBug;

use crate::bugs::{self, Block, Lookout};
use crate::cli::bugs::settings;
use crate::cli::campaign::{Limited, Limits};
use crate::cli::output::Output;
use crate::cli::seeds;
use crate::gate::BugHunt;
use crate::parallel::{Each, up_to_first};
use crate::settings::Settings;

/// Looks for each of these bugs in every place where it shows, each within this number of runs. What is found does
/// not depend on how many cores there are; what there was no time for has no block.
///
/// # Errors
/// If a simulated cluster does not start.
pub(super) fn hunt(
    bugs: &[PlantedBug],
    within: u64,
    limits: &Limits<'_>,
    output: &Output,
) -> anyhow::Result<Vec<BugHunt>> {
    let lookouts: Vec<(Lookout, Settings)> = Lookout::all()
        .filter(|one| bugs.contains(&one.bug))
        .map(|one| Ok((one, settings(one)?)))
        .collect::<anyhow::Result<_>>()?;
    let place = |number: u64| usize::try_from(number).expect("there are not that many");
    let all = lookouts.len() as u64;
    let bar = seeds::bar(all, output);
    let each = Each {
        run: |number: u64| {
            let (lookout, settings) = &lookouts[place(number)];
            let sought = (settings, lookout.hunt.shows);
            let block = bugs::look(sought, (1, within), &mut Limited(limits));
            bar.inc(1);
            block
        },
        ends: |block: &anyhow::Result<Option<Block>>| block.is_err(),
        stop: || limits.cut().is_some(),
    };
    let mut blocks = up_to_first(all, limits.threads, &each);
    bar.finish_and_clear();
    (0..)
        .zip(lookouts)
        .map(|(number, (lookout, _))| {
            let block = blocks.remove(&number).transpose()?.flatten();
            Ok(BugHunt { lookout, within, block })
        })
        .collect()
}
