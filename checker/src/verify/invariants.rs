//! Whether operations violate an invariant.

mod elements;
mod numbers;
mod replicated;
mod snapshots;

use super::Refused;
use crate::{AnomalyClass, Invariant, Outcome, Value, WitnessOp};

/// Checks that `operations` alone violate `invariant` in the way `class` names.
pub(super) fn violates(
    invariant: Invariant,
    class: AnomalyClass,
    operations: &[WitnessOp],
) -> Result<(), Refused> {
    let shown = match invariant {
        Invariant::SetFull => elements::of_set(class, operations),
        Invariant::TotalQueue => elements::of_queue(class, operations),
        Invariant::UniqueIds => class == AnomalyClass::DuplicateId && numbers::repeated(operations),
        Invariant::Monotonic | Invariant::MonotonicRealtime => {
            let is_one = operations.windows(2).all(|pair| pair[0].process == pair[1].process);
            class == AnomalyClass::NonMonotonicRead
                && (is_one || invariant == Invariant::MonotonicRealtime)
                && numbers::fall(operations, ["read", "get"], 0)
        }
        Invariant::Fencing => {
            class == AnomalyClass::FencingWentBack && numbers::fall(operations, ["acquire"; 2], 1)
        }
        Invariant::MutualExclusion => {
            class == AnomalyClass::DoubleAcquire && numbers::held_twice(operations)
        }
        Invariant::CounterBounds => {
            class == AnomalyClass::CounterOutOfBounds
                && numbers::miscounted(operations, |read| !read.is_final)
        }
        Invariant::PnCounter => {
            class == AnomalyClass::CounterOutOfBounds
                && numbers::miscounted(operations, |read| read.is_final)
        }
        Invariant::OrSet => replicated::of_or_set(class, operations),
        Invariant::MvRegister => replicated::of_siblings(class, operations),
        Invariant::LwwRegister => replicated::of_last_write(class, operations),
        Invariant::LongFork => class == AnomalyClass::LongFork && snapshots::forked(operations),
        Invariant::Bank => snapshots::of_bank(class, operations),
    };
    let refused = || Refused::Consistent(format!("these operations show no {}", class.title()));
    if shown { Ok(()) } else { Err(refused()) }
}

/// Whether one had ended before the other began.
fn precedes(one: &WitnessOp, other: &WitnessOp) -> bool {
    one.completed.is_some_and(|end| end < other.invoked)
}

/// What an operation that took effect returned.
fn returned(op: &WitnessOp) -> Option<&Value> {
    op.outcome.ok()
}

/// Whether it may have taken effect.
fn may_count(op: &WitnessOp) -> bool {
    op.outcome != Outcome::Fail
}
