//! Elements of sets and queues.

use std::collections::BTreeSet;

use super::{may_count, precedes, returned};
use crate::{AnomalyClass, Outcome, Value, WitnessOp};

/// Whether operations on a set show what `class` names.
pub(super) fn of_set(class: AnomalyClass, operations: &[WitnessOp]) -> bool {
    let values: BTreeSet<&Value> = operations
        .iter()
        .filter(|op| matches!(&*op.f, "add" | "remove"))
        .map(|op| &op.argument)
        .chain(operations.iter().filter_map(returned).filter_map(Value::as_list).flatten())
        .collect();
    values.into_iter().any(|value| Element { value, operations }.shows(class))
}

/// One element of a set.
struct Element<'a> {
    value: &'a Value,
    operations: &'a [WitnessOp],
}

impl<'a> Element<'a> {
    fn changes(&self, f: &'static str) -> impl Iterator<Item = &'a WitnessOp> + use<'a, '_> {
        let of_this = move |op: &&WitnessOp| &*op.f == f && op.argument == *self.value;
        self.operations.iter().filter(of_this)
    }

    fn live(&self) -> impl Iterator<Item = &'a WitnessOp> + use<'a, '_> {
        self.changes("add").filter(|op| may_count(op))
    }

    /// The reads that show it, or those that lack it.
    fn reads(&self) -> [Vec<&'a WitnessOp>; 2] {
        let is_read = |op: &&WitnessOp| matches!(&*op.f, "read" | "get") && returned(op).is_some();
        let (shows, lacks) =
            self.operations.iter().filter(is_read).partition(|op| self.held(op) > 0);
        [shows, lacks]
    }

    fn held(&self, read: &WitnessOp) -> usize {
        let items = returned(read).and_then(Value::as_list).unwrap_or_default();
        items.iter().filter(|item| *item == self.value).count()
    }

    /// Whether it was there, and is gone for good.
    fn is_lost(&self, shows: &[&WitnessOp], lacks: &[&WitnessOp]) -> bool {
        let known = |missed: &WitnessOp| {
            let acknowledged =
                self.live().any(|add| returned(add).is_some() && precedes(add, missed));
            let seen = shows.iter().any(|read| precedes(read, missed));
            acknowledged || self.live().next().is_some() && seen
        };
        let mut finals = lacks.iter().filter(|read| read.is_final).peekable();
        let lost = if finals.peek().is_some() {
            finals.all(|read| known(read)) && shows.iter().all(|read| !read.is_final)
        } else {
            let for_good = |missed: &WitnessOp| shows.iter().all(|read| precedes(read, missed));
            lacks.iter().any(|missed| known(missed) && for_good(missed))
        };
        lost && !self.changes("remove").any(may_count)
    }

    fn shows(&self, class: AnomalyClass) -> bool {
        let [shows, lacks] = self.reads();
        match class {
            AnomalyClass::DuplicateElement => shows.iter().any(|read| self.held(read) > 1),
            AnomalyClass::PhantomElement => {
                shows.iter().any(|read| self.live().all(|add| Some(add.invoked) > read.completed))
            }
            AnomalyClass::FalseFailure => {
                let failed = self.changes("add").next().is_some() && self.live().next().is_none();
                failed && !shows.is_empty()
            }
            AnomalyClass::LostElement => self.is_lost(&shows, &lacks),
            AnomalyClass::ResurrectedElement => self.changes("remove").any(|remove| {
                let finals = self.operations.iter().any(|op| op.is_final);
                let gone =
                    returned(remove).is_some() && self.live().all(|add| precedes(add, remove));
                let back = |read: &&WitnessOp| {
                    let in_the_end = if finals {
                        read.is_final
                    } else {
                        !lacks.iter().any(|it| precedes(read, it))
                    };
                    precedes(remove, read) && in_the_end
                };
                gone && shows.iter().any(back)
            }),
            _ => false,
        }
    }
}

/// Whether operations on a queue show what `class` names.
pub(super) fn of_queue(class: AnomalyClass, operations: &[WitnessOp]) -> bool {
    let is_put = |op: &&WitnessOp| matches!(&*op.f, "enqueue" | "push" | "insert");
    let is_take = |op: &&WitnessOp| matches!(&*op.f, "dequeue" | "pop" | "delete-min");
    let puts = || operations.iter().filter(is_put);
    let takes = || operations.iter().filter(is_take);
    let times = |value: &Value| takes().filter(|op| returned(op) == Some(value)).count();
    let live = |value: &Value| {
        puts().filter(|op| op.argument == *value && may_count(op)).collect::<Vec<_>>()
    };
    match class {
        AnomalyClass::DuplicateElement => {
            puts().any(|op| times(&op.argument) > live(&op.argument).len())
        }
        AnomalyClass::PhantomElement => takes().any(|take| {
            let value = returned(take).filter(|value| **value != Value::Nil);
            value.is_some_and(|it| live(it).iter().all(|put| Some(put.invoked) > take.completed))
        }),
        AnomalyClass::FalseFailure => puts().any(|op| {
            let value = &op.argument;
            op.outcome == Outcome::Fail && live(value).is_empty() && times(value) > 0
        }),
        AnomalyClass::LostElement => takes().any(|empty| {
            let unknown = |op: &&WitnessOp| op.outcome == Outcome::Indeterminate;
            let begun = |op: &&WitnessOp| Some(op.invoked) < empty.completed;
            let perhaps = takes().filter(unknown).filter(begun).count();
            let values: BTreeSet<&Value> = puts().map(|op| &op.argument).collect();
            let missing = |value: &&Value| {
                let sure = |op: &&&WitnessOp| returned(op).is_some() && precedes(op, empty);
                live(value).iter().filter(sure).count().saturating_sub(times(value))
            };
            let missing: usize = values.iter().map(missing).sum();
            returned(empty) == Some(&Value::Nil) && missing > perhaps
        }),
        _ => false,
    }
}
