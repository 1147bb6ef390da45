//! Elements are in, or not.
//!
//! # What is decided
//!
//! Histories in which
//! - nothing reads the whole set: element by element, with removals; those that are removed and added
//!   more than once by a search over each of them alone, which may have to be given up; or
//! - nothing is removed: with reads of the whole set.
//!
//! An addition that says that it changed nothing saw the element, and a removal that says so did not
//! see it: they are no addition and no removal. One that says that it changed the set is the first
//! of the additions, or the one removal.
//!
//! With both, what is said of each element is judged alone, as if each whole read asked for each
//! element. That refutes, and never confirms: without a refutation the answer is `Undecided`.
//!
//! # Why it is exact
//!
//! *Element by element.* A set is as many independent objects as there are elements, so it is
//! linearizable if each of them is (Herlihy and Wing: linearizability is local). Of additions of
//! what is never removed only the first counts: it is after the first of their invocations and before
//! the first of their returns, and any such moment will do. An element added once is in from some moment p of its addition up to some moment q of a removal, or for
//! ever. A removal has to be at q or outside (p, q]; a call that saw the element meets (p, q), and
//! one that did not see it reaches outside. All that matters of p and q is between which events they
//! lie. For each p, the calls that cannot be before p bound q from above, those that saw the
//! element from below, and the least q in between that lies in a removal is as good as any.
//!
//! *Whole reads.* Nothing is removed, so the contents read must form a chain under inclusion, and
//! the calls fall into ordered blocks: what the first content holds is added; reads of the first
//! content; what the second adds; and so on; last what no read holds. Blocks may be in that order
//! unless some call ended before another began that belongs to an earlier block; then place each call
//! at the running maximum of all invocations so far. Calls that ask for one element only bound its
//! addition: it is before the first return of those that saw it, and after the last invocation of
//! those that did not.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::collection::lifetimes::Take;
use super::violation::{Indecision, MonitorVerdict, Violation};
use crate::Call;
use crate::linearizability::moment::Span;
use crate::model::{SetOp, SetRet};
use crate::plant::{Bug, planted};
use crate::{Observed, OpIndex};

mod element;
mod growing;
mod repeated;

use self::element::{Said, SetElement};

/// What was read of a whole set.
type Elements<V> = Arc<BTreeSet<V>>;

/// Whether a set explains the calls. O(n log n), n counting each element of each whole read; with
/// whole reads beside removals O(reads × elements).
pub fn check<V: Ord + Hash>(calls: &[Call<SetOp<V>, SetRet<V>>]) -> MonitorVerdict {
    let (elements, reads) = match gather(calls) {
        Ok(gathered) => gathered,
        Err(verdict) => return verdict,
    };
    let removals = elements.iter().any(|element| !element.removals.is_empty());
    let twice = elements.iter().find_map(SetElement::added_twice);
    let doubt = if reads.is_empty() || !removals {
        twice
    } else {
        twice.or(Some(Indecision::ReadsAndRemovals))
    };
    let refuted = if reads.is_empty() || doubt.is_some() {
        each(&elements, &reads)
    } else {
        growing::check(&elements, &reads)
    };
    match (refuted, doubt) {
        (Err(invalid), _) => invalid,
        (Ok(()), Some(_)) if planted(Bug::SetTrustProjections) => MonitorVerdict::Valid,
        (Ok(()), Some(_)) if reads.is_empty() => repeated::check(&elements),
        (Ok(()), Some(reason)) => MonitorVerdict::undecided(reason),
        (Ok(()), None) => MonitorVerdict::Valid,
    }
}

/// A read of the whole set, its elements by their places.
#[derive(Clone, Debug)]
struct WholeRead {
    made: Take,
    holds: BTreeSet<usize>,
}

type Gathered = (Vec<SetElement>, Vec<WholeRead>);

