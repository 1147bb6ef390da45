//! What one client alone would see: sequential specifications.

use std::fmt::Debug;
use std::hash::Hash;

mod container;
mod counter;
mod deque;
mod echo;
mod guess;
mod kind;
mod list;
mod mutex;
mod register;
mod set;
mod text;
mod unique_ids;

pub use container::{
    Container, ContainerOp, ContainerRet, Discipline, Fifo, LeastFirst, Lifo, PriorityQueue, Queue,
    Stack,
};
pub use counter::{Counter, CounterOp, CounterRet};
pub use deque::{Deque, DequeOp, DequeRet, End};
pub use echo::Echo;
pub use guess::{Guess, LacksFunction, NoGuess};
pub use kind::{ModelKind, UnknownModel};
pub use list::{List, ListOp, ListRet};
pub use mutex::{Mutex, MutexOp, MutexRet};
pub use register::{Register, RegisterOp, RegisterRet};
pub use set::{Set, SetOp, SetRet};
pub use text::{Text, TextOp, TextRet};
pub use unique_ids::UniqueIds;

pub use crate::{Shapes, Sorts};

/// What a process saw an op return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Observed<R> {
    /// The op returned this.
    Returned(R),
    /// The op may have taken effect, but its return was lost. Any return is allowed.
    Lost,
}

/// A sequential specification: what one client alone would see.
///
/// Implementations are pure. Same state, op and observation: same answer.
///
/// ```
/// use rashomon_checker::{Model, Observed};
///
/// /// A light switch, initially off. Flipping it returns what it was.
/// struct Switch;
///
/// impl Model for Switch {
///     type State = bool;
///     type Op = ();
///     type Ret = bool;
///     type Next = Option<bool>;
///
///     fn init(&self) -> bool {
///         false
///     }
///
///     fn step(&self, state: &bool, (): &(), seen: Observed<&bool>) -> Option<bool> {
///         match seen {
///             Observed::Returned(was) if was != state => None,
///             Observed::Returned(_) | Observed::Lost => Some(!state),
///         }
///     }
/// }
/// ```
pub trait Model {
    /// The specified object. Checkers hash and compare states to prune their search, so keep it
    /// small: one key, not the whole map.
    type State: Clone + Eq + Hash;
    /// What a client may ask.
    type Op: Clone + Eq + Hash + Debug;
    /// What a client may be told.
    type Ret: Clone + Eq + Hash + Debug;
    /// The states after a step: `Option<State>` if at most one, `Vec<State>` if the op may end in
    /// several.
    type Next: IntoIterator<Item = Self::State>;

    /// The state before the first op.
    fn init(&self) -> Self::State;

    /// The states that `op` on `state` may leave behind when it was seen to return so. None, if it
    /// could not have been seen to return so.
    fn step(&self, state: &Self::State, op: &Self::Op, seen: Observed<&Self::Ret>) -> Self::Next;

    /// Whether, in *every* state that allows it, `op` seen to return so changes nothing.
    ///
    /// Only a hint: `false` is always right, and `true` makes checking faster.
    fn is_pure(&self, op: &Self::Op, seen: Observed<&Self::Ret>) -> bool {
        let _ = (op, seen);
        false
    }

    /// What a process did, in the past tense and without its name: `deposited 50`, `read 100`. A
    /// story puts its name before it, and "perhaps" if the return was lost.
    ///
    /// By default in the words of [`Debug`].
    fn describe(&self, op: &Self::Op, seen: Observed<&Self::Ret>) -> String {
        match seen {
            Observed::Returned(ret) => format!("did {op:?} and got {ret:?}"),
            Observed::Lost => format!("did {op:?}"),
        }
    }

    /// Bytes that a state holds beyond its own size, for a checker to know when its budget is
    /// spent. By default none.
    fn state_bytes(&self, state: &Self::State) -> usize {
        let _ = state;
        0
    }
}

/// Bytes before the contents of an `Arc`, and what an allocator takes beside.
const SHARED: usize = 4 * size_of::<usize>();
