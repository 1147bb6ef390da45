//! A counter.

use super::{Model, Observed};

/// A sum, initially 0. It wraps at the ends of `i64`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counter;

/// What a client may ask of a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CounterOp {
    /// Grow by this much.
    Add(i64),
    /// What is the sum?
    Read,
}

/// What a client may be told by a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CounterRet {
    /// It grew.
    Added,
    /// It was this.
    Sum(i64),
}

impl Model for Counter {
    type State = i64;
    type Op = CounterOp;
    type Ret = CounterRet;
    type Next = Option<i64>;

    fn init(&self) -> i64 {
        0
    }

    fn step(&self, state: &i64, op: &CounterOp, seen: Observed<&CounterRet>) -> Option<i64> {
        let (ret, next) = match op {
            CounterOp::Add(amount) => (CounterRet::Added, state.wrapping_add(*amount)),
            CounterOp::Read => (CounterRet::Sum(*state), *state),
        };
        match seen {
            Observed::Returned(seen) if *seen != ret => None,
            Observed::Returned(_) | Observed::Lost => Some(next),
        }
    }

    fn is_pure(&self, op: &CounterOp, _seen: Observed<&CounterRet>) -> bool {
        matches!(op, CounterOp::Read | CounterOp::Add(0))
    }

    fn describe(&self, op: &CounterOp, seen: Observed<&CounterRet>) -> String {
        match (op, seen) {
            (CounterOp::Add(amount), _) => format!("added {amount}"),
            (CounterOp::Read, Observed::Returned(CounterRet::Sum(sum))) => format!("read {sum}"),
            (CounterOp::Read, _) => "tried to read".to_owned(),
        }
    }
}
