//! Whether final reads violate convergence.

use std::collections::BTreeSet;

use super::{Refused, counted};
use crate::{AnomalyClass, ConvergenceKind, Outcome, Value, WitnessOp};

/// Checks that `operations` violate convergence in the way `class` names.
pub(super) fn violates(
    kind: ConvergenceKind,
    class: AnomalyClass,
    operations: &[WitnessOp],
) -> Result<(), Refused> {
    let reads: Vec<(&WitnessOp, &Value)> = operations
        .iter()
        .filter(|op| &*op.f == "read" || &*op.f == "get")
        .filter_map(|op| op.outcome.ok().map(|ret| (op, ret)))
        .collect();
    let finals = || reads.iter().filter(|(op, _)| op.is_final);
    let changes = || operations.iter().filter(|op| &*op.f != "read" && &*op.f != "get");
    let live = || changes().filter(|op| op.outcome != Outcome::Fail);
    let after =
        |read: &WitnessOp, op: &WitnessOp| op.completed.is_some_and(|end| end < read.invoked);
    let holds = |held: &Value, value: &Value| match kind {
        ConvergenceKind::Register | ConvergenceKind::Counter => held == value,
        ConvergenceKind::Set | ConvergenceKind::List => elements(held).contains(value),
        ConvergenceKind::MultiValue => values(held).contains(value),
    };
    let shown = match class {
        AnomalyClass::Divergence => {
            let sets = |held: &Value| match kind {
                // The order of a list counts.
                ConvergenceKind::Register | ConvergenceKind::Counter | ConvergenceKind::List => {
                    BTreeSet::from([held.clone()])
                }
                ConvergenceKind::Set => elements(held),
                ConvergenceKind::MultiValue => values(held),
            };
            let apart = |one: &WitnessOp, other: &WitnessOp| {
                (&one.node, one.process) != (&other.node, other.process)
            };
            finals().any(|(one, held)| {
                finals().any(|(other, theirs)| apart(one, other) && sets(held) != sets(theirs))
            })
        }
        AnomalyClass::CounterOutOfBounds | AnomalyClass::LostWrite
            if kind == ConvergenceKind::Counter =>
        {
            counted::violates(class, operations)
        }
        AnomalyClass::LostElement => changes().any(|add| {
            let value = &add.argument;
            let early = |read: &WitnessOp| finals().all(|(last, _)| after(last, read));
            let known = match add.outcome {
                Outcome::Ok(_) => early(add),
                Outcome::Fail => false,
                Outcome::Indeterminate => {
                    reads.iter().any(|(read, held)| early(read) && holds(held, value))
                }
            };
            matches!(&*add.f, "add" | "append")
                && known
                && finals().all(|(_, held)| !holds(held, value))
        }),
        AnomalyClass::LostWrite => changes().any(|write| {
            write.outcome.ok().is_some()
                && finals().all(|(read, held)| {
                    let is_older = |value: &Value| {
                        let mut givers = live().filter(|giver| gives(giver) == *value).peekable();
                        (givers.peek().is_some() || *value == Value::Nil)
                            && givers
                                .all(|giver| giver.completed.is_some_and(|end| end < write.invoked))
                    };
                    let is_one = kind != ConvergenceKind::MultiValue;
                    after(read, write)
                        && if is_one { is_older(held) } else { values(held).iter().all(is_older) }
                })
        }),
        AnomalyClass::ResurrectedElement => changes().any(|remove| {
            let value = &remove.argument;
            &*remove.f == "remove"
                && remove.outcome.ok().is_some()
                && finals().any(|(read, held)| after(read, remove) && holds(held, value))
                && live()
                    .filter(|add| &*add.f == "add" && add.argument == *value)
                    .all(|add| add.completed.is_some_and(|end| end < remove.invoked))
        }),
        AnomalyClass::DuplicateElement => reads.iter().any(|(_, held)| {
            held.as_list().is_some_and(|items| items.len() > elements(held).len())
        }),
        AnomalyClass::FalseFailure => changes().any(|failed| {
            let value = gives(failed);
            failed.outcome == Outcome::Fail
                && !live().any(|other| gives(other) == value)
                && reads.iter().any(|(_, held)| holds(held, &value))
        }),
        AnomalyClass::PhantomElement | AnomalyClass::ReadFromNowhere => {
            live().next().is_none() && !reads.is_empty()
        }
        _ => false,
    };
    let refused = || Refused::Consistent(format!("these operations show no {}", class.title()));
    if shown && finals_or_ghosts(class, finals().count()) { Ok(()) } else { Err(refused()) }
}

/// Whether there are enough final reads to decide.
fn finals_or_ghosts(class: AnomalyClass, finals: usize) -> bool {
    match class {
        AnomalyClass::Divergence => finals > 1,
        AnomalyClass::LostElement | AnomalyClass::LostWrite | AnomalyClass::ResurrectedElement => {
            finals > 0
        }
        _ => true,
    }
}

fn elements(held: &Value) -> BTreeSet<Value> {
    held.as_list().unwrap_or_default().iter().cloned().collect()
}

/// The values of a multi-value register, as a read of it returns them: a list, or one of them, or nil.
fn values(held: &Value) -> BTreeSet<Value> {
    match held {
        Value::Nil => BTreeSet::new(),
        Value::List(_) => elements(held),
        one => BTreeSet::from([one.clone()]),
    }
}

/// What an operation may put there.
fn gives(op: &WitnessOp) -> Value {
    match (&*op.f, op.argument.as_list()) {
        ("cas", Some([_, _])) if op.outcome == Outcome::Ok(Value::Bool(false)) => Value::Nil,
        ("cas", Some([_, new])) => new.clone(),
        _ => op.argument.clone(),
    }
}
