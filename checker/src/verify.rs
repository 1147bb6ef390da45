//! The separate verifier: believes nothing, and tries everything.
//!
//! It shares no code with the checkers. Its models are its own, over plain values; it looks for an
//! order by trying all of them, and replays an order it is given. Exponential in the number of
//! operations in flight at once: meant for witnesses, not for whole histories.

use std::collections::BTreeSet;

use thiserror::Error;

use self::semantics::{apply, initial, is_hopeless, only_looks, what_matters};
use crate::{
    Anomaly, Certificate, Consistency, History, ModelKind, OpIndex, Outcome, Property, Value,
    Witness, WitnessOp,
};

mod bounded;
mod convergent;
mod counted;
mod invariants;
mod k_atomic;
mod lagging;
mod own;
mod semantics;
mod sessions;
mod transactions;

pub use own::calls;

/// Why a piece of evidence shows nothing.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refused {
    /// The operations of a witness can be explained after all.
    #[error("the witness is consistent: {0}")]
    Consistent(String),
    /// The operations of a witness are not in order, or concern several keys.
    #[error("the witness is malformed at operation {0}")]
    Malformed(OpIndex),
    /// A consistency model for which a witness of sessions says nothing.
    #[error("no witness over sessions is judged by {0}")]
    Unjudged(Consistency),
    /// It takes too many steps to tell.
    #[error("the witness is too large to verify in {0} steps")]
    TooLarge(u64),
    /// An order leaves out an operation that took effect, or names one twice, or one that failed.
    #[error("the order does not account for operation {0}")]
    Unaccounted(OpIndex),
    /// An order has an operation before one that had completed before it began.
    #[error("the order has operation {0} after one that it precedes in real time")]
    RealTime(OpIndex),
    /// An order has an operation where it could not have returned what it did.
    #[error("the order has operation {0} where it could not have returned what it did")]
    Return(OpIndex),
}

/// Steps after which a witness is too large.
const STEPS_MAX: u64 = 5_000_000;

/// Checks that the operations of an anomaly's witness alone violate what it says they violate.
///
/// # Errors
///
/// If they do not, or if it cannot be told.
pub fn anomaly(anomaly: &Anomaly) -> Result<(), Refused> {
    let Witness { property, operations, .. } = &anomaly.witness;
    for pair in operations.windows(2) {
        if pair[0].invoked >= pair[1].invoked {
            return Err(Refused::Malformed(pair[1].index));
        }
    }
    match *property {
        Property::Convergent(kind) => convergent::violates(kind, anomaly.class, operations),
        Property::Regular(model) | Property::Safe(model) | Property::Prefix(model) => {
            of_one_key(operations)?;
            lagging::violates(*property, model, operations)
        }
        Property::KAtomic(versions) => {
            of_one_key(operations)?;
            k_atomic::violates(versions.get(), operations)
        }
        Property::Sessions(model) => sessions::violates(model, anomaly.class, operations),
        Property::Transactions(model) => transactions::violates(model, anomaly.class, operations),
        Property::Invariant(it) => invariants::violates(it, anomaly.class, operations),
        Property::BoundedStaleness(model, bound) => {
            of_one_key(operations)?;
            bounded::violates(model, bound.nanos(), operations)
        }
        Property::Linearizable(model) => {
            of_one_key(operations)?;
            linearizable_violates(model, operations)
        }
    }
}

/// Checks that no order of `operations` is that of real time and one of an object of `model`.
fn linearizable_violates(model: ModelKind, operations: &[WitnessOp]) -> Result<(), Refused> {
    let mut trial = Trial { model, operations, tried: BTreeSet::new(), order: Vec::new() };
    if trial.explains(&initial(model))? {
        let order: Vec<String> = trial.order.iter().map(OpIndex::to_string).collect();
        return Err(Refused::Consistent(order.join(" ")));
    }
    Ok(())
}

fn of_one_key(operations: &[WitnessOp]) -> Result<(), Refused> {
    let other = operations.iter().find(|op| op.key != operations[0].key);
    other.map_or(Ok(()), |other| Err(Refused::Malformed(other.index)))
}

