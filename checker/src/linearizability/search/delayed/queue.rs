//! First in, first out.
//!
//! An element may come first unless another one, still inside, was put in for certain before its own
//! insertion began.

use super::configuration::{ContainerConfiguration, ContainerItem, GONE};
use super::place::OpenCalls;
use crate::plant::{Bug, planted};

/// What a take of `value` may have taken out: of those that may come first, the one whose insertion
/// ends first.
pub(super) fn takes(
    place: &OpenCalls<'_>,
    it: &ContainerConfiguration,
    value: u32,
) -> Option<TakenItem> {
    let first_end = it.items.iter().map(|item| item.to).min().unwrap_or(u32::MAX);
    let may_come_first = |from: u32| from <= first_end || planted(Bug::DelayedQueueForgetOrder);
    let inside = (0..it.items.len()).filter(|&at| it.items[at].value == value);
    let inside = inside.filter(|&at| may_come_first(it.items[at].from));
    let ended = inside.min_by_key(|&at| it.items[at].to).map(TakenItem::Inside);
    let open = (0..it.open.len()).filter(|&at| place.open[at].value == value);
    let open = open.filter(|&at| it.open[at] != GONE && may_come_first(it.open[at]));
    ended.or_else(|| open.min_by_key(|&at| place.open[at].ends).map(TakenItem::Open))
}

/// What was taken out, by its place in a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TakenItem {
    /// Among the items.
    Inside(usize),
    /// Among the open insertions.
    Open(usize),
}

/// Tells windows anew, by no more than which ones precede which.
///
/// A window precedes those that begin after it ended. So the ends between two beginnings are alike,
/// and so are the beginnings between two ends.
pub(super) fn tidy(it: &mut ContainerConfiguration) {
    let ends = it.items.iter().map(|item| (item.to, false));
    let begins = it.items.iter().map(|item| item.from);
    let begins = begins.chain(it.open.iter().copied().filter(|&from| from != GONE));
    let mut bounds: Vec<(u32, bool)> = ends.chain(begins.map(|from| (from, true))).collect();
    // A beginning comes before an end of the same number, which it overlaps.
    bounds.sort_unstable_by_key(|&(at, begins)| (at, !begins));
    bounds.dedup();
    let mut group = 0;
    let mut ended = false;
    let mut named = Vec::with_capacity(bounds.len());
    for &(_, begins) in &bounds {
        if begins && ended {
            group += 1;
        }
        ended = !begins;
        named.push(group);
    }
    let name = |bound: (u32, bool)| {
        let found = bounds.binary_search_by_key(&(bound.0, !bound.1), |&(at, it)| (at, !it));
        named[found.expect("each bound was listed")]
    };
    for ContainerItem { from, to, .. } in &mut it.items {
        (*from, *to) = (name((*from, true)), name((*to, false)));
    }
    for from in it.open.iter_mut().filter(|from| **from != GONE) {
        *from = name((*from, true));
    }
    // What begins now begins after all that has ended.
    it.gaps = group + u32::from(ended);
    it.sort();
}
