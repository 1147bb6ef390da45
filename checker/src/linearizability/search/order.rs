//! Whether an order explains calls.

use crate::{Call, Model, Observed, Position};

/// Whether a model, to which these calls happen in this order, may answer as it did, and the order
/// puts nothing before what had returned when it began, and leaves out nothing that returned. O(n)
/// steps of the model, for each state it may be in.
pub(crate) fn explains<M: Model>(
    model: &M,
    calls: &[Call<M::Op, M::Ret>],
    order: impl IntoIterator<Item = u32>,
) -> bool {
    let mut states = vec![model.init()];
    let mut is_in = vec![false; calls.len()];
    let mut latest = Position(0);
    for number in order {
        let call = &calls[number as usize];
        let is_twice = std::mem::replace(&mut is_in[number as usize], true);
        latest = latest.max(call.invoked);
        let is_too_late = call.completed.is_some_and(|completed| completed < latest);
        let mut after: Vec<M::State> = Vec::new();
        for state in &states {
            for next in model.step(state, &call.op, call.observed()) {
                if !after.contains(&next) {
                    after.push(next);
                }
            }
        }
        if is_twice || is_too_late || after.is_empty() {
            return false;
        }
        states = after;
    }
    let may_be_out = |call: &Call<M::Op, M::Ret>| {
        call.completed.is_none() || matches!(call.seen, Observed::Lost)
    };
    calls.iter().zip(is_in).all(|(call, is_in)| is_in || may_be_out(call))
}
