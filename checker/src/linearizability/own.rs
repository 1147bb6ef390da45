//! Calls on a user's own object.

use super::search::engine::{self, Answer, Orders};
use super::{CallWitness, explain};
use crate::{Budget, Call, Doubt, Model};

/// What is known about a user's own object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// These calls, by their places among those given, in an order that the model allows.
    Linearizable(Vec<usize>),
    /// There is no such order.
    NotLinearizable {
        /// The place of the call whose return nothing explains; before it, there is an order.
        stuck: usize,
    },
    /// The budget is spent.
    Unknown(Doubt),
}

/// Judges calls on one object against any model, by search. They must be in the order of their
/// invocations.
///
/// # Panics
///
/// If a call completes before it begins.
///
/// ```
/// use rashomon_checker::linearizability::{Call, Judgement, check_calls};
/// use rashomon_checker::model::{Counter, CounterOp, CounterRet};
/// use rashomon_checker::{Budget, OpIndex, Position};
///
/// let add = |index, invoked, completed| {
///     let (op, ret) = (CounterOp::Add(1), CounterRet::Added);
///     Call::returned(OpIndex(index), op, ret, Position(invoked), Position(completed))
/// };
/// let read = |index, sum, invoked, completed| {
///     let (op, ret) = (CounterOp::Read, CounterRet::Sum(sum));
///     Call::returned(OpIndex(index), op, ret, Position(invoked), Position(completed))
/// };
/// // Both add, and then one reads 1: an update was lost.
/// let calls = [add(0, 0, 2), add(1, 1, 3), read(2, 1, 4, 5)];
/// let judgement = check_calls(&Counter, &calls, &Budget::default());
/// assert_eq!(judgement, Judgement::NotLinearizable { stuck: 2 });
/// ```
pub fn check_calls<M: Model>(
    model: &M,
    calls: &[Call<M::Op, M::Ret>],
    budget: &Budget,
) -> Judgement {
    let search = engine::search(model, calls, budget, Orders::Told);
    match &search.answer {
        Answer::Linearizable(order) => {
            let order = order.as_ref().expect("it was asked for");
            Judgement::Linearizable(order.iter().map(|&call| call as usize).collect())
        }
        Answer::Violation { stuck } => Judgement::NotLinearizable { stuck: *stuck },
        Answer::Spent | Answer::Stopped => {
            Judgement::Unknown(search.doubt(None).expect("it was not decided"))
        }
    }
}

/// A minimal witness of calls on one object that no order explains, described by the model's
/// [`describe`](Model::describe); `None` unless it is certain that there is no order. The calls must
/// be in the order of their invocations.
///
/// What it shows has no order whatever became of the calls that it does not show: no call is left
/// out that could explain another. Leaving out takes at most some forty times as much as finding out
/// that there is no order; where that is not enough the witness is larger. [`crate::verify::calls`]
/// checks it.
///
/// # Panics
///
/// If a call completes before it begins.
pub fn explain_calls<M: Model>(
    model: &M,
    calls: &[Call<M::Op, M::Ret>],
    budget: &Budget,
) -> Option<CallWitness<M::Op, M::Ret>> {
    explain::own(model, calls, budget)
}
