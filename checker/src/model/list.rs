//! A list that grows at its end.

use std::fmt::Debug;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;

use super::{Model, Observed, SHARED};

/// A list of elements `V`, initially empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct List<V>(PhantomData<V>);

impl<V> List<V> {
    /// The model of a list.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

/// What a client may ask of a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListOp<V> {
    /// End with this.
    Append(V),
    /// What is in it?
    Read,
}

/// What a client may be told by a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListRet<V> {
    /// It was appended.
    Appended,
    /// This was in it.
    Elements(Arc<[V]>),
}

impl<V: Clone + Eq + Hash + Debug> Model for List<V> {
    type State = Arc<[V]>;
    type Op = ListOp<V>;
    type Ret = ListRet<V>;
    type Next = Option<Arc<[V]>>;

    fn init(&self) -> Arc<[V]> {
        Arc::from([])
    }

    fn step(
        &self,
        state: &Arc<[V]>,
        op: &ListOp<V>,
        seen: Observed<&ListRet<V>>,
    ) -> Option<Arc<[V]>> {
        match (op, seen) {
            (ListOp::Read, Observed::Returned(ListRet::Elements(elements))) => {
                (elements == state).then(|| state.clone())
            }
            (ListOp::Read, Observed::Lost) => Some(state.clone()),
            (ListOp::Append(_), Observed::Returned(ListRet::Elements(_)))
            | (ListOp::Read, Observed::Returned(ListRet::Appended)) => None,
            (ListOp::Append(element), Observed::Returned(ListRet::Appended) | Observed::Lost) => {
                Some(state.iter().chain([element]).cloned().collect())
            }
        }
    }

    fn is_pure(&self, op: &ListOp<V>, _seen: Observed<&ListRet<V>>) -> bool {
        matches!(op, ListOp::Read)
    }

    fn state_bytes(&self, state: &Arc<[V]>) -> usize {
        SHARED + size_of_val(&**state)
    }
}
