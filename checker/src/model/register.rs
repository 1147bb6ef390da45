//! A register, with compare-and-set.

use std::fmt::Debug;
use std::hash::Hash;
use std::marker::PhantomData;

use super::{Model, Observed};

/// A register of values `V`, initially empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Register<V>(PhantomData<V>);

impl<V> Register<V> {
    /// The model of a register.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

/// What a client may ask of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegisterOp<V> {
    /// What does it hold?
    Read,
    /// Hold this.
    Write(V),
    /// Hold `new` if it holds `old`.
    Cas {
        /// What it must hold; nothing, if it must be empty.
        old: Option<V>,
        /// What it shall hold.
        new: V,
    },
}

/// What a client may be told by a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegisterRet<V> {
    /// It held this.
    Read(Option<V>),
    /// It was written.
    Written,
    /// Whether it held the old value, and so holds the new one.
    Swapped(bool),
}

impl<V: Clone + Eq + Hash + Debug> Model for Register<V> {
    type State = Option<V>;
    type Op = RegisterOp<V>;
    type Ret = RegisterRet<V>;
    type Next = Option<Option<V>>;

    fn init(&self) -> Option<V> {
        None
    }

    fn step(
        &self,
        state: &Option<V>,
        op: &RegisterOp<V>,
        seen: Observed<&RegisterRet<V>>,
    ) -> Option<Option<V>> {
        let (ret, next) = match op {
            RegisterOp::Read => (RegisterRet::Read(state.clone()), state.clone()),
            RegisterOp::Write(value) => (RegisterRet::Written, Some(value.clone())),
            RegisterOp::Cas { old, new } if state == old => {
                (RegisterRet::Swapped(true), Some(new.clone()))
            }
            RegisterOp::Cas { .. } => (RegisterRet::Swapped(false), state.clone()),
        };
        match seen {
            Observed::Returned(seen) if *seen != ret => None,
            Observed::Returned(_) | Observed::Lost => Some(next),
        }
    }

    fn is_pure(&self, op: &RegisterOp<V>, seen: Observed<&RegisterRet<V>>) -> bool {
        matches!(op, RegisterOp::Read)
            || matches!(seen, Observed::Returned(RegisterRet::Swapped(false)))
    }

    fn describe(&self, op: &RegisterOp<V>, seen: Observed<&RegisterRet<V>>) -> String {
        let told = |value: &Option<V>| match value {
            Some(value) => format!("{value:?}"),
            None => "nil".to_owned(),
        };
        match (op, seen) {
            (RegisterOp::Read, Observed::Returned(RegisterRet::Read(value))) => {
                format!("read {}", told(value))
            }
            (RegisterOp::Read, _) => "tried to read".to_owned(),
            (RegisterOp::Write(value), _) => format!("wrote {value:?}"),
            (RegisterOp::Cas { old, new }, Observed::Returned(RegisterRet::Swapped(false))) => {
                format!("could not swap {} for {new:?}", told(old))
            }
            (RegisterOp::Cas { old, new }, _) => format!("swapped {} for {new:?}", told(old)),
        }
    }
}
