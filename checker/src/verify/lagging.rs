//! Whether the operations of one register have no order in which its reads may lag.

use std::collections::BTreeSet;

use super::semantics::{apply, initial, only_looks, only_reads};
use super::{Refused, STEPS_MAX};
use crate::{ModelKind, OpIndex, Outcome, Property, Value, WitnessOp};

/// Checks that no order of `operations` is one of `property`.
pub(super) fn violates(
    property: Property,
    model: ModelKind,
    operations: &[WitnessOp],
) -> Result<(), Refused> {
    if matches!(property, Property::Safe(_)) {
        no_read_overlaps(operations)?;
    }
    let (order, tried) = (Vec::new(), BTreeSet::new());
    let mut trial = Lagging { property, model, operations, order, tried };
    if trial.explains(&initial(model))? {
        let order: Vec<String> = trial.order.iter().map(OpIndex::to_string).collect();
        return Err(Refused::Consistent(order.join(" ")));
    }
    Ok(())
}

/// What a read returns that overlaps a write shows nothing of a safe register.
fn no_read_overlaps(operations: &[WitnessOp]) -> Result<(), Refused> {
    let changes = |op: &&WitnessOp| !only_looks(op) && op.outcome != Outcome::Fail;
    let ended = |op: &WitnessOp, begun| op.completed.is_some_and(|end| end < begun);
    let overlapped = |read: &&WitnessOp| {
        let mut writes = operations.iter().filter(changes);
        writes.any(|it| !ended(it, read.invoked) && !ended(read, it.invoked))
    };
    let mut reads = operations.iter().filter(|op| only_reads(op));
    reads.find(overlapped).map_or(Ok(()), |read| Err(Refused::Malformed(read.index)))
}

/// A search for an order, which remembers what it has tried.
struct Lagging<'a> {
    property: Property,
    model: ModelKind,
    operations: &'a [WitnessOp],
    order: Vec<OpIndex>,
    tried: BTreeSet<(BTreeSet<OpIndex>, Value)>,
}

impl Lagging<'_> {
    fn explains(&mut self, state: &Value) -> Result<bool, Refused> {
        let placed: BTreeSet<OpIndex> = self.order.iter().copied().collect();
        let left = |op: &&WitnessOp| !placed.contains(&op.index) && op.outcome != Outcome::Fail;
        let left: Vec<&WitnessOp> = self.operations.iter().filter(left).collect();
        if left.iter().all(|op| op.outcome.ok().is_none()) {
            return Ok(true); // What never returned need not have happened.
        }
        if !self.tried.insert((placed, state.clone())) {
            return Ok(false);
        }
        if self.tried.len() as u64 > STEPS_MAX / (self.operations.len() as u64 + 1) {
            return Err(Refused::TooLarge(STEPS_MAX));
        }
        let may_be_next = |op: &&&WitnessOp| !left.iter().any(|other| self.is_before(other, op));
        let open: Vec<&WitnessOp> = left.iter().filter(may_be_next).copied().collect();
        // What only looks, and sees the right thing now, is never better put off.
        let looks = open.iter().find(|op| only_looks(op) && apply(self.model, state, op).is_some());
        let tries = looks.map_or(open.as_slice(), std::slice::from_ref);
        for op in tries {
            let Some(next) = apply(self.model, state, op) else { continue };
            self.order.push(op.index);
            if self.explains(&next)? {
                return Ok(true);
            }
            self.order.pop();
        }
        Ok(false)
    }

    /// Whether real time has `one` before `other`, as far as that counts.
    fn is_before(&self, one: &WitnessOp, other: &WitnessOp) -> bool {
        let counts = match self.property {
            Property::Regular(_) | Property::Safe(_) => !(only_reads(one) && only_reads(other)),
            Property::Prefix(_) => !only_reads(other),
            Property::Linearizable(_)
            | Property::Convergent(_)
            | Property::KAtomic(_)
            | Property::BoundedStaleness(..)
            | Property::Sessions(_)
            | Property::Transactions(_)
            | Property::Invariant(_) => true,
        };
        counts && one.completed.is_some_and(|end| end < other.invoked)
    }
}
