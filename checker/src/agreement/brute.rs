//! The obviously right checker.

use crate::Call;
use crate::{Model, Observed};

/// Tries every order, in O(n! n) steps. Only good for histories of up to ten or so operations.
pub(super) fn linearizable<M: Model>(
    model: &M,
    left: &[&Call<M::Op, M::Ret>],
    state: &M::State,
) -> bool {
    // What never returned need not have happened, so it needs no explaining.
    if left.iter().all(|call| call.completed.is_none()) {
        return true;
    }
    (0..left.len()).any(|at| {
        let first = left[at];
        if left.iter().any(|other| other.completed.is_some_and(|end| end < first.invoked)) {
            return false; // Real time says that the other goes first.
        }
        let seen = match &first.seen {
            Observed::Returned(ret) => Observed::Returned(ret),
            Observed::Lost => Observed::Lost,
        };
        let mut rest = left.to_vec();
        rest.remove(at);
        model.step(state, &first.op, seen).into_iter().any(|next| linearizable(model, &rest, &next))
    })
}
