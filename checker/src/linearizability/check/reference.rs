//! The verdict of the reference.

use crate::history::part;
use crate::linearizability::options::Options;
use crate::linearizability::{decode, wgl};
use crate::{Budget, Call, History, Model, ModelKind};

/// The verdict of the reference, [`wgl`], on each part of `history`: to measure with, and to
/// compare. No verdict if an operation is not understood or a budget is spent, unless another part
/// has no order; steps are those of all parts.
pub fn reference(
    history: &History,
    model: ModelKind,
    options: &Options,
    budget: &Budget,
) -> wgl::Walk {
    let mut whole = wgl::Walk { linearizable: Some(true), steps: 0 };
    for part in part::split_clients(history) {
        let judge = Reference { budget };
        let ops = &part.operations;
        let walk = decode::with_model(model, history, ops, options.failed_cas, judge);
        let walk = walk.unwrap_or_default();
        whole.steps += walk.steps;
        whole.linearizable = match (whole.linearizable, walk.linearizable) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
    }
    whole
}

struct Reference<'a> {
    budget: &'a Budget,
}

impl decode::ModelTask for Reference<'_> {
    type Answer = wgl::Walk;

    fn judge<M: Model>(self, model: &M, calls: Vec<Call<M::Op, M::Ret>>) -> wgl::Walk {
        wgl::search(model, &calls, self.budget)
    }
}
