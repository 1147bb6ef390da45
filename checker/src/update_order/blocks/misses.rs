//! Places for each `cas` that found another value.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Rule, UpdateDeed, UpdateStep, ValueCluster, ValueClusters};
use crate::plant::{Bug, planted};

/// How soon each block should come: the sooner, the sooner a `cas` found one of its values gone.
pub(super) fn urgency(clusters: &ValueClusters<'_>, blocks: &[Vec<usize>]) -> Vec<u32> {
    let mut gone = vec![u32::MAX; clusters.all.len()];
    for step in clusters.steps {
        if let UpdateDeed::Miss { old } = step.deed
            && let Some(&of) = clusters.of.get(&old)
        {
            gone[of] = gone[of].min(step.completed);
        }
    }
    let soonest = |block: &Vec<usize>| block.iter().map(|&at| gone[at]).min();
    blocks.iter().map(|block| soonest(block).unwrap_or(u32::MAX)).collect()
}

/// Whether each `cas` that found another value has a place in this order of clusters: after the
/// `i`-th of them, for some `i`.
///
/// It comes after all that ended before it began, and before all that began after it ended. Each
/// takes the first place that there is.
pub(super) fn fit(
    steps: &[UpdateStep],
    rule: Rule,
    clusters: &ValueClusters<'_>,
    order: &[usize],
) -> bool {
    let misses: Vec<&UpdateStep> =
        steps.iter().filter(|step| matches!(step.deed, UpdateDeed::Miss { .. })).collect();
    if misses.is_empty() || planted(Bug::OrderForgetMisses) {
        return true;
    }
    let mut place_of = vec![None; clusters.all.len()];
    for (place, &cluster) in order.iter().enumerate() {
        place_of[cluster] = Some(place);
    }
    let moments = |moment: fn(&ValueCluster) -> u32| {
        let moment = |(place, &at): (usize, &usize)| (moment(&clusters.all[at]), place);
        let mut moments: Vec<(u32, usize)> = order.iter().enumerate().map(moment).collect();
        moments.sort_unstable();
        moments
    };
    // The last place of what ended by then, and the first of what began after that.
    let mut ended = moments(|it| it.first.0);
    let mut begun = moments(|it| it.begun);
    let mut seen = moments(|it| it.seen);
    for at in 1..ended.len() {
        ended[at].1 = ended[at].1.max(ended[at - 1].1);
    }
    for list in [&mut begun, &mut seen] {
        for at in (1..list.len()).rev() {
            list[at - 1].1 = list[at - 1].1.min(list[at].1);
        }
    }
    let last_by = |moment: u32| {
        let count = ended.partition_point(|&(it, _)| it < moment);
        count.checked_sub(1).map_or(0, |at| ended[at].1)
    };
    let first_after = |list: &[(u32, usize)], moment: u32| {
        list.get(list.partition_point(|&(it, _)| it <= moment)).map(|&(_, place)| place)
    };
    let mut taken: BinaryHeap<Reverse<(u32, usize)>> = BinaryHeap::new();
    let mut before = 0;
    for miss in misses {
        let UpdateDeed::Miss { old } = miss.deed else { unreachable!("these miss") };
        while let Some(&Reverse((end, place))) = taken.peek()
            && end < miss.invoked
        {
            before = before.max(place);
            taken.pop();
        }
        let mut place = last_by(miss.invoked).max(before);
        let held = clusters.of.get(&old).and_then(|&of| place_of[of]);
        place += usize::from(held == Some(place));
        let upto_begun = first_after(&begun, miss.completed).unwrap_or(order.len());
        // A read of a value that began later is after it, but may be of the value before it.
        let upto_seen = first_after(&seen, miss.completed).map_or(order.len(), |it| it + 1);
        let upto_seen = if rule.is_fresh() { upto_seen } else { order.len() };
        if place >= upto_begun.min(upto_seen) {
            return false;
        }
        taken.push(Reverse((miss.completed, place)));
    }
    true
}
