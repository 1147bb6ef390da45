//! Which values operations give and show.

use std::collections::BTreeSet;

use crate::{ModelKind, Outcome, Value, WitnessOp};

/// The values that may be there because of an operation.
pub(crate) fn given(op: &WitnessOp) -> Vec<&Value> {
    match (&*op.f, op.argument.as_list()) {
        ("cas", Some([_, new])) if op.outcome != Outcome::Ok(Value::Bool(false)) => vec![new],
        ("contains" | "cas", _) => Vec::new(),
        (f, _) if finds(f) => Vec::new(),
        _ => vec![&op.argument],
    }
}

/// Whether `value` must have been there for the operation to go as it did.
pub(super) fn shows(op: &WitnessOp, value: &Value) -> bool {
    let ret = op.outcome.ok();
    match (&*op.f, ret) {
        ("cas", _) => op.argument.as_list().is_some_and(|pair| pair.first() == Some(value)),
        ("contains" | "remove", _) => op.argument == *value,
        (f, Some(ret)) if finds(f) => match (ret, value) {
            (Value::List(items), _) => ret == value || items.contains(value),
            (Value::Str(text), Value::Str(part)) if &*op.f == "get" => text.contains(&**part),
            _ => ret == value,
        },
        _ => false,
    }
}

/// Whether something shows a value that nothing gives, so that the rest would show nothing.
///
/// What texts, lists and sets show is made of what was given; what anything else shows was given as
/// it is.
pub(super) fn is_dull(model: ModelKind, operations: &[WitnessOp]) -> bool {
    let is_made = matches!(model, ModelKind::Kv | ModelKind::ListAppend | ModelKind::Set);
    let values: BTreeSet<&Value> = operations.iter().flat_map(given).collect();
    operations.iter().any(|op| match (&*op.f, op.outcome.ok()) {
        ("cas", Some(ret)) if *ret != Value::Bool(false) => {
            let old = op.argument.as_list().and_then(|pair| pair.first());
            old.is_some_and(|old| *old != Value::Nil && !values.contains(old))
        }
        (f, Some(ret)) if finds(f) => {
            let is_made = is_made && matches!(ret, Value::Str(_) | Value::List(_));
            *ret != Value::Nil && !is_made && !values.contains(ret)
        }
        _ => false,
    })
}

/// Whether the operation says what was *not* there, so that leaving anything out may make it wrong.
pub(super) fn says_not(op: &WitnessOp) -> bool {
    matches!(&*op.f, "cas" | "acquire") && op.outcome == Outcome::Ok(Value::Bool(false))
}

/// Whether what the function returns is what was there.
fn finds(f: &str) -> bool {
    let takes = ["dequeue", "pop", "delete-min", "pop-front", "pop-back"];
    let looks = ["read", "get", "peek", "peek-front", "peek-back"];
    takes.contains(&f) || looks.contains(&f)
}

/// For each value, the operations to leave out so that it never was: what gives it, what shows it,
/// and the same for whatever was made of it.
///
/// A counter has no such groups: its values are sums of all that was added. Nor has an echo, of which
/// no operation matters to another, nor a source of identifiers. Of a lock they are the
/// times for which it was held.
pub(super) fn groups(model: ModelKind, operations: &[WitnessOp]) -> Vec<Vec<usize>> {
    match model {
        ModelKind::Counter | ModelKind::Echo | ModelKind::UniqueIds => return Vec::new(),
        ModelKind::Mutex => return holds(operations),
        _ => {}
    }
    let values: BTreeSet<&Value> = operations.iter().flat_map(given).collect();
    let mut groups: Vec<Vec<usize>> = values
        .into_iter()
        .map(|value| {
            let mut gone = BTreeSet::from([value]);
            loop {
                let before = gone.len();
                let made = operations.iter().filter(|op| gone.iter().any(|it| shows(op, it)));
                gone.extend(made.flat_map(given).collect::<Vec<_>>());
                if gone.len() == before {
                    break;
                }
            }
            let goes = |op: &WitnessOp| {
                let gives = given(op).into_iter().any(|value| gone.contains(value));
                gives || says_not(op) || gone.iter().any(|value| shows(op, value))
            };
            (0..operations.len()).filter(|&at| goes(&operations[at])).collect()
        })
        .collect();
    groups.sort();
    groups.dedup();
    groups
}

/// For each acquisition of a lock: it, its process's next operation if that is a release, and
/// every operation that shows that the lock was held. Without them the lock is free in between.
fn holds(operations: &[WitnessOp]) -> Vec<Vec<usize>> {
    let acquired = |op: &WitnessOp| &*op.f == "acquire" && !says_not(op);
    let held = (0..operations.len()).filter(|&at| acquired(&operations[at]));
    held.map(|at| {
        let mine = |&next: &usize| operations[next].process == operations[at].process;
        let release = (at + 1..operations.len()).find(mine).filter(|&next| {
            &*operations[next].f == "release"
                && operations[next].outcome != Outcome::Ok(Value::Bool(false))
        });
        let refused = (0..operations.len()).filter(|&other| says_not(&operations[other]));
        let group: BTreeSet<usize> = refused.chain([at]).chain(release).collect();
        group.into_iter().collect()
    })
    .collect()
}
