//! A lock that one process holds at a time.

use super::{Model, Observed};
use crate::ProcessId;

/// A lock, initially free. A process that acquires it holds it until it releases it; holding it twice is
/// not possible.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mutex;

/// What a process may ask of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MutexOp {
    /// Be held by this process, if nobody holds it.
    Acquire(ProcessId),
    /// Be free, if this process holds it.
    Release(ProcessId),
}

/// What a process may be told by a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MutexRet {
    /// It was acquired, or released.
    Done,
    /// It was not: another process held it, or the process that would release it did not hold it.
    Refused,
}

impl Model for Mutex {
    /// Who holds it.
    type State = Option<ProcessId>;
    type Op = MutexOp;
    type Ret = MutexRet;
    type Next = Option<Option<ProcessId>>;

    fn init(&self) -> Option<ProcessId> {
        None
    }

    fn step(
        &self,
        state: &Option<ProcessId>,
        op: &MutexOp,
        seen: Observed<&MutexRet>,
    ) -> Option<Option<ProcessId>> {
        let (ret, next) = match *op {
            MutexOp::Acquire(process) if state.is_none() => (MutexRet::Done, Some(process)),
            MutexOp::Release(process) if *state == Some(process) => (MutexRet::Done, None),
            MutexOp::Acquire(_) | MutexOp::Release(_) => (MutexRet::Refused, *state),
        };
        match seen {
            Observed::Returned(seen) if *seen != ret => None,
            Observed::Returned(_) | Observed::Lost => Some(next),
        }
    }

    fn is_pure(&self, _op: &MutexOp, seen: Observed<&MutexRet>) -> bool {
        matches!(seen, Observed::Returned(MutexRet::Refused))
    }
}
