//! Verifies witnesses against a user's own model, whose word is taken for what a step may do and for
//! what is pure, and for nothing else.

use std::collections::HashSet;
use std::hash::BuildHasherDefault;

use rustc_hash::FxHasher;

use super::{Refused, STEPS_MAX};
use crate::Call;
use crate::{Model, Observed, OpIndex};

/// More calls than this take too deep a search.
const CALLS_MAX: usize = 1_000;

/// Checks that these calls have no order which `model` allows, whatever became of the others of
/// `all`: each of those may have happened or not, and have returned anything.
///
/// With `all` the same as `calls`, only that the calls alone have no order.
///
/// # Errors
///
/// If there is one, if a call is not one of `all`, or if it takes too many steps to tell.
pub fn calls<M: Model>(
    model: &M,
    calls: &[Call<M::Op, M::Ret>],
    all: &[Call<M::Op, M::Ret>],
) -> Result<(), Refused> {
    if let Some(alien) = calls.iter().find(|call| !all.contains(call)) {
        return Err(Refused::Malformed(alien.index));
    }
    let last = calls.iter().filter_map(|call| call.completed).max();
    let spared = all.iter().filter(|call| {
        let begins = Some(call.invoked) < last; // What begins later cannot help.
        begins && !calls.contains(call) && !model.is_pure(&call.op, call.observed())
    });
    let told = calls.iter().map(|call| (call, false)).chain(spared.map(|call| (call, true)));
    let mut trial = Trial::<M> {
        model,
        calls: told.collect(),
        tried: HashSet::default(),
        order: Vec::new(),
        steps: 0,
    };
    if trial.calls.len() > CALLS_MAX {
        return Err(Refused::TooLarge(STEPS_MAX));
    }
    let left = vec![true; trial.calls.len()];
    if trial.explains(&left, &model.init())? {
        let order: Vec<String> = trial.order.iter().map(OpIndex::to_string).collect();
        return Err(Refused::Consistent(order.join(" ")));
    }
    Ok(())
}

/// A call, and whether it may have happened or not.
type Maybe<'a, M> = (&'a Call<<M as Model>::Op, <M as Model>::Ret>, bool);

type Tried<S> = HashSet<(Vec<bool>, S), BuildHasherDefault<FxHasher>>;

/// A search for an order, which remembers what it has tried.
struct Trial<'a, M: Model> {
    model: &'a M,
    calls: Vec<Maybe<'a, M>>,
    tried: Tried<M::State>,
    order: Vec<OpIndex>,
    steps: u64,
}

impl<M: Model> Trial<'_, M> {
    /// Whether those `left` have an order from `state` on.
    fn explains(&mut self, left: &[bool], state: &M::State) -> Result<bool, Refused> {
        let must = |at: &usize| left[*at] && !self.calls[*at].1;
        let ends = (0..left.len()).filter(must).filter_map(|at| self.calls[at].0.completed);
        let Some(first_end) = ends.min() else { return Ok(true) };
        if !self.tried.insert((left.to_vec(), state.clone())) {
            return Ok(false);
        }
        self.steps += left.len() as u64;
        if self.steps > STEPS_MAX {
            return Err(Refused::TooLarge(STEPS_MAX));
        }
        for at in 0..left.len() {
            let (call, is_spared) = self.calls[at];
            if !left[at] || call.invoked > first_end {
                continue;
            }
            let seen = if is_spared { Observed::Lost } else { call.observed() };
            let next: Vec<M::State> = self.model.step(state, &call.op, seen).into_iter().collect();
            let mut rest = left.to_vec();
            rest[at] = false;
            // Those spared that had returned before this began come no more.
            for (other, rest) in self.calls.iter().zip(&mut rest) {
                *rest &= !other.1 || other.0.completed.is_none_or(|end| end > call.invoked);
            }
            self.order.push(call.index);
            for next in next {
                if self.explains(&rest, &next)? {
                    return Ok(true);
                }
            }
            self.order.pop();
        }
        Ok(false)
    }
}
