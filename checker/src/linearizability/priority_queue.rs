//! Least first.
//!
//! # What is decided
//!
//! Every history in which each element is put in at most once, but for some in which many takes lost
//! their returns.
//!
//! # Why it is exact
//!
//! For an element let `[a, b]` be the span of its insertion and `[c, d]` that of its taking, with b cut
//! to d and c raised to a. It is in from some p in `[a, b]` to some q in `[c, d]`, and a priority queue
//! demands no more than that no lesser element is in at q. At every moment of its *core* `(b, c)` an
//! element is in for certain, so an element must come out at a moment of `[c, d]` that is in no
//! core of a lesser one, and an empty take needs a moment in no core at all.
//!
//! That is enough. Let each element come out at the first moment q from c on that is in no core of
//! a lesser one, and go in at the lesser of b and q. Then it is in for longer than its core at most
//! during `[c, q)`, every moment of which is in the core of a lesser element: for whatever comes out
//! later or is empty then, that element was in the way already.
//!
//! *Lost takes* are given to elements by a search: see `lost_takes`.

use std::collections::BTreeMap;
use std::hash::Hash;

use super::collection::cover::{Stretch, chain};
use super::collection::lifetimes::{Arrange, Lifetimes};
use super::collection::lost_takes;
use super::collection::shrink::Refutation;
use super::violation::{MonitorVerdict, Violation};
use crate::Call;
use crate::linearizability::moment::{Moment, Span};
use crate::model::{ContainerOp, ContainerRet};
use crate::plant::{Bug, planted};

/// Whether a priority queue explains the calls. O(n log n) if no take lost its return.
pub fn check<V: Ord + Hash>(calls: &[Call<ContainerOp<V>, ContainerRet<V>>]) -> MonitorVerdict {
    match Lifetimes::gather(calls, Arrange::ByValue) {
        Ok(lifetimes) => lifetimes.with_peeks(lost_takes::check(&lifetimes, refute)),
        Err(verdict) => verdict,
    }
}

fn refute(lifetimes: &Lifetimes) -> Option<Refutation> {
    let mut blocked = Blocked::default();
    let mut cores = Vec::new();
    // The refutation about the earliest return: it leaves lost takes the least choice.
    let mut first: Option<(Span, usize)> = None;
    for (tag, element) in lifetimes.elements.iter().enumerate() {
        let span = Span { from: element.taken_from(), to: element.taken_by() };
        let wrong = blocked.leave(span.from) > span.to && !planted(Bug::LeastForgetBlocking);
        if wrong && first.is_none_or(|(other, _)| span.to < other.to) {
            first = Some((span, tag));
        }
        let (mut from, to) = (element.put_by(), element.taken_from());
        if planted(Bug::LeastForgetMoments) {
            from = element.inserted.from;
        }
        if from < to {
            blocked.block(from, to);
            cores.push(Stretch { from, to, tag });
        }
    }
    if let Some((span, tag)) = first {
        cores.retain(|core| core.tag < tag);
        let take = lifetimes.elements[tag].taken.expect("only what was taken came out wrongly").op;
        let mut elements = blockers(cores, span);
        elements.push(tag);
        let violation = Violation::NeverLeast { take };
        return Some(Refutation { elements, empties: Vec::new(), violation });
    }
    let wrong = |span: Span| blocked.leave(span.from) > span.to && !planted(Bug::LeastForgetEmpty);
    let place = lifetimes.empties.iter().position(|take| wrong(take.span))?;
    let take = lifetimes.empties[place];
    let violation = Violation::FalseEmpty { take: take.op };
    Some(Refutation { elements: blockers(cores, take.span), empties: vec![place], violation })
}

/// As few elements as have cores that together hold all of the span. O(n log n).
fn blockers(mut cores: Vec<Stretch>, span: Span) -> Vec<usize> {
    cores.sort_unstable_by_key(|core| core.from);
    chain(&cores, span.from, span.to)
}

/// A union of open intervals that grows.
#[derive(Clone, Debug, Default)]
struct Blocked {
    /// Disjoint: from each start to its end.
    stretches: BTreeMap<Moment, Moment>,
}

impl Blocked {
    /// The first moment from this one on that is not blocked. O(log n).
    fn leave(&self, moment: Moment) -> Moment {
        match self.stretches.range(..moment).next_back() {
            Some((_, &to)) => moment.max(to),
            None => moment,
        }
    }

    /// Blocks what is between two moments. O(log n) amortised.
    fn block(&mut self, mut from: Moment, mut to: Moment) {
        if let Some((&start, &end)) = self.stretches.range(..=from).next_back()
            && end > from
        {
            from = start;
            to = to.max(end);
        }
        while let Some((&start, &end)) = self.stretches.range(from..to).next() {
            to = to.max(end);
            self.stretches.remove(&start);
        }
        self.stretches.insert(from, to);
    }
}

#[cfg(test)]
mod tests;
