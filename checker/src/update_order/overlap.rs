//! Which reads no write overlaps.

use super::steps::UpdateStep;
use crate::plant::{Bug, planted};

/// The steps without the reads that overlap a step that gives a value, in the same order. A write whose
/// return was lost overlaps all that comes after its invocation. O(n log n).
pub(super) fn without_overlapped_reads(steps: Vec<UpdateStep>) -> Vec<UpdateStep> {
    let mut updates: Vec<(u32, u32)> = steps
        .iter()
        .filter(|step| step.deed.gives().is_some())
        .map(|step| (step.invoked, step.completed))
        .collect();
    updates.sort_unstable();
    // For each of them the last end of those that began no later.
    let mut last_end = 0;
    for (_, end) in &mut updates {
        last_end = last_end.max(*end);
        *end = last_end;
    }
    let overlaps = |read: &UpdateStep| {
        let until =
            if planted(Bug::OverlapFromTheLeftOnly) { read.invoked } else { read.completed };
        let begun = updates.partition_point(|&(begun, _)| begun < until);
        begun > 0 && updates[begun - 1].1 > read.invoked
    };
    steps.into_iter().filter(|step| !step.deed.is_read() || !overlaps(step)).collect()
}
