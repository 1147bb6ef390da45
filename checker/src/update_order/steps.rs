//! What may have happened to one register, with numbers for its values.

use rustc_hash::FxHashMap;

use crate::linearizability::FailedCas;
use crate::{Doubt, History, OpIndex, Outcome, Part, Value};

/// What an operation did, if it took effect. Equal numbers, equal values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UpdateDeed {
    Read(u32),
    Write(u32),
    Swap {
        old: u32,
        new: u32,
    },
    /// A `cas` that found another value than this.
    Miss {
        old: u32,
    },
}

/// The value that a register holds at first.
pub(super) const NIL: u32 = 0;

/// The end of an operation whose return was lost.
pub(super) const NEVER: u32 = u32::MAX;

/// An operation that took effect, or may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UpdateStep {
    pub(super) op: OpIndex,
    pub(super) deed: UpdateDeed,
    /// The place of its event, counted from 1: the register's first value was given at 0.
    pub(super) invoked: u32,
    /// [`NEVER`] if the return was lost.
    pub(super) completed: u32,
}

impl UpdateDeed {
    pub(super) fn is_read(self) -> bool {
        matches!(self, Self::Read(_))
    }

    /// The value that it leaves.
    pub(super) fn gives(self) -> Option<u32> {
        match self {
            Self::Write(value) | Self::Swap { new: value, .. } => Some(value),
            Self::Read(_) | Self::Miss { .. } => None,
        }
    }
}

impl UpdateStep {
    pub(super) fn is_lost(&self) -> bool {
        self.completed == NEVER
    }
}

/// The steps of a part, in the order of their invocations. O(n).
///
/// # Errors
///
/// If a register does not understand an operation.
pub(super) fn steps(
    history: &History,
    part: &Part,
    failed_cas: FailedCas,
) -> Result<Vec<UpdateStep>, Doubt> {
    let mut numbers = ValueNumbers(FxHashMap::from_iter([(Value::Nil, NIL)]));
    let mut steps = Vec::with_capacity(part.operations.len());
    for &op in &part.operations {
        let unsupported = |reason| Doubt::Unsupported { op, reason };
        let deed = numbers.deed(history, op, failed_cas).map_err(unsupported)?;
        let place = |position: u32| position + 1;
        steps.extend(deed.map(|deed| UpdateStep {
            op,
            deed,
            invoked: place(history.invoked[op.get()].0),
            completed: history.completed_at(op).map_or(NEVER, |end| place(end.0)),
        }));
    }
    Ok(steps)
}

struct ValueNumbers(FxHashMap<Value, u32>);

impl ValueNumbers {
    fn of(&mut self, value: &Value) -> u32 {
        let fresh = u32::try_from(self.0.len()).expect("fewer than events");
        *self.0.entry(value.clone()).or_insert(fresh)
    }

    fn given(&mut self, value: &Value) -> Result<u32, String> {
        match self.of(value) {
            NIL => Err("a write of nil is not supported".to_owned()),
            number => Ok(number),
        }
    }

    /// What an operation did; nothing if it is sure to have done nothing that anybody can tell.
    fn deed(
        &mut self,
        history: &History,
        op: OpIndex,
        failed_cas: FailedCas,
    ) -> Result<Option<UpdateDeed>, String> {
        let operation = history.operation(op);
        let (argument, outcome) = (&operation.argument, &operation.outcome);
        let mismatched = match (outcome, failed_cas) {
            (Outcome::Ok(ret), _) => *ret == Value::Bool(false),
            (Outcome::Fail, FailedCas::Mismatched) => true,
            (Outcome::Fail | Outcome::Indeterminate, _) => false,
        };
        match (operation.f, outcome) {
            ("read" | "get", Outcome::Ok(value)) => Ok(Some(UpdateDeed::Read(self.of(value)))),
            ("read" | "get", _) => Ok(None),
            ("write" | "put" | "set", _) => {
                let value = self.given(argument)?;
                Ok(Some(UpdateDeed::Write(value)).filter(|_| *outcome != Outcome::Fail))
            }
            ("cas", _) => {
                let Some([old, new]) = argument.as_list() else {
                    return Err(format!("a cas needs [old new], not {argument}"));
                };
                let (old, new) = (self.of(old), self.given(new)?);
                match outcome {
                    _ if mismatched => Ok(Some(UpdateDeed::Miss { old })),
                    Outcome::Fail => Ok(None),
                    Outcome::Ok(_) | Outcome::Indeterminate => {
                        Ok(Some(UpdateDeed::Swap { old, new }))
                    }
                }
            }
            (f, _) => Err(format!(
                "`{}` is not a function of a register, which has read, write and cas",
                crate::visible(f)
            )),
        }
    }
}
