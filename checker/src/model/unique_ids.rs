//! A source of numbers, none of which comes twice.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Model, Observed, SHARED};
use crate::Value;

/// Hands out identifiers, whatever they are, and none of them twice.
#[derive(Clone, Copy, Debug, Default)]
pub struct UniqueIds;

impl Model for UniqueIds {
    /// What was handed out.
    type State = Arc<BTreeSet<Value>>;
    /// Asks for one.
    type Op = ();
    /// What was handed out.
    type Ret = Value;
    type Next = Option<Self::State>;

    fn init(&self) -> Self::State {
        Arc::default()
    }

    fn step(&self, state: &Self::State, (): &(), seen: Observed<&Value>) -> Option<Self::State> {
        // One whose return was lost may have been any that nobody saw.
        let Observed::Returned(id) = seen else { return Some(state.clone()) };
        let mut next = state.clone();
        Arc::make_mut(&mut next).insert(id.clone()).then_some(next)
    }

    fn is_pure(&self, (): &(), seen: Observed<&Value>) -> bool {
        seen == Observed::Lost
    }

    fn state_bytes(&self, state: &Self::State) -> usize {
        let nodes = state.len().div_ceil(6);
        SHARED
            + size_of::<BTreeSet<Value>>()
            + nodes * (11 * size_of::<Value>() + 5 * size_of::<usize>())
    }
}
