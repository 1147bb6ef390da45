//! Queues and stacks in which equal elements are put in: by search, with the order of what is inside
//! left open until a take demands one.
//!
//! A search whose states are sequences must choose, whenever an insertion ends, what lies below the
//! new element or before it. Here an element has only the *window* of its insertion, and no choice
//! is made until something comes out. What matters of the windows is how they lie to each other, so
//! that most configurations that came about in different ways are equal.
//!
//! 1. *A take* is delayed until some return demands it, as in the [engine](super::engine). Of the
//!    open takes of equal elements, the one that returns first is the most pressing.
//! 2. *A take that found nothing* takes effect as soon as nothing is certainly inside: what is open
//!    can be put in after it instead, in the same order.
//! 3. *A queue* gives any element that no other one certainly precedes. Of those that are equal it
//!    gives the one whose insertion ends first: that precedes all that the others do.
//! 4. *A stack*: see [`stack`].
//!
//! First few configurations are kept after each return, then eight times as many, until an order is
//! found, or all are kept and there is none. An order is followed again on a plain container before
//! it is believed.
//!
//! Not for takes whose return was lost, which may take anything, nor for peeks, which order what
//! stays inside: those are left to the engine.
//!
//! Worst case exponential in the operations in flight; not in the number of elements
//! inside.

mod beam;
mod configuration;
mod moves;
mod place;
mod queue;
mod replay;
mod script;
mod stack;

use std::fmt::Debug;
use std::hash::Hash;

use self::beam::Beam;
use self::script::ContainerScript;
use super::engine::{Answer, Orders, Search};
use super::order::explains;
use crate::model::{ContainerOp, ContainerRet, Queue, Stack};
use crate::{Budget, Call};

/// Which element comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TakenEnd {
    /// Of a queue: the first.
    First,
    /// Of a stack: the last.
    Last,
}

/// The calls on a container.
type Calls<V> = [Call<ContainerOp<V>, ContainerRet<V>>];

/// How many configurations are kept first.
const WIDTH: usize = 32;

/// Looks for an order of `calls` that a queue or stack allows. `None` if there are calls that this
/// search is not for.
pub(crate) fn search<V: Clone + Ord + Hash + Debug>(
    discipline: TakenEnd,
    calls: &Calls<V>,
    budget: &Budget,
    orders: Orders,
) -> Option<Search> {
    search_with(discipline, calls, budget, orders, WIDTH)
}

/// As [`search`]; at first `width` configurations are kept.
pub(crate) fn search_with<V: Clone + Ord + Hash + Debug>(
    discipline: TakenEnd,
    calls: &Calls<V>,
    budget: &Budget,
    orders: Orders,
    width: usize,
) -> Option<Search> {
    let script = ContainerScript::new(calls)?;
    let mut found = Beam::new(&script, discipline, budget, width).search();
    if let Answer::Linearizable(order) = &mut found.answer {
        let told = order.iter().flatten().copied();
        let is_one = match discipline {
            TakenEnd::First => explains(&Queue::<V>::new(), calls, told),
            TakenEnd::Last => explains(&Stack::<V>::new(), calls, told),
        };
        assert!(is_one, "the order found is none: {order:?}");
        order.take_if(|_| orders == Orders::Untold);
    }
    Some(found)
}
