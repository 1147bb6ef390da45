//! Last in, first out.
//!
//! An element is on a stack from some moment p of its window to the moment q of its take, and these
//! times are nested or disjoint: once an element was there from p to q, no other one that is still
//! inside, or comes later, was put in between p and q. So that time is *covered*, and the later p,
//! the less of it: an element is taken to have been put in as late as what is not covered allows.
//!
//! *Gaps.* Moments between two ends of insertions are alike, since a window ends with one: all that
//! have one of these gaps in common overlap there. A gap is covered when it lies between p's and
//! q's; within the gap of p there is room below p, and within that of q above q.
//!
//! *Which of several equal elements* is taken out matters only if neither window ends later and
//! begins later than the other: that one is better out, since what is below must be in earlier. One
//! whose insertion is still open disturbs nothing if it is put in and taken out at one moment,
//! whenever that is; so it is until its insertion or the take ends.
//!
//! *Which gaps matter.* If all windows with a gap also have its neighbour, the neighbour serves them
//! as well: whatever covers it and not the gap itself is put in at the gap, and has the neighbour in
//! its window. So only gaps are kept that have a set of windows not contained in a neighbour's.
//!
//! *What nothing will ever take* may lie as low as it can. No element below it comes out any more,
//! so all that is there, and it, is forgotten: the stack is sealed.

use super::configuration::{ContainerConfiguration, ContainerItem, GONE};
use super::place::OpenCalls;
use crate::plant::{Bug, planted};

/// The items that a take of `value` may have taken out, of those that are not better left there.
pub(super) fn inside(it: &ContainerConfiguration, value: u32) -> Vec<usize> {
    let equal = || it.items.iter().enumerate().filter(move |(_, item)| item.value == value);
    let is_worse = |(at, item): (usize, &ContainerItem)| {
        equal().any(|(other, better)| {
            let same = (better.from, better.to) == (item.from, item.to);
            other != at && better.from >= item.from && better.to >= item.to && (!same || other < at)
        })
    };
    let only_latest = planted(Bug::DelayedStackTakeLatest);
    let latest = equal().map(|(at, item)| (item.to, at)).max();
    let chosen = equal().filter(|&(at, item)| {
        if only_latest { latest == Some((item.to, at)) } else { !is_worse((at, item)) }
    });
    chosen.map(|(at, _)| at).collect()
}

/// The open insertions of `value`, whose element a take may have taken out at once, of those that
/// are not better left for later.
pub(super) fn open(place: &OpenCalls<'_>, it: &ContainerConfiguration, value: u32) -> Vec<usize> {
    let equal = || (0..it.open.len()).filter(move |&at| place.open[at].value == value);
    let left = || equal().filter(|&at| it.open[at] != GONE);
    let is_worse = |at: usize| {
        left().any(|other| {
            other != at
                && it.open[other] >= it.open[at]
                && place.open[other].ends <= place.open[at].ends
                && (it.open[other] > it.open[at]
                    || place.open[other].ends < place.open[at].ends
                    || other < at)
        })
    };
    left().filter(|&at| !is_worse(at)).collect()
}

/// Covers the gaps since something was put in that is now taken out. Whether everything inside still
/// can have been put in.
pub(super) fn cover(it: &mut ContainerConfiguration, put_in: u32) -> bool {
    if planted(Bug::DelayedStackForgetCover) {
        return true;
    }
    for other in &mut it.items {
        if other.from > put_in {
            return false;
        }
        other.to = other.to.min(put_in);
    }
    for from in it.open.iter_mut().filter(|from| **from != GONE) {
        *from = (*from).min(put_in + 1);
    }
    it.gaps = put_in + 2;
    true
}

/// Forgets gaps that do not matter, and what lies below all that matters; `is_over` says of what
/// values nothing more will be taken.
pub(super) fn tidy(it: &mut ContainerConfiguration, is_over: impl Fn(u32) -> bool) {
    let over = it.items.iter().filter(|item| is_over(item.value));
    if let Some(floor) = over.map(|item| item.from).max() {
        it.is_sealed = true;
        it.items.retain(|item| item.to >= floor && !is_over(item.value));
        it.items.iter_mut().for_each(|item| {
            (item.from, item.to) = (item.from.saturating_sub(floor), item.to - floor);
        });
        let open = it.open.iter_mut().filter(|from| **from != GONE);
        open.for_each(|from| *from = from.saturating_sub(floor));
        it.gaps -= floor;
    }
    if it.items.is_empty() {
        // Whatever is open may as well be put in from now on.
        it.open.iter_mut().filter(|from| **from != GONE).for_each(|from| *from = 0);
        it.gaps = 1;
        return;
    }
    let count = it.gaps as usize;
    let (mut begins, mut ends) = (vec![false; count], vec![false; count]);
    for item in &it.items {
        (begins[item.from as usize], ends[item.to as usize]) = (true, true);
    }
    for &from in it.open.iter().filter(|&&from| from != GONE) {
        begins[from as usize] = true;
    }
    // How many gaps are kept before each. One is kept where a window ends, if one has begun since
    // the last that was kept. What begins later has only the last one.
    let mut before = Vec::with_capacity(count + 1);
    let (mut kept, mut begun) = (0, false);
    for gap in 0..count {
        before.push(kept);
        begun |= begins[gap] && !(planted(Bug::DelayedStackMergeGaps) && kept > 0);
        if gap + 1 == count || begun && ends[gap] {
            (kept, begun) = (kept + 1, false);
        }
    }
    before.push(kept);
    for item in &mut it.items {
        item.from = before[item.from as usize];
        item.to = before[item.to as usize + 1] - 1;
    }
    for from in it.open.iter_mut().filter(|from| **from != GONE) {
        *from = before[*from as usize];
    }
    it.gaps = kept;
    it.sort();
}
