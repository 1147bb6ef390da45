//! A set.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;

use super::{Model, Observed, SHARED};

/// A set of elements `V`, initially empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Set<V>(PhantomData<V>);

impl<V> Set<V> {
    /// The model of a set.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

/// What a client may ask of a set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SetOp<V> {
    /// Hold this.
    Add(V),
    /// Do not hold this.
    Remove(V),
    /// Does it hold this?
    Contains(V),
    /// What does it hold?
    Read,
}

/// What a client may be told by a set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SetRet<V> {
    /// It was changed, or was so already: which, is not said.
    Done,
    /// Whether it was changed.
    Changed(bool),
    /// Whether it held the element.
    Contains(bool),
    /// What it held.
    Elements(Arc<BTreeSet<V>>),
}

impl<V: Clone + Ord + Hash + Debug> Model for Set<V> {
    type State = Arc<BTreeSet<V>>;
    type Op = SetOp<V>;
    type Ret = SetRet<V>;
    type Next = Option<Self::State>;

    fn init(&self) -> Self::State {
        Arc::default()
    }

    fn step(&self, state: &Self::State, op: &SetOp<V>, seen: Observed<&SetRet<V>>) -> Self::Next {
        let (ret, next) = match op {
            SetOp::Add(element) => {
                let mut next = state.clone();
                if !next.contains(element) {
                    Arc::make_mut(&mut next).insert(element.clone());
                }
                (SetRet::Changed(!state.contains(element)), next)
            }
            SetOp::Remove(element) => {
                let mut next = state.clone();
                if next.contains(element) {
                    Arc::make_mut(&mut next).remove(element);
                }
                (SetRet::Changed(state.contains(element)), next)
            }
            SetOp::Contains(element) => (SetRet::Contains(state.contains(element)), state.clone()),
            SetOp::Read => (SetRet::Elements(state.clone()), state.clone()),
        };
        match seen {
            Observed::Returned(SetRet::Done) if matches!(ret, SetRet::Changed(_)) => Some(next),
            Observed::Returned(seen) if *seen != ret => None,
            Observed::Returned(_) | Observed::Lost => Some(next),
        }
    }

    fn is_pure(&self, op: &SetOp<V>, seen: Observed<&SetRet<V>>) -> bool {
        matches!(op, SetOp::Contains(_) | SetOp::Read)
            || matches!(seen, Observed::Returned(SetRet::Changed(false)))
    }

    fn state_bytes(&self, state: &Self::State) -> usize {
        // Nodes of a tree have room for eleven, and are half full at least.
        let nodes = state.len().div_ceil(6);
        SHARED + size_of::<BTreeSet<V>>() + nodes * (11 * size_of::<V>() + 5 * size_of::<usize>())
    }
}
