//! The functions that an invariant understands.

use crate::{History, Invariant, OpIndex, Outcome};

/// An operation that may have taken effect, whose effect on the invariant is unknown.
pub(super) fn stranger(history: &History, invariant: Invariant) -> Option<OpIndex> {
    let is_strange = |&op: &OpIndex| {
        !matches!(history.outcome_id(op), Outcome::Fail) && !knows(invariant, history.f(op))
    };
    history.indices().find(is_strange)
}

/// Whether it is known what a function does to the invariant. What only asks something else is known to
/// do nothing.
fn knows(invariant: Invariant, f: &str) -> bool {
    let known: &[&str] = match invariant {
        Invariant::Bank => &["read", "read-all", "transfer", "txn"],
        Invariant::LongFork => &["read", "read-all", "get", "write", "put", "set", "txn"],
        Invariant::TotalQueue => {
            &["enqueue", "push", "insert", "dequeue", "pop", "delete-min", "peek"]
        }
        Invariant::MutualExclusion => &["acquire", "release"],
        Invariant::OrSet => &["add", "remove", "read", "get", "contains"],
        Invariant::MvRegister => &["write", "put", "set", "read", "get"],
        Invariant::LwwRegister => &["write", "put", "set", "cas", "read", "get"],
        // The first of these judge each function as they meet it, by key. Of the others, nothing else can
        // hand out an identifier or a number twice.
        Invariant::SetFull
        | Invariant::Monotonic
        | Invariant::MonotonicRealtime
        | Invariant::CounterBounds
        | Invariant::PnCounter
        | Invariant::UniqueIds
        | Invariant::Fencing => return true,
    };
    known.contains(&f)
}
