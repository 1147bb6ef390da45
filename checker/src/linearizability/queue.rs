//! First in, first out.
//!
//! # What is decided
//!
//! Every history in which each element is put in at most once, lost returns included.
//!
//! # Why it is exact
//!
//! For an element v let `[a, b]` be the span of its insertion and `[c, d]` that of its taking, with
//! b cut to d and c raised to a: it is put in before its taking returns, and taken out after its
//! insertion began. What is never taken out has c = d = NEVER.
//!
//! *Order.* A queue gives its elements an order in which they go in and come out. It must extend
//! both "u was in before v's insertion began" (b of u < a of v) and "u was out before v's taking
//! began" (d of u < c of v). Both are interval orders, which have no two unrelated chains: of
//! b of u < a of v and b of x < a of y follows b of u < a of y or b of x < a of v. So a cycle of the two
//! orders can be shortened until it is a pair u, v with b of u < a of v and d of v < c of u. With no such
//! pair some total order extends both, and then insertions at the running maximum of a, and takings
//! at the running maximum of c, are within their spans, since d of u < a of v implies b of u < a of v.
//!
//! *Empty.* A take that finds nothing needs a moment p in its span, outside every `(b, c)`. That is
//! enough: let what has c < p go in and out before p, and the rest after. The rest has b > p, and
//! none of it is bound to precede what has c < p: from b of u < a of v <= c of v < p, or from
//! d of u < c of v < p, would follow b of u < p.
//!
//! *Lost takes.* Let one began at δ take some element, or none. If two do, the one that began first
//! may as well take the element that comes out first. Elements left over must be out when an
//! element that went in after them is: for every v, at most as many of them have b < a of v as lost
//! takes have δ < d of v. At a moment p at which the queue is empty, at most as many have b < p as lost
//! takes have δ < p. These conditions speak of a growing prefix of the elements (by b), and of a
//! growing prefix of the takes; so by Hall's theorem they suffice together when each holds alone.
//!
//! The patterns without lost takes are those of Henzinger, Sezgin and Vafeiadis, "Aspect-Oriented
//! Linearizability Proofs" (CONCUR 2013): a fresh value, a repeated one, two out of order, a wrong
//! empty.

use std::hash::Hash;

use super::collection::cover::{Cover, Stretch};
use super::collection::lifetimes::{Arrange, Lifetimes};
use super::collection::shrink::{Refutation, conclude};
use super::violation::{MonitorVerdict, Violation};
use crate::Call;
use crate::linearizability::moment::{Moment, NEVER};
use crate::model::{ContainerOp, ContainerRet};
use crate::plant::{Bug, planted};

/// Whether a queue explains the calls. O(n log n).
pub fn check<V: Ord + Hash>(calls: &[Call<ContainerOp<V>, ContainerRet<V>>]) -> MonitorVerdict {
    let lifetimes = match Lifetimes::gather(calls, Arrange::AsMentioned) {
        Ok(lifetimes) => lifetimes,
        Err(verdict) => return verdict,
    };
    let verdict = match refute(&lifetimes) {
        Some(refutation) => conclude(&lifetimes, refutation, refute),
        None => MonitorVerdict::Valid,
    };
    lifetimes.with_peeks(verdict)
}

fn refute(lifetimes: &Lifetimes) -> Option<Refutation> {
    overtaken(lifetimes).or_else(|| stranded(lifetimes)).or_else(|| not_empty(lifetimes))
}

/// An element that went in before another, and came out after it.
fn overtaken(lifetimes: &Lifetimes) -> Option<Refutation> {
    if planted(Bug::QueueForgetOrder) {
        return None;
    }
    let mut by_insertion: Vec<usize> = taken(lifetimes).collect();
    by_insertion.sort_unstable_by_key(|&place| lifetimes.elements[place].inserted.from);
    // For each place in this order, which element from there on comes out first.
    let mut first_out = by_insertion.clone();
    for at in (1..first_out.len()).rev() {
        let (here, next) = (first_out[at - 1], first_out[at]);
        if lifetimes.elements[next].taken_by() < lifetimes.elements[here].taken_by() {
            first_out[at - 1] = next;
        }
    }
    taken(lifetimes).find_map(|place| {
        let earlier = &lifetimes.elements[place];
        let after = by_insertion
            .partition_point(|&other| lifetimes.elements[other].inserted.from < earlier.put_by());
        let &other = first_out.get(after)?;
        let wrong = lifetimes.elements[other].taken_by() < earlier.taken_from();
        wrong.then(|| overtaking(lifetimes, vec![place], other))
    })
}

/// Elements that went in before one that came out, and did not come out themselves.
fn stranded(lifetimes: &Lifetimes) -> Option<Refutation> {
    if planted(Bug::QueueForgetStranded) {
        return None;
    }
    let left = left_by_insertion(lifetimes);
    taken(lifetimes).find_map(|place| {
        let element = &lifetimes.elements[place];
        let before = left.partition_point(|&(by, _)| by < element.inserted.from);
        let lost = lost_before(lifetimes, element.taken_by());
        let wrong = before > lost && !(planted(Bug::QueueLostTakesAreFree) && lost > 0);
        wrong.then(|| {
            let earlier = left[..=lost].iter().map(|&(_, other)| other).collect();
            overtaking(lifetimes, earlier, place)
        })
    })
}