/// Checks that each order of `certificate` explains its part of `history`, final reads apart, and
/// that no part is left out. A `cas` that failed may have a place where it would mismatch.
///
/// # Errors
///
/// Names the first operation for which an order is wrong.
pub fn certificate(
    history: &History,
    model: ModelKind,
    certificate: &Certificate,
) -> Result<(), Refused> {
    let mut missing: BTreeSet<OpIndex> = history
        .iter()
        .filter(|op| op.outcome.ok().is_some() && !op.is_final)
        .map(|op| op.index)
        .collect();
    for part in &certificate.orders {
        let told = |&op: &OpIndex| {
            let mut told = WitnessOp::new(&history.operation(op));
            if &*told.f == "cas" && told.outcome == Outcome::Fail {
                told.outcome = Outcome::Ok(Value::Bool(false));
            }
            told
        };
        let operations: Vec<WitnessOp> = part.order.iter().map(told).collect();
        replay(model, &operations)?;
        for op in &operations {
            if op.key != part.key {
                return Err(Refused::Unaccounted(op.index));
            }
            missing.remove(&op.index);
        }
    }
    missing.first().map_or(Ok(()), |&op| Err(Refused::Unaccounted(op)))
}

/// Checks that `operations`, in the order given, are what a sequential object could have done.
fn replay(model: ModelKind, operations: &[WitnessOp]) -> Result<(), Refused> {
    let mut state = initial(model);
    let mut begun_last = None;
    let mut named = BTreeSet::new();
    for op in operations {
        if !named.insert(op.index) {
            return Err(Refused::Unaccounted(op.index));
        }
        if op.completed.is_some_and(|end| begun_last.is_some_and(|begun| end < begun)) {
            return Err(Refused::RealTime(op.index));
        }
        begun_last = begun_last.max(Some(op.invoked));
        state = apply(model, &state, op).ok_or(Refused::Return(op.index))?;
    }
    Ok(())
}

/// A search for an order, which remembers what it has tried.
struct Trial<'a> {
    model: ModelKind,
    operations: &'a [WitnessOp],
    tried: BTreeSet<(Vec<OpIndex>, Value)>,
    order: Vec<OpIndex>,
}

impl Trial<'_> {
    fn explains(&mut self, state: &Value) -> Result<bool, Refused> {
        let left = |op: &&WitnessOp| !self.order.contains(&op.index) && op.outcome != Outcome::Fail;
        let left: Vec<&WitnessOp> = self.operations.iter().filter(left).collect();
        let Some(first_end) = left.iter().filter_map(|op| op.completed).min() else {
            return Ok(true); // What never returned need not have happened.
        };
        let state = &what_matters(self.model, state, &left);
        if is_hopeless(state, &left) {
            return Ok(false);
        }
        let mut taken = self.order.clone();
        taken.sort_unstable();
        if !self.tried.insert((taken, state.clone())) {
            return Ok(false);
        }
        if self.tried.len() as u64 > STEPS_MAX / (self.operations.len() as u64 + 1) {
            return Err(Refused::TooLarge(STEPS_MAX));
        }
        let is_open = |op: &&WitnessOp| op.invoked < first_end;
        let open: Vec<&WitnessOp> = left.into_iter().filter(is_open).collect();
        // What only looks, and sees the right thing now, is never better put off.
        let looks = |op: &&&WitnessOp| only_looks(op) && apply(self.model, state, op).is_some();
        if let Some(op) = open.iter().find(looks) {
            self.order.push(op.index);
            let explains = self.explains(state)?;
            if !explains {
                self.order.pop();
            }
            return Ok(explains);
        }
        // Of those that do and return the same, the one that ends first: wherever another were to
        // come now, the two could change places.
        let ends = |op: &WitnessOp| (op.completed.is_none(), op.completed, op.index);
        let same = |one: &WitnessOp, other: &WitnessOp| {
            one.f == other.f && one.argument == other.argument && one.outcome == other.outcome
        };
        let is_first =
            |op: &&&WitnessOp| !open.iter().any(|it| same(it, op) && ends(it) < ends(op));
        for op in open.iter().filter(is_first) {
            if let Some(next) = apply(self.model, state, op) {
                self.order.push(op.index);
                if self.explains(&next)? {
                    return Ok(true);
                }
                self.order.pop();
            }
        }
        Ok(false)
    }
}
