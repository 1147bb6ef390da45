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

use crate::Call;
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

/// What came of a search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// Whether there is an order. `None` if the budget is spent.
    pub linearizable: Option<bool>,
    /// How many ends of calls were looked at.
    pub steps: u64,
}

/// Whether some order of `calls` is one that `model` allows.
pub fn search<M: Model>(model: &M, calls: &[Call<M::Op, M::Ret>], budget: &Budget) -> Walk {
    let mut steps = 0;
    let linearizable = walk(model, calls, budget, &mut steps);
    Walk { linearizable, steps }
}

fn walk<M: Model>(
    model: &M,
    calls: &[Call<M::Op, M::Ret>],
    budget: &Budget,
    steps: &mut u64,
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
    while left > 0 {
        *steps += 1;
        let bytes = memo.capacity() * (words * 8 + 16 + size_of::<M::State>());
        if *steps > budget.configurations || bytes as u64 > budget.bytes {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linearizability::search::engine::{self, Orders};
    use crate::model::{Register, RegisterOp, RegisterRet};
    use crate::{OpIndex, Position};

    /// `writes` concurrent writes, and then a read of a value that no write wrote.
    fn steps(writes: u32) -> (u64, u64) {
        let mut calls: Vec<_> = (0..writes)
            .map(|at| {
                let (op, ret) = (RegisterOp::Write(at), RegisterRet::Written);
                Call::returned(OpIndex(at), op, ret, Position(at), Position(writes + at))
            })
            .collect();
        let (read, nowhere) = (RegisterOp::Read, RegisterRet::Read(Some(writes)));
        let (begins, ends) = (Position(2 * writes), Position(2 * writes + 1));
        calls.push(Call::returned(OpIndex(writes), read, nowhere, begins, ends));
        let walk = search(&Register::new(), &calls, &Budget::default());
        assert_eq!(walk.linearizable, Some(false));
        let engine = engine::search(&Register::new(), &calls, &Budget::default(), Orders::Untold);
        (walk.steps, engine.configurations)
    }

    #[test]
    fn the_reference_has_the_published_shape_exponential_in_concurrency() {
        for writes in 3..12 {
            let ((few, _), (many, _)) = (steps(writes), steps(writes + 1));
            let doubles = 19 * few <= 10 * many && 10 * many <= 30 * few;
            assert!(doubles, "{writes} writes: {few} steps, one more: {many}");
        }
    }
}
