//! Reads of several objects at once, in the shapes that files have.

use crate::{Operation, Value};

/// What an operation that took effect read: each object and its value. `None` if it read none, or not
/// only read.
///
/// | function | value |
/// |---|---|
/// | `read`, `read-all` | a map of objects to values, or a list of `[object value]` |
/// | `read`, `read-all`, `txn` | a list of `["r" object value]` |
pub(super) fn snapshot(operation: &Operation<'_>) -> Option<Vec<(Value, Value)>> {
    let is_transaction = match operation.f {
        "read" | "read-all" => false,
        "txn" => true,
        _ => return None,
    };
    let mut read = match operation.outcome.ok()? {
        Value::Map(pairs) if !is_transaction => pairs.to_vec(),
        Value::List(items) => {
            let each = items.iter().map(|item| match item.as_list()? {
                [object, value] if !is_transaction => Some((object.clone(), value.clone())),
                [word, object, value] if is_word(word, "r") => {
                    Some((object.clone(), value.clone()))
                }
                _ => None,
            });
            each.collect::<Option<Vec<_>>>()?
        }
        _ => return None,
    };
    read.sort();
    (!read.is_empty()).then_some(read)
}

/// What an operation may have written: each object and its value.
pub(super) fn written(operation: &Operation<'_>) -> Vec<(Value, Value)> {
    let argument = &operation.argument;
    match (operation.f, operation.key, argument.as_list()) {
        ("write" | "put" | "set", Some(key), _) => vec![(key.clone(), argument.clone())],
        ("write" | "put" | "set", None, Some([object, value])) => {
            vec![(object.clone(), value.clone())]
        }
        ("txn", _, Some(parts)) => {
            let write = |part: &Value| match part.as_list()? {
                [word, object, value] if is_word(word, "w") => {
                    Some((object.clone(), value.clone()))
                }
                _ => None,
            };
            parts.iter().filter_map(write).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a value is this word, as a text or as EDN has it.
fn is_word(value: &Value, word: &str) -> bool {
    matches!(value, Value::Str(text) | Value::Keyword(text) if **text == *word)
}