/// Sorts the calls by their elements.
fn gather<V: Ord + Hash>(calls: &[Call<SetOp<V>, SetRet<V>>]) -> Result<Gathered, MonitorVerdict> {
    let mut elements: Vec<SetElement> = Vec::new();
    let mut places: FxHashMap<&V, usize> = FxHashMap::default();
    let mut place = |value, elements: &mut Vec<SetElement>| {
        *places.entry(value).or_insert_with(|| {
            elements.push(SetElement::default());
            elements.len() - 1
        })
    };
    let mut reads = Vec::new();
    for call in calls {
        let made = Take { op: call.index, span: Span::of(call) };
        match (&call.op, &call.seen) {
            (
                SetOp::Add(value),
                Observed::Returned(SetRet::Done | SetRet::Changed(_)) | Observed::Lost,
            ) => {
                let at = place(value, &mut elements);
                elements[at].add(made, Said::of(&call.seen));
            }
            (
                SetOp::Remove(value),
                Observed::Returned(SetRet::Done | SetRet::Changed(_)) | Observed::Lost,
            ) => {
                let at = place(value, &mut elements);
                elements[at].remove(made, Said::of(&call.seen));
            }
            (SetOp::Contains(value), Observed::Returned(SetRet::Contains(seen))) => {
                let at = place(value, &mut elements);
                let said = &mut elements[at];
                if *seen { said.present.push(made) } else { said.absent.push(made) }
            }
            (SetOp::Read, Observed::Returned(SetRet::Elements(held))) => {
                let held: &Elements<V> = held;
                let holds = held.iter().map(|value| place(value, &mut elements)).collect();
                reads.push(WholeRead { made, holds });
            }
            (SetOp::Contains(_) | SetOp::Read, Observed::Lost) => {}
            (_, Observed::Returned(_)) => {
                let reason = Violation::Unreturnable { op: call.index };
                return Err(MonitorVerdict::invalid(vec![call.index], reason));
            }
        }
    }
    match never_added(&elements, &reads) {
        Some(verdict) => Err(verdict),
        None => Ok((elements, reads)),
    }
}

/// The verdict on an element that was seen though nothing added it.
fn never_added(elements: &[SetElement], reads: &[WholeRead]) -> Option<MonitorVerdict> {
    let asked = elements.iter().filter(|element| element.adds.is_empty());
    let first_seen =
        |element: &SetElement| element.present.iter().chain(&element.taken).next().copied();
    let mut seen = asked.filter_map(|element| Some((element, first_seen(element)?)));
    let mut read = reads.iter().filter_map(|read| {
        let never = |&&place: &&usize| elements[place].adds.is_empty();
        read.holds.iter().find(never).map(|&place| (&elements[place], read.made))
    });
    let (element, made) = seen.next().or_else(|| read.next())?;
    let removals = element.removals.iter().map(|made| made.op);
    let reason = Violation::NeverInserted { seen: made.op };
    Some(MonitorVerdict::invalid(removals.chain([made.op]).collect(), reason))
}

/// Whether each element's calls are explained, alone. A whole read speaks of every element.
fn each(elements: &[SetElement], reads: &[WholeRead]) -> Result<(), MonitorVerdict> {
    for (place, element) in elements.iter().enumerate() {
        if element.added_twice().is_some() {
            continue;
        }
        let mut said = element.clone();
        for read in reads {
            let holds = read.holds.contains(&place);
            if holds { said.present.push(read.made) } else { said.absent.push(read.made) }
        }
        if !said.is_explained() {
            let (few, reason) = said.shrunk();
            return Err(MonitorVerdict::invalid(closed(&few, elements, reads), reason));
        }
    }
    Ok(())
}

/// The calls on one element and, for whole reads among them, what changes the elements they hold.
fn closed(few: &SetElement, elements: &[SetElement], reads: &[WholeRead]) -> Vec<OpIndex> {
    let mut ops = few.ops();
    let speaks =
        |read: &&WholeRead| few.present.iter().chain(&few.absent).any(|made| *made == read.made);
    for read in reads.iter().filter(speaks) {
        for &place in &read.holds {
            let held = &elements[place];
            ops.extend(held.adds.iter().chain(&held.removals).map(|made| made.op));
        }
    }
    ops
}

#[cfg(test)]
mod tests;
