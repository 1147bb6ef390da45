//! A transaction of a history, and how its parts are read.

use std::ops::Range;

use crate::{Doubt, OpIndex, Operation, Outcome, Position, Value};

/// What is known of the end of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TxnEnd {
    /// It committed.
    Committed,
    /// It did not, and never will.
    Aborted,
    /// Nobody knows.
    Unknown,
}

/// A transaction.
#[derive(Clone, Debug)]
pub(super) struct Txn {
    pub(super) op: OpIndex,
    pub(super) process: u32,
    pub(super) end: TxnEnd,
    pub(super) invoked: Position,
    pub(super) completed: Option<Position>,
    /// Its parts, by their numbers in a table.
    pub(super) parts: Range<u32>,
}

impl Txn {
    /// The transaction that an operation is, whose parts have these numbers.
    pub(super) fn new(operation: &Operation<'_>, parts: Range<u32>) -> Self {
        let end = match operation.outcome {
            Outcome::Ok(_) => TxnEnd::Committed,
            Outcome::Fail => TxnEnd::Aborted,
            Outcome::Indeterminate => TxnEnd::Unknown,
        };
        let &Operation { index: op, invoked, completed, .. } = operation;
        Self { op, process: operation.process.0, end, invoked, completed, parts }
    }
}

/// A part of a transaction as it is written: its word, its key and its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct WrittenPart<'a> {
    /// None, if something else stands there.
    pub(super) f: Option<&'a str>,
    pub(super) key: &'a Value,
    pub(super) value: &'a Value,
}

/// The parts of an operation: what it returned, or what it was to do if it did not commit.
///
/// # Errors
///
/// If it is no list of `[f key value]`.
pub(super) fn parts<'a>(
    operation: &'a Operation<'_>,
) -> Result<impl ExactSizeIterator<Item = Result<WrittenPart<'a>, Doubt>> + use<'a>, Doubt> {
    let op = operation.index;
    let unsupported = move |reason: &str| Doubt::Unsupported { op, reason: reason.to_owned() };
    let told = operation.outcome.ok().unwrap_or(&operation.argument);
    let parts = told
        .as_list()
        .ok_or_else(|| unsupported("it is no transaction: a list of [f key value]"))?;
    let part = move |part: &'a Value| {
        written(part).ok_or_else(|| unsupported("a part of it is not [f key value]"))
    };
    Ok(parts.iter().map(part))
}

/// A value as the part of a transaction that it is. One without a value is a read of nothing, as some write it.
fn written(part: &Value) -> Option<WrittenPart<'_>> {
    let (f, key, value) = match part.as_list()? {
        [f, key, value] => (f, key, value),
        [f, key] => (f, key, &Value::Nil),
        _ => return None,
    };
    let f = match f {
        Value::Keyword(f) | Value::Str(f) => Some(&**f),
        _ => None,
    };
    Some(WrittenPart { f, key, value })
}

/// The number of what comes after `len` others.
pub(super) fn number(len: usize) -> u32 {
    u32::try_from(len).expect("there are fewer than 2^32 micro-operations")
}
