//! Transactions and their micro-operations, in columns.

use std::collections::HashMap;
use std::ops::Range;

use crate::{Doubt, History, OpIndex, Outcome, Position, Value};

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
    pub(super) parts: Range<u32>,
}

/// What a micro-operation does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Appends the element of this number.
    Append(u32),
    /// Read a list of these elements.
    Read(Range<u32>),
    /// Read something, and it is not known what.
    LostRead,
}

/// A micro-operation.
#[derive(Clone, Debug)]
pub(super) struct MicroOp {
    pub(super) txn: u32,
    pub(super) key: u32,
    pub(super) deed: Deed,
}

/// The transactions of a history. Elements have a number for each key and value.
#[derive(Debug, Default)]
pub(super) struct TxnTable {
    pub(super) txns: Vec<Txn>,
    pub(super) parts: Vec<MicroOp>,
    pub(super) keys: Vec<Value>,
    /// For each element its value.
    pub(super) elements: Vec<Value>,
    /// For each element the part that appends it.
    pub(super) appended_by: Vec<Option<u32>>,
    /// The elements of the lists that were read, one list after the other.
    pub(super) read: Vec<u32>,
}

impl TxnTable {
    /// The transactions of `history` at these places.
    ///
    /// # Errors
    ///
    /// If an operation is no transaction of appends and reads of lists, or if an element is appended to a
    /// key twice.
    pub(super) fn new(
        history: &History,
        ops: impl Iterator<Item = OpIndex>,
    ) -> Result<Self, Doubt> {
        let mut reading = Reading::default();
        for op in ops {
            reading.txn(history, op)?;
        }
        Ok(reading.table)
    }

    /// The transaction that appends an element.
    pub(super) fn appender(&self, element: u32) -> Option<u32> {
        Some(self.parts[self.appended_by[element as usize]? as usize].txn)
    }

    /// The elements of a list that was read.
    pub(super) fn list(&self, range: &Range<u32>) -> &[u32] {
        &self.read[range.start as usize..range.end as usize]
    }

    pub(super) fn parts_of(&self, txn: u32) -> &[MicroOp] {
        let parts = &self.txns[txn as usize].parts;
        &self.parts[parts.start as usize..parts.end as usize]
    }
}

/// What is known while a history is read.
#[derive(Default)]
struct Reading {
    table: TxnTable,
    keys: HashMap<Value, u32>,
    elements: HashMap<(u32, Value), u32>,
}

fn number(len: usize) -> u32 {
    u32::try_from(len).expect("there are fewer than 2^32 micro-operations")
}

impl Reading {
    fn txn(&mut self, history: &History, op: OpIndex) -> Result<(), Doubt> {
        let operation = history.operation(op);
        let unsupported = |reason: &str| Doubt::Unsupported { op, reason: reason.to_owned() };
        let (end, told) = match &operation.outcome {
            Outcome::Ok(returned) => (TxnEnd::Committed, returned),
            Outcome::Fail => (TxnEnd::Aborted, &operation.argument),
            Outcome::Indeterminate => (TxnEnd::Unknown, &operation.argument),
        };
        let Some(parts) = told.as_list() else {
            return Err(unsupported("it is no transaction: a list of [f key value]"));
        };
        let (start, txn) = (number(self.table.parts.len()), number(self.table.txns.len()));
        for part in parts {
            let (f, key, value) = match part.as_list() {
                Some([f, key, value]) => (f, key, value),
                Some([f, key]) => (f, key, &Value::Nil), // A read of nothing, as some write it.
                _ => return Err(unsupported("a part of it is not [f key value]")),
            };
            let key = self.key(key);
            let deed = match f {
                Value::Keyword(f) | Value::Str(f) if &**f == "append" => {
                    let element = self.element(key, value);
                    let place = number(self.table.parts.len());
                    let before = &mut self.table.appended_by[element as usize];
                    if before.replace(place).is_some() {
                        return Err(unsupported(
                            "it appends an element that was appended to that key before, so that a \
                             read does not tell which it saw",
                        ));
                    }
                    Deed::Append(element)
                }
                Value::Keyword(f) | Value::Str(f) if matches!(&**f, "r" | "read") => match value {
                    _ if end != TxnEnd::Committed => Deed::LostRead,
                    Value::Nil => self.list(key, &[]),
                    Value::List(items) => self.list(key, items),
                    _ => return Err(unsupported("it reads something that is not a list")),
                },
                _ => return Err(unsupported("only `append` and `r` of lists are judged")),
            };
            self.table.parts.push(MicroOp { txn, key, deed });
        }
        let parts = start..number(self.table.parts.len());
        let (invoked, completed) = (operation.invoked, operation.completed);
        let process = operation.process.0;
        self.table.txns.push(Txn { op, process, end, invoked, completed, parts });
        Ok(())
    }

    fn key(&mut self, key: &Value) -> u32 {
        if let Some(&known) = self.keys.get(key) {
            return known;
        }
        let fresh = number(self.table.keys.len());
        self.table.keys.push(key.clone());
        self.keys.insert(key.clone(), fresh);
        fresh
    }

    fn element(&mut self, key: u32, value: &Value) -> u32 {
        let fresh = number(self.table.elements.len());
        let element = *self.elements.entry((key, value.clone())).or_insert(fresh);
        if element == fresh {
            self.table.elements.push(value.clone());
            self.table.appended_by.push(None);
        }
        element
    }

    fn list(&mut self, key: u32, items: &[Value]) -> Deed {
        let start = number(self.table.read.len());
        for item in items {
            let element = self.element(key, item);
            self.table.read.push(element);
        }
        Deed::Read(start..number(self.table.read.len()))
    }
}
