//! What became of each element of a container, as far as the calls tell.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use crate::Call;
use crate::linearizability::moment::{Moment, NEVER, Span};
use crate::linearizability::violation::{Indecision, MonitorVerdict, Violation};
use crate::model::{ContainerOp, ContainerRet};
use crate::plant::{Bug, planted};
use crate::{Observed, OpIndex};

/// A call that took something out, or found nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::linearizability) struct Take {
    pub(in crate::linearizability) op: OpIndex,
    pub(in crate::linearizability) span: Span,
}

/// An element that was put in exactly once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::linearizability) struct Element {
    pub(in crate::linearizability) insert: OpIndex,
    pub(in crate::linearizability) inserted: Span,
    /// What took it out. `None` if nothing is known to have.
    pub(in crate::linearizability) taken: Option<Take>,
}

impl Element {
    /// The last moment at which it can have been put in: before its taking returned.
    pub(in crate::linearizability) fn put_by(&self) -> Moment {
        match self.taken {
            Some(take) if !planted(Bug::SkipClipping) => self.inserted.to.min(take.span.to),
            Some(_) | None => self.inserted.to,
        }
    }

    /// The first moment at which it can have been taken out: after its insertion began.
    pub(in crate::linearizability) fn taken_from(&self) -> Moment {
        match self.taken {
            Some(take) if planted(Bug::SkipClipping) => take.span.from,
            Some(take) => self.inserted.from.max(take.span.from),
            None => NEVER,
        }
    }

    /// The last moment at which it can have been taken out.
    pub(in crate::linearizability) fn taken_by(&self) -> Moment {
        self.taken.map_or(NEVER, |take| take.span.to)
    }
}

/// The calls on one container, by what they tell.
///
/// Insertions whose return was lost and whose element nobody saw are left out: with such an
/// element, everything that was done to it can be taken out of an order that explains the calls.
#[derive(Clone, Debug, Default)]
pub(in crate::linearizability) struct Lifetimes {
    /// In the order asked for.
    pub(in crate::linearizability) elements: Vec<Element>,
    /// Takes that found nothing.
    pub(in crate::linearizability) empties: Vec<Take>,
    /// Takes whose return was lost, by their invocation.
    pub(in crate::linearizability) lost: Vec<Take>,
    /// A call that was told which element is next.
    pub(in crate::linearizability) peeked: Option<OpIndex>,
}

/// How to arrange elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::linearizability) enum Arrange {
    /// As they come.
    AsMentioned,
    /// Least first.
    ByValue,
}

/// All calls that speak of one element.
#[derive(Clone, Debug, Default)]
struct Mentions {
    inserts: Vec<Take>,
    takes: Vec<Take>,
    peeks: Vec<Take>,
}

impl Lifetimes {
    /// Sorts calls by what they tell. O(n) beside arranging.
    ///
    /// # Errors
    ///
    /// The verdict, if it is plain already, or if an element was put in more than once.
    pub(in crate::linearizability) fn gather<V: Ord + Hash>(
        calls: &[Call<ContainerOp<V>, ContainerRet<V>>],
        arrange: Arrange,
    ) -> Result<Self, MonitorVerdict> {
        let mut lifetimes = Self::default();
        let mut mentioned: Vec<(&V, Mentions)> = Vec::new();
        let mut places: FxHashMap<&V, usize> = FxHashMap::default();
        let mut place = |value| {
            *places.entry(value).or_insert_with(|| {
                mentioned.push((value, Mentions::default()));
                mentioned.len() - 1
            })
        };
        let mut inserts = Vec::new();
        let mut takes = Vec::new();
        let mut peeks = Vec::new();
        for call in calls {
            let made = Take { op: call.index, span: Span::of(call) };
            match (&call.op, &call.seen) {
                (
                    ContainerOp::Insert(value),
                    Observed::Returned(ContainerRet::Inserted) | Observed::Lost,
                ) => inserts.push((place(value), made)),
                (ContainerOp::Take, Observed::Returned(ContainerRet::Taken(Some(value)))) => {
                    takes.push((place(value), made));
                }
                (ContainerOp::Take, Observed::Returned(ContainerRet::Taken(None)))
                | (ContainerOp::Peek, Observed::Returned(ContainerRet::Peeked(None))) => {
                    lifetimes.empties.push(made);
                }
                (ContainerOp::Peek, Observed::Returned(ContainerRet::Peeked(Some(value)))) => {
                    lifetimes.peeked = Some(call.index);
                    peeks.push((place(value), made));
                }
                (ContainerOp::Take, Observed::Lost) => lifetimes.lost.push(made),
                (ContainerOp::Peek, Observed::Lost) => {}
                (_, Observed::Returned(_)) => {
                    let reason = Violation::Unreturnable { op: call.index };
                    return Err(MonitorVerdict::invalid(vec![call.index], reason));
                }
            }
        }
        for (place, made) in inserts {
            mentioned[place].1.inserts.push(made);
        }
        for (place, made) in takes {
            mentioned[place].1.takes.push(made);
        }
        for (place, made) in peeks {
            mentioned[place].1.peeks.push(made);
        }
        lifetimes.lost.sort_unstable_by_key(|take| take.span.from);
        if arrange == Arrange::ByValue {
            mentioned.sort_unstable_by_key(|&(value, _)| value);
        }
        let mentions: Vec<Mentions> = mentioned.into_iter().map(|(_, all)| all).collect();
        if let Some(invalid) = mentions.iter().find_map(Mentions::contradiction) {
            return Err(invalid);
        }
        for all in mentions {
            lifetimes.elements.extend(all.into_element()?);
        }
        Ok(lifetimes)
    }

