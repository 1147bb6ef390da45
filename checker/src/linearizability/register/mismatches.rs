//! Whether each `cas` that mismatched can have found something else, whatever the order.
//!
//! A `cas` that says it mismatched is a read of anything but `a`. It changes nothing, so each can
//! be given its place apart from the others: it needs one moment of its interval at which the
//! register did not hold `a`. Values are all different, so each holds once, for one stretch. Given
//! that the rest has an order, such a moment is there in every order if
//!
//! - `a` was never there, or did not begin to be given before the `cas` began;
//! - some `b` that must come after `a` was there before the `cas` ended;
//! - some `b` that must come before `a` was still to be seen after the `cas` began.
//!
//! `a` must come before `b` if something that saw `a` ended before something that saw `b` began,
//! or if `b` was made of `a` by swaps. If none of these holds there may be such a moment in some
//! order: that is left to the search.
//!
//! O(n log n) for n values and mismatches.

use super::accesses::Access;
use crate::plant::{Bug, planted};

/// A value that was there, and what is known of when. Moments are places among the events plus
/// one; the register's first value was there at 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct HeldValue {
    /// When it began to be given.
    pub(super) begun: u32,
    /// The first return of what gave, read or swapped it.
    pub(super) first: u32,
    /// The last invocation of what gave, read or swapped it.
    pub(super) last: u32,
    /// The first return of what saw a value made of this one.
    pub(super) first_after: Option<u32>,
    /// The last invocation of what saw a value this one was made of.
    pub(super) last_before: Option<u32>,
}

/// The best of some values, and the best of the others.
#[derive(Clone, Copy)]
struct BestTwo {
    best: (u32, usize),
    other: u32,
}

/// Whether each of `mismatches`, with the value it did not find if that was ever there, is sure to
/// have its moment.
pub(super) fn have_moments<'a>(
    held: &[HeldValue],
    mismatches: impl Iterator<Item = (&'a Access, Option<usize>)>,
) -> bool {
    let latest = Ranking::new(held.iter().map(|it| (it.first, it.last)));
    // The same with time running backwards.
    let earliest = Ranking::new(held.iter().map(|it| (u32::MAX - it.last, u32::MAX - it.first)));
    let mut mismatches = mismatches;
    mismatches.all(|(cas, value)| {
        let Some(value) = value else { return true };
        let (begins, ends) = (cas.invoked + 1, cas.completed.saturating_add(1));
        let it = &held[value];
        let later = latest
            .best_below(ends, value)
            .is_some_and(|last| last > it.first || planted(Bug::MismatchTrustAnyLater));
        let earlier = earliest.best_below(u32::MAX - begins, value).is_some_and(|first| {
            u32::MAX - first < it.last || planted(Bug::MismatchTrustAnyEarlier)
        });
        it.begun > begins
            || later
            || earlier
            || it.first_after.is_some_and(|first| first < ends)
            || it.last_before.is_some_and(|last| last > begins)
    })
}

/// Values by one number, and the greatest of another number up to each.
struct Ranking {
    by: Vec<u32>,
    best: Vec<BestTwo>,
}

impl Ranking {
    fn new(values: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut order: Vec<(u32, u32, usize)> =
            values.enumerate().map(|(at, (by, rank))| (by, rank, at)).collect();
        order.sort_unstable();
        let mut so_far: Option<BestTwo> = None;
        let best = order.iter().map(|&(_, rank, at)| {
            let next = match so_far {
                None => BestTwo { best: (rank, at), other: 0 },
                Some(two) if rank > two.best.0 => BestTwo { best: (rank, at), other: two.best.0 },
                Some(two) => BestTwo { other: two.other.max(rank), ..two },
            };
            so_far = Some(next);
            next
        });
        let best = best.collect();
        Self { by: order.into_iter().map(|(by, ..)| by).collect(), best }
    }

    /// The greatest among values below `bound`, except one of them.
    fn best_below(&self, bound: u32, but: usize) -> Option<u32> {
        let count = self.by.partition_point(|&by| by < bound);
        let two = self.best.get(count.checked_sub(1)?)?;
        Some(if two.best.1 == but { two.other } else { two.best.0 })
    }
}
