//! Whether final reads of a counter are what its additions cannot have made.

use crate::{AnomalyClass, Outcome, Value, WitnessOp};

/// Whether `operations`, taken for all there were, cannot end in the sums of their final reads.
///
/// Every addition that did not fail may have taken effect. One that was acknowledged before the
/// first final read began has, in a cluster at rest.
pub(super) fn violates(class: AnomalyClass, operations: &[WitnessOp]) -> bool {
    let finals: Vec<(&WitnessOp, i128)> = operations
        .iter()
        .filter(|op| op.is_final)
        .filter_map(|op| match op.outcome.ok() {
            Some(Value::Int(sum)) => Some((op, i128::from(*sum))),
            _ => None,
        })
        .collect();
    let Some(start) = finals.iter().map(|(read, _)| read.invoked).min() else { return false };
    let additions = || {
        operations.iter().filter(|op| &*op.f == "add" && op.outcome != Outcome::Fail).filter_map(
            |op| match op.argument {
                Value::Int(amount) => Some((op, i128::from(amount))),
                _ => None,
            },
        )
    };
    match class {
        AnomalyClass::CounterOutOfBounds => finals.iter().any(|(_, sum)| {
            let up: i128 = additions().map(|(_, amount)| amount.max(0)).sum();
            let down: i128 = additions().map(|(_, amount)| amount.min(0)).sum();
            *sum > up || *sum < down
        }),
        AnomalyClass::LostWrite => {
            let (mut least, mut greatest) = (0, 0);
            for (op, amount) in additions() {
                let known =
                    op.outcome.ok().is_some() && op.completed.is_some_and(|end| end < start);
                least += if known { amount } else { amount.min(0) };
                greatest += if known { amount } else { amount.max(0) };
            }
            finals.iter().all(|(_, sum)| *sum < least || *sum > greatest)
        }
        _ => false,
    }
}