    /// The same, of these elements and empty takes only.
    pub(in crate::linearizability) fn restricted(
        &self,
        elements: &[usize],
        empties: &[usize],
    ) -> Self {
        Self {
            elements: elements.iter().map(|&place| self.elements[place]).collect(),
            empties: empties.iter().map(|&place| self.empties[place]).collect(),
            lost: self.lost.clone(),
            peeked: self.peeked,
        }
    }

    /// The verdict on all calls, of one on those that are not told which element is next. What
    /// cannot be explained without these cannot be explained with them.
    pub(in crate::linearizability) fn with_peeks(&self, verdict: MonitorVerdict) -> MonitorVerdict {
        match self.peeked {
            Some(op) if verdict.is_valid() && !planted(Bug::PeekTrustTheRest) => {
                MonitorVerdict::undecided(Indecision::Peeks { op })
            }
            _ => verdict,
        }
    }

    /// Elements that nothing is known to have taken out.
    pub(in crate::linearizability) fn left(&self) -> impl Iterator<Item = (usize, &Element)> {
        self.elements.iter().enumerate().filter(|(_, element)| element.taken.is_none())
    }
}

impl Mentions {
    /// What is wrong with the calls on this element alone, if anything.
    fn contradiction(&self) -> Option<MonitorVerdict> {
        let seen = || self.takes.iter().chain(&self.peeks);
        let all = || self.inserts.iter().chain(seen()).map(|made| made.op).collect();
        let first = seen().next()?;
        let Some(insert) = self.inserts.first() else {
            let reason = Violation::NeverInserted { seen: first.op };
            return Some(MonitorVerdict::invalid(all(), reason));
        };
        let excess = self.takes.len() > self.inserts.len() && !planted(Bug::ForgetTakenTwice);
        if excess && let Some(again) = self.takes.last() {
            let reason = Violation::TakenTooOften { first: first.op, again: again.op };
            return Some(MonitorVerdict::invalid(all(), reason));
        }
        let early = seen().find(|made| made.span.to < insert.span.from);
        if self.inserts.len() == 1
            && let Some(early) = early
            && !planted(Bug::SkipClipping)
        {
            let reason = Violation::SeenBeforeInserted { seen: early.op, insert: insert.op };
            return Some(MonitorVerdict::invalid(all(), reason));
        }
        None
    }

    /// The element, unless nothing shows that it was ever in.
    fn into_element(self) -> Result<Option<Element>, MonitorVerdict> {
        match self.inserts.as_slice() {
            [insert] => {
                let taken = self.takes.first().copied();
                let element = Element { insert: insert.op, inserted: insert.span, taken };
                let seen = taken.is_some() || insert.span.to != NEVER;
                Ok(seen.then_some(element))
            }
            [first, again, ..] => {
                let reason = Indecision::InsertedTwice { first: first.op, again: again.op };
                Err(MonitorVerdict::undecided(reason))
            }
            [] => unreachable!("what was taken and never put in is a contradiction"),
        }
    }
}
