//! Operations as a model understands them.

use crate::{Observed, OpIndex, Outcome, Position, ProcessId};

/// An operation that may have taken effect, as a model understands it.
///
/// Definite failures are not calls: they did nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call<O, R> {
    /// Its place in the history.
    pub index: OpIndex,
    /// Whose it was, if that is known. It decides nothing.
    pub process: Option<ProcessId>,
    /// What was asked.
    pub op: O,
    /// What was answered, if an answer came.
    pub seen: Observed<R>,
    /// Where it began.
    pub invoked: Position,
    /// Where it ended; nowhere exactly if its return was lost.
    pub completed: Option<Position>,
}

impl<O, R> Call<O, R> {
    /// A call that returned `ret` at `completed`.
    pub fn returned(index: OpIndex, op: O, ret: R, invoked: Position, completed: Position) -> Self {
        let (seen, completed) = (Observed::Returned(ret), Some(completed));
        Self { index, process: None, op, seen, invoked, completed }
    }

    /// A call whose return was lost.
    pub fn lost(index: OpIndex, op: O, invoked: Position) -> Self {
        Self { index, process: None, op, seen: Observed::Lost, invoked, completed: None }
    }

    /// The same call, by this process.
    #[must_use]
    pub fn by(self, process: ProcessId) -> Self {
        Self { process: Some(process), ..self }
    }

    /// What was seen of it, by reference.
    pub fn observed(&self) -> Observed<&R> {
        match &self.seen {
            Observed::Returned(ret) => Observed::Returned(ret),
            Observed::Lost => Observed::Lost,
        }
    }

    /// A call with this outcome, or none if it failed.
    pub(crate) fn new(
        index: OpIndex,
        op: O,
        outcome: Outcome<R>,
        invoked: Position,
        completed: Option<Position>,
    ) -> Option<Self> {
        match (outcome, completed) {
            (Outcome::Ok(ret), Some(completed)) => {
                Some(Self::returned(index, op, ret, invoked, completed))
            }
            (Outcome::Ok(_), None) => unreachable!("what returned has completed"),
            (Outcome::Indeterminate, _) => Some(Self::lost(index, op, invoked)),
            (Outcome::Fail, _) => None,
        }
    }
}
