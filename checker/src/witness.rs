//! The least part of a history that shows an anomaly, complete in itself.

mod invariant;

use std::fmt;
use std::sync::Arc;

pub use invariant::{Invariant, UnknownInvariant};

use crate::consistency::{StalenessBound, Versions};
use crate::{
    Consistency, ModelKind, OpIndex, Operation, Outcome, Position, ProcessId, Time, Value, Who,
    visible,
};

/// The least part of a history that shows an anomaly.
///
/// It can be judged without the history it came from: see [`crate::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Witness {
    /// What its operations violate.
    pub property: Property,
    /// The operations, in the order of their invocations.
    pub operations: Vec<WitnessOp>,
    /// As many of them as could be put in an order, first to last. Empty if that says nothing.
    pub order: Vec<OpIndex>,
    /// The operation for which no place could be found after these.
    pub stuck: Option<OpIndex>,
}

/// What a witness violates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(rename_all = "kebab-case"))]
pub enum Property {
    /// Linearizability against a model.
    Linearizable(ModelKind),
    /// Agreement of the final reads, with nothing acknowledged lost.
    Convergent(ConvergenceKind),
    /// Regularity against a model, which is that of a register: see [`crate::regular`].
    Regular(ModelKind),
    /// Safety against a model, which is that of a register: see [`crate::safe`].
    Safe(ModelKind),
    /// Prefix consistency against a model, which is that of a register: see [`crate::prefix`].
    Prefix(ModelKind),
    /// Staleness of a model's reads by at most this: see [`crate::bounded`].
    BoundedStaleness(ModelKind, StalenessBound),
    /// `k`-atomicity of a register: see [`crate::k_atomic`].
    KAtomic(Versions),
    /// A consistency model of sessions on registers, whatever the time: see [`crate::weak`].
    Sessions(Consistency),
    /// An isolation model of transactions on lists: see [`crate::transactions`].
    Transactions(Consistency),
    /// What the kind of object promises however weak its consistency is: see [`crate::invariants`].
    Invariant(Invariant),
}

/// What kind of object is to converge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(rename_all = "kebab-case"))]
pub enum ConvergenceKind {
    /// A set that grows: `add`, and `read` of all elements.
    Set,
    /// Registers, one a key: `write`, `cas`, `read`.
    Register,
    /// Multi-value registers, one a key: `write`, and `read` of all values that are left.
    MultiValue,
    /// Counters, one a key: `add` of an amount, and `read` of the sum.
    Counter,
    /// Lists, one a key: `append` at the end, and `read` of all items.
    List,
}

impl ConvergenceKind {
    /// How final reads of objects of this model are judged; `None`: nobody judges them. A text is not a
    /// register here: it begins empty and not nil.
    pub fn of(model: ModelKind) -> Option<Self> {
        match model {
            ModelKind::Set => Some(Self::Set),
            ModelKind::Counter => Some(Self::Counter),
            ModelKind::ListAppend => Some(Self::List),
            ModelKind::Register | ModelKind::CasRegister => Some(Self::Register),
            _ => None,
        }
    }
}

/// An operation as a witness tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct WitnessOp {
    /// Its place in the whole history.
    pub index: OpIndex,
    /// Whose it was.
    pub process: ProcessId,
    /// What its file calls that process, if it has a name rather than a number.
    #[cfg_attr(feature = "json", serde(default, skip_serializing_if = "Option::is_none"))]
    pub process_name: Option<Arc<str>>,
    /// The node it asked.
    pub node: Option<Arc<str>>,
    /// The function.
    pub f: Arc<str>,
    /// The object concerned.
    pub key: Option<Value>,
    /// What it carried.
    pub argument: Value,
    /// How it ended, and what it returned.
    pub outcome: Outcome<Value>,
    /// Where in the whole history it began.
    pub invoked: Position,
    /// Where in the whole history it ended; nowhere if indeterminate.
    pub completed: Option<Position>,
    /// When it began.
    pub invoke_time: Time,
    /// When its process learned of its end, be that only that it must give up.
    pub complete_time: Option<Time>,
    /// Whether it belongs to the final phase.
    pub is_final: bool,
}

impl WitnessOp {
    /// The operation, copied out of its history.
    pub fn new(operation: &Operation<'_>) -> Self {
        Self {
            index: operation.index,
            process: operation.process,
            process_name: operation.process_name.cloned(),
            node: operation.node.map(Arc::from),
            f: Arc::from(operation.f),
            key: operation.key.cloned(),
            argument: operation.argument.clone(),
            outcome: operation.outcome.clone(),
            invoked: operation.invoked,
            completed: operation.completed,
            invoke_time: operation.invoke_time,
            complete_time: operation.complete_time,
            is_final: operation.is_final,
        }
    }
}

impl WitnessOp {
    /// The process's name, as it is shown to people.
    pub fn who(&self) -> Who<'_> {
        Who { process: self.process, name: self.process_name.as_deref() }
    }
}

impl fmt::Display for WitnessOp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {} {}", self.index, self.who(), visible(&self.f))?;
        if let Some(key) = &self.key {
            write!(out, " {key}")?;
        }
        if self.argument != Value::Nil {
            write!(out, " {}", self.argument)?;
        }
        match &self.outcome {
            Outcome::Ok(Value::Nil) if self.argument != Value::Nil => out.write_str(" ok"),
            Outcome::Ok(ret) => write!(out, " -> {ret}"),
            Outcome::Fail => out.write_str(" failed"),
            Outcome::Indeterminate => out.write_str(" ?"),
        }
    }
}