fn overtaking(lifetimes: &Lifetimes, earlier: Vec<usize>, later: usize) -> Refutation {
    let first = &lifetimes.elements[earlier[0]];
    let last = &lifetimes.elements[later];
    let take = last.taken.expect("what overtakes was taken").op;
    let violation = Violation::Overtaken { earlier: first.insert, later: last.insert, take };
    let mut elements = earlier;
    elements.push(later);
    Refutation { elements, empties: Vec::new(), violation }
}

/// A take that found nothing, though an element was present throughout.
fn not_empty(lifetimes: &Lifetimes) -> Option<Refutation> {
    if planted(Bug::QueueForgetEmpty) || lifetimes.empties.is_empty() {
        return None;
    }
    let mut pieces: Vec<Stretch> = taken(lifetimes)
        .map(|place| (place, &lifetimes.elements[place]))
        .filter(|(_, element)| element.put_by() < element.taken_from())
        .map(|(tag, element)| Stretch { from: element.put_by(), to: element.taken_from(), tag })
        .collect();
    let crowds = pieces.len();
    pieces.extend(crowded(lifetimes));
    let crowded = pieces[crowds..].to_vec();
    if planted(Bug::QueueEmptyOneByOne) {
        let alone = |take| pieces.iter().any(|&piece| Cover::new(vec![piece]).swallows(take));
        let place = lifetimes.empties.iter().position(|take| alone(take.span))?;
        return Some(false_empty(lifetimes, (0..lifetimes.elements.len()).collect(), place));
    }
    let cover = Cover::new(pieces);
    let place = lifetimes.empties.iter().position(|take| cover.swallows(take.span))?;
    let mut elements = Vec::new();
    for tag in cover.chain(lifetimes.empties[place].span) {
        if lifetimes.elements[tag].taken.is_some() {
            elements.push(tag);
        } else {
            // A stretch with too many elements left over: all that went in before its end.
            let end = crowded.iter().find(|piece| piece.tag == tag).map_or(NEVER, |piece| piece.to);
            let none_lost = lost_before(lifetimes, end) == 0;
            let left = left_by_insertion(lifetimes);
            let before = left.partition_point(|&(by, _)| by < end);
            let needed = if none_lost { 1 } else { before };
            elements.extend(left[..needed].iter().map(|&(_, other)| other));
        }
    }
    Some(false_empty(lifetimes, elements, place))
}

fn false_empty(lifetimes: &Lifetimes, elements: Vec<usize>, place: usize) -> Refutation {
    let violation = Violation::FalseEmpty { take: lifetimes.empties[place].op };
    Refutation { elements, empties: vec![place], violation }
}

/// Stretches in which more elements left over are in than lost takes can have begun to take out.
/// Each is tagged with the element that begins it.
fn crowded(lifetimes: &Lifetimes) -> Vec<Stretch> {
    let left = left_by_insertion(lifetimes);
    let mut takes = lifetimes.lost.iter().map(|take| take.span.from).peekable();
    if planted(Bug::QueueEmptyIgnoresLostTakes) {
        takes.by_ref().for_each(drop);
    }
    let mut pieces = Vec::new();
    let mut spare = 0_usize;
    let mut left = left.into_iter().peekable();
    while let Some((from, tag)) = left.next() {
        while takes.next_if(|&take| take < from).is_some() {
            spare += 1;
        }
        if spare > 0 {
            spare -= 1;
            continue;
        }
        let mut missing = 1_usize;
        let mut to = NEVER;
        while missing > 0 {
            let Some(take) = takes.next() else { break };
            while left.next_if(|&(by, _)| by < take).is_some() {
                missing += 1;
            }
            missing -= 1;
            to = if missing == 0 { take } else { NEVER };
        }
        pieces.push(Stretch { from, to, tag });
        if to == NEVER {
            break;
        }
    }
    pieces
}

/// The places of elements that something took out.
fn taken(lifetimes: &Lifetimes) -> impl Iterator<Item = usize> {
    let elements = lifetimes.elements.iter().enumerate();
    elements.filter(|(_, element)| element.taken.is_some()).map(|(place, _)| place)
}

/// The elements left over, by the moment at which they were in for certain.
fn left_by_insertion(lifetimes: &Lifetimes) -> Vec<(Moment, usize)> {
    let mut left: Vec<(Moment, usize)> =
        lifetimes.left().map(|(place, element)| (element.put_by(), place)).collect();
    left.sort_unstable();
    left
}

/// How many lost takes began before `moment`.
fn lost_before(lifetimes: &Lifetimes, moment: Moment) -> usize {
    if planted(Bug::QueueIgnoreLostTakes) {
        return 0;
    }
    lifetimes.lost.partition_point(|take| take.span.from < moment)
}

#[cfg(test)]
mod tests;
