//! Whether a transaction misses what one wrote that it observes: from what each read and wrote alone.

use super::{WitnessPart, WitnessTxn};
use crate::Value;

/// Which transactions one observes that should have seen all of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Observes {
    /// One of which it had read something before.
    Before,
    /// One of which it read something.
    Itself,
    /// One of which it read something, or of which one read something that it observes.
    ByWayOfOthers,
}

/// For each pair whether the first leads to the second, by one step or several. O(n^3).
pub(super) fn closure(mut leads: Vec<Vec<bool>>) -> Vec<Vec<bool>> {
    for by in 0..leads.len() {
        let onward = leads[by].clone();
        for from in leads.iter_mut().filter(|from| from[by]) {
            for (to, &leads_on) in from.iter_mut().zip(&onward) {
                *to |= leads_on;
            }
        }
    }
    leads
}

/// The lists that a transaction read, each with the number of the part.
fn lists<'a>(txn: &WitnessTxn<'a>) -> Vec<(&'a Value, &'a [Value])> {
    let read = |part: &WitnessPart<'a>| match *part {
        WitnessPart::Read(key, list) => Some((key, list)),
        WitnessPart::Append(..) => None,
    };
    txn.parts.iter().filter_map(read).collect()
}

/// Whether a transaction read a list without what another one appended to that which it observes so.
pub(super) fn misses(txns: &[WitnessTxn<'_>], how: Observes) -> bool {
    let has = |list: &[Value], key: &Value, of: &WitnessTxn<'_>| {
        list.iter().any(|element| of.appends(key, element))
    };
    let reads: Vec<_> = txns.iter().map(lists).collect();
    let is_of = |at: usize, other: usize| at != other && !txns[other].failed;
    let observes = |at: usize, other: usize| {
        is_of(at, other) && reads[at].iter().any(|(key, list)| has(list, key, &txns[other]))
    };
    let numbers = 0..txns.len();
    let all = numbers.clone().map(|at| numbers.clone().map(|it| observes(at, it)).collect());
    let mut all: Vec<Vec<bool>> = all.collect();
    if how == Observes::ByWayOfOthers {
        all = closure(all);
    }
    let lacks = |(key, list): &(&Value, &[Value]), other: usize| {
        txns[other].appended(key).iter().any(|element| !list.contains(element))
    };
    numbers.clone().any(|at| {
        numbers.clone().filter(|&other| at != other && all[at][other]).any(|other| {
            let since = match how {
                Observes::Before => {
                    reads[at].iter().position(|(key, it)| has(it, key, &txns[other]))
                }
                Observes::Itself | Observes::ByWayOfOthers => Some(0),
            };
            since.is_some_and(|since| reads[at][since..].iter().any(|it| lacks(it, other)))
        })
    })
}
