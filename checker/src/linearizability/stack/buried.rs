//! Elements left over on top of one that came out.

use std::collections::BTreeSet;

use super::Stretch;
use crate::linearizability::collection::lifetimes::Lifetimes;
use crate::linearizability::collection::shrink::Refutation;
use crate::linearizability::moment::{Moment, NEVER};
use crate::linearizability::violation::Violation;

/// What happens to a core at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Ends,
    Begins,
}

/// An element that came out from under one left over, and when at the latest it did: of all such
/// pairs the one of which that is soonest. The one left over went in during the other's core.
/// O(n log n), and the pairs of overlapping insertions.
///
/// What has no bottom includes these. They are asked for when lost takes may have removed elements,
/// as they tell best which, and by when.
pub(super) fn soonest(lifetimes: &Lifetimes, cores: &[Stretch]) -> Option<(Moment, Refutation)> {
    let mut changes = Vec::with_capacity(2 * cores.len());
    for core in cores {
        changes.push((core.from, Change::Begins, core));
        changes.push((core.to, Change::Ends, core));
    }
    changes.sort_unstable_by_key(|&(moment, change, core)| (moment, change, core.tag));
    // The cores open, by when their elements are out at the latest.
    let mut open: BTreeSet<(Moment, Moment, usize)> = BTreeSet::new();
    let mut soonest: Option<(Moment, usize, usize)> = None;
    for (_, change, core) in changes {
        let element = &lifetimes.elements[core.tag];
        let entry = (element.taken_by(), core.from, core.tag);
        match change {
            Change::Begins if element.taken.is_none() => {
                let below = open.iter().find(|&&(_, from, _)| from < element.inserted.from);
                if let Some(&(by, _, under)) = below
                    && soonest.is_none_or(|(sooner, _, _)| by < sooner)
                {
                    soonest = Some((by, under, core.tag));
                }
            }
            Change::Begins if entry.0 != NEVER => drop(open.insert(entry)),
            Change::Ends => drop(open.remove(&entry)),
            Change::Begins => {}
        }
    }
    let (by, under, over) = soonest?;
    let violation = Violation::NoBottom { first: lifetimes.elements[under].insert };
    Some((by, Refutation { elements: vec![under, over], empties: Vec::new(), violation }))
}
