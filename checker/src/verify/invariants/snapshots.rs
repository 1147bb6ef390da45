//! Reads of several objects at once.

use std::collections::BTreeMap;

use super::{may_count, returned};
use crate::{AnomalyClass, Value, WitnessOp};

/// What a read returned, by object.
fn read(op: &WitnessOp) -> Option<BTreeMap<&Value, &Value>> {
    match (&*op.f, returned(op)?) {
        ("read" | "read-all", Value::Map(pairs)) => {
            Some(pairs.iter().map(|(k, v)| (k, v)).collect())
        }
        ("read" | "read-all" | "txn", Value::List(items)) => {
            let pair = |item: &Value| matches!(item.as_list(), Some([_, _] | [_, _, _]));
            items.iter().all(pair).then(|| items.iter().filter_map(object_and_value).collect())
        }
        _ => None,
    }
}

fn object_and_value(item: &Value) -> Option<(&Value, &Value)> {
    match item.as_list()? {
        [object, value] | [_, object, value] => Some((object, value)),
        _ => None,
    }
}

/// How often an object may have been written.
fn writes(operations: &[WitnessOp], object: &Value) -> usize {
    let writes = |op: &&WitnessOp| {
        let parts = op.argument.as_list().unwrap_or_default();
        may_count(op)
            && match &*op.f {
                "write" | "put" | "set" if op.key.is_some() => op.key.as_ref() == Some(object),
                "write" | "put" | "set" => parts.first() == Some(object),
                "txn" => parts.iter().filter_map(Value::as_list).any(|part| match part {
                    [Value::Str(word) | Value::Keyword(word), written, _] => {
                        &**word == "w" && written == object
                    }
                    _ => false,
                }),
                _ => false,
            }
    };
    operations.iter().filter(writes).count()
}

/// Whether each of two reads saw a write that the other did not, to objects written once.
pub(super) fn forked(operations: &[WitnessOp]) -> bool {
    let reads: Vec<BTreeMap<&Value, &Value>> = operations.iter().filter_map(read).collect();
    let ahead = |one: &BTreeMap<&Value, &Value>, other: &BTreeMap<&Value, &Value>| {
        one.iter().any(|(object, value)| {
            **value != Value::Nil
                && other.get(object) == Some(&&Value::Nil)
                && writes(operations, object) == 1
        })
    };
    reads.iter().any(|one| reads.iter().any(|other| ahead(one, other) && ahead(other, one)))
}

/// Whether reads of balances show what `class` names.
pub(super) fn of_bank(class: AnomalyClass, operations: &[WitnessOp]) -> bool {
    let reads: Vec<BTreeMap<&Value, &Value>> = operations.iter().filter_map(read).collect();
    let sum = |read: &BTreeMap<&Value, &Value>| {
        read.values().map(|it| it.as_int().map(i128::from)).sum::<Option<i128>>()
    };
    match class {
        AnomalyClass::NegativeBalance => {
            reads.iter().flat_map(BTreeMap::values).any(|it| it.as_int().is_some_and(|it| it < 0))
        }
        AnomalyClass::WrongTotal => reads.iter().any(|one| {
            let of_same = |other: &&BTreeMap<&Value, &Value>| other.keys().eq(one.keys());
            reads
                .iter()
                .filter(of_same)
                .any(|other| sum(one).zip(sum(other)).is_some_and(|(one, other)| one != other))
        }),
        _ => false,
    }
}
