//! Numbers that operations returned.

use super::{may_count, precedes, returned};
use crate::{Outcome, Value, WitnessOp};

/// Whether two operations returned the same.
pub(super) fn repeated(operations: &[WitnessOp]) -> bool {
    let same = |one: &WitnessOp, other: &WitnessOp| {
        one.index != other.index
            && one.f == other.f
            && one.key == other.key
            && returned(one).is_some()
            && returned(one) == returned(other)
    };
    operations.iter().any(|one| operations.iter().any(|other| same(one, other)))
}

/// Whether an operation returned less than `step` more than one of its kind that had ended before.
pub(super) fn fall(operations: &[WitnessOp], kinds: [&str; 2], step: i64) -> bool {
    let number = |op: &WitnessOp| match returned(op)? {
        Value::Int(number) => Some(*number),
        Value::Nil => Some(i64::MIN),
        _ => None,
    };
    let falls = |one: &WitnessOp, other: &WitnessOp| {
        let of_kind = kinds.contains(&&*one.f) && kinds.contains(&&*other.f);
        let pair = number(one).zip(number(other));
        of_kind
            && precedes(one, other)
            && pair.is_some_and(|(before, after)| after < before.saturating_add(step))
    };
    operations.iter().any(|one| operations.iter().any(|other| falls(one, other)))
}

/// Whether two acquisitions hold a lock at the same time for certain.
pub(super) fn held_twice(operations: &[WitnessOp]) -> bool {
    let acquires = || {
        let says_yes = |op: &&WitnessOp| returned(op).is_some_and(|it| *it != Value::Bool(false));
        operations.iter().filter(|op| &*op.f == "acquire").filter(says_yes)
    };
    // Up to the next release of its process that may have taken effect; nothing is known of the time
    // before one that was refused.
    let span = |acquire: &WitnessOp| {
        let mut releases = operations.iter().filter(|op| {
            &*op.f == "release"
                && op.process == acquire.process
                && precedes(acquire, op)
                && op.outcome != Outcome::Fail
        });
        let end = match releases.next() {
            Some(release) if returned(release) == Some(&Value::Bool(false)) => return None,
            Some(release) => u64::from(release.invoked.0),
            None => u64::MAX,
        };
        acquire.completed.map(|begin| (u64::from(begin.0), end))
    };
    let overlap = |one: &WitnessOp, other: &WitnessOp| {
        let spans = span(one).zip(span(other));
        spans.is_some_and(|(one, other)| one.0 <= other.0 && other.0 < one.1)
    };
    acquires()
        .any(|one| acquires().any(|other| one.process != other.process && overlap(one, other)))
}

/// Whether a read of a counter returned what no choice among the additions makes. One that `is_new`
/// counts all that was acknowledged before it.
pub(super) fn miscounted(operations: &[WitnessOp], is_new: fn(&WitnessOp) -> bool) -> bool {
    let amounts = |read: &WitnessOp, wanted: fn(i64) -> i64| {
        let (mut known, mut begun) = (0_i128, 0_i128);
        for add in operations.iter().filter(|op| &*op.f == "add" && may_count(op)) {
            let amount = i128::from(wanted(add.argument.as_int().unwrap_or(0)));
            let is_known = returned(add).is_some() && precedes(add, read) && is_new(read);
            known += if is_known { amount } else { 0 };
            begun += if Some(add.invoked) < read.completed { amount } else { 0 };
        }
        (known, begun)
    };
    operations.iter().filter(|op| matches!(&*op.f, "read" | "get")).any(|read| {
        let (known_up, up) = amounts(read, |amount| amount.max(0));
        let (known_down, down) = amounts(read, |amount| amount.min(0));
        let sum = returned(read).and_then(Value::as_int).map(i128::from);
        sum.is_some_and(|sum| sum < known_up + down || sum > up + known_down)
    })
}
