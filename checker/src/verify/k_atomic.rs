//! Whether the operations of one register have no order in which reads lag by less than `k` writes.

use std::collections::BTreeSet;

use super::{Refused, STEPS_MAX};
use crate::{OpIndex, Outcome, Value, WitnessOp};

/// Checks that no order of `operations` that is one of real time has each read return one of the last `k`
/// values written.
pub(super) fn violates(k: u64, operations: &[WitnessOp]) -> Result<(), Refused> {
    for op in operations {
        let is_known = matches!(&*op.f, "read" | "get" | "write" | "put" | "set");
        if !is_known || op.is_final || op.outcome == Outcome::Fail {
            return Err(Refused::Malformed(op.index));
        }
    }
    let mut open: Vec<Vec<&WitnessOp>> = vec![Vec::new()];
    let mut tried = BTreeSet::new();
    while let Some(order) = open.pop() {
        let is_left = |op: &&WitnessOp| !order.iter().any(|placed| placed.index == op.index);
        let left: Vec<&WitnessOp> = operations.iter().filter(is_left).collect();
        if left.iter().all(|op| op.outcome.ok().is_none()) {
            let order: Vec<String> = order.iter().map(|op| op.index.to_string()).collect();
            return Err(Refused::Consistent(order.join(" ")));
        }
        let last = last_values(k, &order);
        let mut placed: Vec<OpIndex> = order.iter().map(|op| op.index).collect();
        placed.sort_unstable();
        if !tried.insert((placed, last.clone())) {
            continue;
        }
        if tried.len() as u64 > STEPS_MAX / (operations.len() as u64 + 1).pow(2) {
            return Err(Refused::TooLarge(STEPS_MAX));
        }
        let is_next = |op: &&&WitnessOp| {
            !left.iter().any(|it| it.completed.is_some_and(|end| end < op.invoked))
        };
        for op in left.iter().filter(is_next) {
            let is_read = matches!(&*op.f, "read" | "get");
            let is_right = |ret: &Value| last.contains(ret);
            if !is_read || op.outcome.ok().is_none_or(is_right) {
                let mut next = order.clone();
                next.push(op);
                open.push(next);
            }
        }
    }
    Ok(())
}

/// The last `k` values, the initial one among them while fewer were written.
fn last_values(k: u64, order: &[&WitnessOp]) -> Vec<Value> {
    let writes = order.iter().rev().filter(|op| !matches!(&*op.f, "read" | "get"));
    let written = writes.map(|op| op.argument.clone()).chain([Value::Nil]);
    written.take(usize::try_from(k).unwrap_or(usize::MAX)).collect()
}
