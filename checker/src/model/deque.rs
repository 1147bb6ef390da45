//! A container with two ends.

use std::fmt::Debug;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;

use super::{Model, Observed, SHARED};

/// A deque of elements `V`, initially empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deque<V>(PhantomData<V>);

impl<V> Deque<V> {
    /// The model of a deque.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

/// An end of a deque.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// The front.
    Front,
    /// The back.
    Back,
}

/// What a client may ask of a deque.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DequeOp<V> {
    /// Put this in at an end.
    Push(End, V),
    /// Take out what is at an end.
    Pop(End),
    /// What is at an end?
    Peek(End),
}

/// What a client may be told by a deque.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DequeRet<V> {
    /// It is in.
    Pushed,
    /// This was at that end; nothing, if it was empty.
    Found(Option<V>),
}

impl<V: Clone + Eq + Hash + Debug> Model for Deque<V> {
    type State = Arc<[V]>;
    type Op = DequeOp<V>;
    type Ret = DequeRet<V>;
    type Next = Option<Arc<[V]>>;

    fn init(&self) -> Arc<[V]> {
        Arc::from([])
    }

    fn step(
        &self,
        state: &Arc<[V]>,
        op: &DequeOp<V>,
        seen: Observed<&DequeRet<V>>,
    ) -> Option<Arc<[V]>> {
        let at = |end: &End| match end {
            End::Front => DequeRet::Found(state.first().cloned()),
            End::Back => DequeRet::Found(state.last().cloned()),
        };
        let ret = match op {
            DequeOp::Push(..) => DequeRet::Pushed,
            DequeOp::Pop(end) | DequeOp::Peek(end) => at(end),
        };
        if matches!(seen, Observed::Returned(seen) if *seen != ret) {
            return None;
        }
        Some(match op {
            DequeOp::Push(End::Front, element) => {
                [element].into_iter().chain(&**state).cloned().collect()
            }
            DequeOp::Push(End::Back, element) => state.iter().chain([element]).cloned().collect(),
            DequeOp::Pop(_) | DequeOp::Peek(_) if state.is_empty() => state.clone(),
            DequeOp::Pop(End::Front) => Arc::from(&state[1..]),
            DequeOp::Pop(End::Back) => Arc::from(&state[..state.len() - 1]),
            DequeOp::Peek(_) => state.clone(),
        })
    }

    fn is_pure(&self, op: &DequeOp<V>, seen: Observed<&DequeRet<V>>) -> bool {
        matches!(op, DequeOp::Peek(_)) || matches!(seen, Observed::Returned(DequeRet::Found(None)))
    }

    fn state_bytes(&self, state: &Arc<[V]>) -> usize {
        SHARED + size_of_val(&**state)
    }
}
