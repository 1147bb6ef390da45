//! Containers that give back what was put in, in some order: queue, stack, priority queue.

use std::fmt::Debug;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;

use super::{Model, Observed, SHARED};

/// Which element comes out next.
pub trait Discipline {
    /// Where among `held`, which are in the order in which they were put in and never none.
    fn next<V: Ord>(held: &[V]) -> usize;
}

/// First in, first out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fifo;

/// Last in, first out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lifo;

/// Least first.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeastFirst;

impl Discipline for Fifo {
    fn next<V: Ord>(_held: &[V]) -> usize {
        0
    }
}

impl Discipline for Lifo {
    fn next<V: Ord>(held: &[V]) -> usize {
        held.len() - 1
    }
}

impl Discipline for LeastFirst {
    fn next<V: Ord>(held: &[V]) -> usize {
        let least = held.iter().enumerate().min_by_key(|&(_, element)| element);
        least.map_or(0, |(place, _)| place)
    }
}

/// A container of elements `V` under a discipline, initially empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Container<V, D>(PhantomData<(V, D)>);

/// A queue: first in, first out.
pub type Queue<V> = Container<V, Fifo>;
/// A stack: last in, first out.
pub type Stack<V> = Container<V, Lifo>;
/// A priority queue: least first.
pub type PriorityQueue<V> = Container<V, LeastFirst>;

impl<V, D> Container<V, D> {
    /// The model of a container.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

/// What a client may ask of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContainerOp<V> {
    /// Put this in.
    Insert(V),
    /// Take the next one out.
    Take,
    /// Which is next?
    Peek,
}

/// What a client may be told by a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContainerRet<V> {
    /// It is in.
    Inserted,
    /// This came out; nothing, if it was empty.
    Taken(Option<V>),
    /// This was next; nothing, if it was empty.
    Peeked(Option<V>),
}

impl<V: Clone + Ord + Hash + Debug, D: Discipline> Model for Container<V, D> {
    type State = Arc<[V]>;
    type Op = ContainerOp<V>;
    type Ret = ContainerRet<V>;
    type Next = Option<Self::State>;

    fn init(&self) -> Self::State {
        Arc::from([])
    }

    fn step(
        &self,
        state: &Self::State,
        op: &ContainerOp<V>,
        seen: Observed<&ContainerRet<V>>,
    ) -> Self::Next {
        let place = (!state.is_empty()).then(|| D::next(state));
        let next = place.map(|place| &state[place]);
        let agrees = match (op, seen) {
            (_, Observed::Lost)
            | (ContainerOp::Insert(_), Observed::Returned(ContainerRet::Inserted)) => true,
            (ContainerOp::Take, Observed::Returned(ContainerRet::Taken(found)))
            | (ContainerOp::Peek, Observed::Returned(ContainerRet::Peeked(found))) => {
                found.as_ref() == next
            }
            (_, Observed::Returned(_)) => false,
        };
        if !agrees {
            return None;
        }
        Some(match (op, place) {
            (ContainerOp::Insert(element), _) => state.iter().chain([element]).cloned().collect(),
            (ContainerOp::Take, Some(place)) => {
                state[..place].iter().chain(&state[place + 1..]).cloned().collect()
            }
            (ContainerOp::Take, None) | (ContainerOp::Peek, _) => state.clone(),
        })
    }

    fn is_pure(&self, op: &ContainerOp<V>, seen: Observed<&ContainerRet<V>>) -> bool {
        *op == ContainerOp::Peek || matches!(seen, Observed::Returned(ContainerRet::Taken(None)))
    }

    fn state_bytes(&self, state: &Arc<[V]>) -> usize {
        SHARED + size_of_val(&**state)
    }
}
