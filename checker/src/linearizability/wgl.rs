//! Linearizability, by depth-first search over linearization orders. The reference.
//!
//! Wing and Gong, "Testing and verifying concurrent objects", JPDC 1993, with the memo of Lowe,
//! "Testing for linearizability", CCPE 2017: what has been linearized, as a set over the whole
//! history, and the state it leaves.
//!
//! Kept plain, to compare faster checkers with. Differs from the papers in that lost operations
//! may be linearized or not.
//!
//! Worst case O(n · 2^c · |S|) steps for n operations, at most c in flight at once and |S| states,
//! each step O(n / 64) for the memo; as many entries of n / 8 bytes. A lost operation stays in
//! flight to the end. `None` means that the budget is spent.

use std::collections::HashSet;
use std::hash::BuildHasherDefault;

use rustc_hash::FxHasher;

use super::Call;
use crate::{Budget, Model, Observed};

type Memo<S> = HashSet<(Box<[u64]>, S), BuildHasherDefault<FxHasher>>;

/// One of the two ends of a call, in a list linked both ways.
#[derive(Clone, Copy)]
struct End {
    call: usize,
    is_return: bool,
    before: usize,
    after: usize,
}

/// A list of ends in the order in which they happened. Place 0 is its head.
struct Ends(Vec<End>);

impl Ends {
    fn new<O, R>(calls: &[Call<O, R>]) -> (Self, Vec<Option<usize>>) {
        let mut order: Vec<(u32, bool, usize)> = Vec::new();
        for (number, call) in calls.iter().enumerate() {
            order.push((call.invoked.0, false, number));
            order.extend(call.completed.map(|completed| (completed.0, true, number)));
        }
        order.sort_unstable();
        let mut ends = vec![End { call: 0, is_return: false, before: 0, after: 1 }];
        let mut returns = vec![None; calls.len()];
        for &(_, is_return, call) in &order {
            let at = ends.len();
            if is_return {
                returns[call] = Some(at);
            }
            ends.push(End { call, is_return, before: at - 1, after: at + 1 });
        }
        (Self(ends), returns)
    }

    fn unlink(&mut self, at: usize) {
        let End { before, after, .. } = self.0[at];
        self.0[before].after = after;
        if let Some(end) = self.0.get_mut(after) {
            end.before = before;
        }
    }

    /// Undoes the last `unlink` that is not undone, which must be of `at`.
    fn relink(&mut self, at: usize) {
        let End { before, after, .. } = self.0[at];
        self.0[before].after = at;
        if let Some(end) = self.0.get_mut(after) {
            end.before = at;
        }
    }
}

/// Whether some order of `calls` is one that `model` allows. `None` if the budget is spent.
pub fn is_linearizable<M: Model>(
    model: &M,
    calls: &[Call<M::Op, M::Ret>],
    budget: &Budget,
) -> Option<bool> {
    let (mut ends, returns) = Ends::new(calls);
    let words = calls.len().div_ceil(64);
    let mut linearized = vec![0u64; words].into_boxed_slice();
    let mut memo: Memo<M::State> = Memo::default();
    let mut state = model.init();
    // What was linearized, the state before, and the alternatives not yet tried after it.
    let mut stack: Vec<(usize, M::State, std::vec::IntoIter<M::State>)> = Vec::new();
    let mut left = returns.iter().flatten().count();
    let mut at = ends.0[0].after;
    let mut steps = 0u64;
    while left > 0 {
        steps += 1;
        let bytes = memo.capacity() * (words * 8 + 16 + size_of::<M::State>());
        if steps > budget.configurations || bytes as u64 > budget.bytes {
            return None;
        }
        let end = ends.0.get(at).copied();
        let mut chosen = None;
        if let Some(end) = end.filter(|end| !end.is_return) {
            let call = &calls[end.call];
            let seen = match &call.seen {
                Observed::Returned(ret) => Observed::Returned(ret),
                Observed::Lost => Observed::Lost,
            };
            linearized[end.call / 64] |= 1 << (end.call % 64);
            let next: Vec<M::State> = model
                .step(&state, &call.op, seen)
                .into_iter()
                .filter(|next| memo.insert((linearized.clone(), next.clone())))
                .collect();
            let mut next = next.into_iter();
            chosen = next.next().map(|first| (first, next));
            if chosen.is_none() {
                linearized[end.call / 64] &= !(1 << (end.call % 64));
            }
        }
        if let Some((first, others)) = chosen {
            ends.unlink(at);
            let call = ends.0[at].call;
            if let Some(end) = returns[call] {
                ends.unlink(end);
                left -= 1;
            }
            stack.push((at, std::mem::replace(&mut state, first), others));
            at = ends.0[0].after;
        } else if end.is_some_and(|end| !end.is_return) {
            at = ends.0[at].after;
        } else {
            // A return that nothing explains, or the end of the list: turn back.
            let Some((last, before, mut others)) = stack.pop() else { return Some(false) };
            if let Some(other) = others.next() {
                state = other;
                stack.push((last, before, others));
                at = ends.0[0].after;
                continue;
            }
            let call = ends.0[last].call;
            if let Some(end) = returns[call] {
                ends.relink(end);
                left += 1;
            }
            ends.relink(last);
            linearized[call / 64] &= !(1 << (call % 64));
            state = before;
            at = ends.0[last].after;
        }
    }
    Some(true)
}
