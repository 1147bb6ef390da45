//! Replicated data types, by their final reads; what no read can return, by any.

use std::collections::BTreeSet;

use super::{may_count, precedes, returned};
use crate::{AnomalyClass, Outcome, Value, WitnessOp};

fn is_read(op: &WitnessOp) -> bool {
    matches!(&*op.f, "read" | "get") && returned(op).is_some()
}

/// What a read returned: the items of a list, or one value.
fn items(read: &WitnessOp) -> Vec<&Value> {
    match returned(read) {
        None | Some(Value::Nil) => Vec::new(),
        Some(Value::List(items)) => items.iter().collect(),
        Some(one) => vec![one],
    }
}

/// Whether final reads of a set show what `class` names, where additions win over removals.
pub(super) fn of_or_set(class: AnomalyClass, operations: &[WitnessOp]) -> bool {
    let finals: Vec<&WitnessOp> =
        operations.iter().filter(|op| op.is_final && is_read(op)).collect();
    let reads = operations.iter().filter(|op| is_read(op));
    let mut values: BTreeSet<&Value> = reads.flat_map(items).collect();
    values.extend(operations.iter().filter(|op| &*op.f == "add").map(|op| &op.argument));
    values.into_iter().any(|value| {
        let of = |f: &str| {
            let is_it = |op: &&WitnessOp| &*op.f == f && op.argument == *value;
            operations.iter().filter(is_it).collect::<Vec<_>>()
        };
        let (all_adds, removes) = (of("add"), of("remove"));
        let adds: Vec<&&WitnessOp> = all_adds.iter().filter(|op| may_count(op)).collect();
        let removes: Vec<&&WitnessOp> = removes.iter().filter(|op| may_count(op)).collect();
        let held = finals.iter().any(|read| items(read).contains(&value));
        let is_read_of_it = |op: &WitnessOp| is_read(op) && items(op).contains(&value);
        let shown = operations.iter().any(is_read_of_it);
        let settled =
            |op: &WitnessOp| returned(op).is_some() && finals.iter().all(|read| precedes(op, read));
        match class {
            AnomalyClass::LostElement => {
                let wins = |add: &&&WitnessOp| {
                    settled(add) && removes.iter().all(|remove| precedes(remove, add))
                };
                !held && !finals.is_empty() && adds.iter().any(wins)
            }
            AnomalyClass::ResurrectedElement => {
                let sees = |read: &WitnessOp, remove: &WitnessOp| {
                    is_read(read)
                        && !read.is_final
                        && read.node.is_some()
                        && (read.process, &read.node) == (remove.process, &remove.node)
                        && precedes(read, remove)
                        && items(read).contains(&value)
                };
                let observed = |remove: &WitnessOp| operations.iter().any(|op| sees(op, remove));
                held && adds.len() == 1 && removes.iter().any(|it| settled(it) && observed(it))
            }
            AnomalyClass::PhantomElement => shown && all_adds.is_empty(),
            AnomalyClass::FalseFailure => shown && adds.is_empty() && !all_adds.is_empty(),
            _ => false,
        }
    })
}

/// Whether final reads of a register with several values show what `class` names.
pub(super) fn of_siblings(class: AnomalyClass, operations: &[WitnessOp]) -> bool {
    let finals: Vec<&WitnessOp> =
        operations.iter().filter(|op| op.is_final && is_read(op)).collect();
    let is_write = |op: &&WitnessOp| matches!(&*op.f, "write" | "put" | "set");
    let writes: Vec<&WitnessOp> = operations.iter().filter(is_write).collect();
    let live = || writes.iter().copied().filter(|op| may_count(op));
    let held = |value: &Value| finals.iter().any(|read| items(read).contains(&value));
    let settled =
        |op: &WitnessOp| returned(op).is_some() && finals.iter().all(|read| precedes(op, read));
    let earlier = |op: &WitnessOp| {
        let of_process = move |it: &&WitnessOp| it.process == op.process && it.invoked < op.invoked;
        operations.iter().filter(of_process).filter(|it| !it.is_final).collect::<Vec<_>>()
    };
    match class {
        AnomalyClass::LostWrite => live().any(|write| {
            // All that may have come to know of it, and those that may know those.
            let mut knowing = vec![&write.argument];
            let mut at = 0;
            let mut overwritten = false;
            while let Some(&value) = knowing.get(at) {
                at += 1;
                for other in live().filter(|it| it.index != write.index) {
                    let knows = earlier(other).into_iter().any(|it| {
                        is_read(it) && items(it).contains(&value)
                            || is_write(&it) && may_count(it) && it.argument == *value
                    });
                    overwritten |= knows;
                    if knows && !knowing.contains(&&other.argument) {
                        knowing.push(&other.argument);
                    }
                }
            }
            !finals.is_empty() && settled(write) && !held(&write.argument) && !overwritten
        }),
        AnomalyClass::SurvivingOverwritten => live().any(|write| {
            let over = |other: &WitnessOp| {
                let last = earlier(other).into_iter().rfind(|it| is_read(it));
                other.index != write.index
                    && settled(other)
                    && last.is_some_and(|read| items(read).contains(&&write.argument))
            };
            held(&write.argument) && live().any(over)
        }),
        AnomalyClass::FalseFailure => writes.iter().any(|failed| {
            let value = &failed.argument;
            let shown = operations.iter().any(|op| is_read(op) && items(op).contains(&value));
            failed.outcome == Outcome::Fail && live().all(|it| it.argument != *value) && shown
        }),
        AnomalyClass::ReadFromNowhere => operations
            .iter()
            .filter(|op| is_read(op))
            .flat_map(items)
            .any(|value| writes.iter().all(|it| it.argument != *value)),
        _ => false,
    }
}

/// Whether an acknowledged write is gone, and what is there in the end is older.
pub(super) fn of_last_write(class: AnomalyClass, operations: &[WitnessOp]) -> bool {
    let finals: Vec<&WitnessOp> =
        operations.iter().filter(|op| op.is_final && is_read(op)).collect();
    let gives = |op: &WitnessOp| match (&*op.f, op.argument.as_list()) {
        ("write" | "put" | "set", _) => Some(op.argument.clone()),
        ("cas", Some([_, new])) if op.outcome != Outcome::Ok(Value::Bool(false)) => {
            Some(new.clone())
        }
        _ => None,
    };
    let live = || operations.iter().filter(|op| may_count(op));
    let lost = |write: &WitnessOp| {
        let is_gone = |read: &&WitnessOp| {
            let value = returned(read).cloned().unwrap_or_default();
            let mut winners = live().filter(|op| gives(op) == Some(value.clone())).peekable();
            let is_given = winners.peek().is_some() || value == Value::Nil;
            precedes(write, read) && is_given && winners.all(|winner| precedes(winner, write))
        };
        returned(write).is_some() && gives(write).is_some() && finals.iter().all(is_gone)
    };
    class == AnomalyClass::LostWrite && !finals.is_empty() && live().any(lost)
}
