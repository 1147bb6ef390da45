//! Transactions on lists and their micro-operations, in columns.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::txn::{self, Txn, TxnEnd, WrittenPart, number};
use crate::{Doubt, History, OpIndex, Value};

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
    /// The elements of the lists that were read. A list that is a beginning of another one has its place.
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

    /// Whether a list that was read is a beginning of another one, `whole`.
    pub(super) fn begins(&self, whole: &Range<u32>, list: &Range<u32>) -> bool {
        let is_within = list.start == whole.start && list.end <= whole.end;
        is_within || self.list(whole).starts_with(self.list(list))
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
    keys: FxHashMap<Value, u32>,
    elements: FxHashMap<(u32, Value), u32>,
    /// For each key the longest list that was read so far, of those that each go on from the one before.
    longest: Vec<GrowingList>,
}

/// A list in a place where it can grow.
#[derive(Clone, Copy, Default)]
struct GrowingList {
    start: u32,
    len: u32,
    room: u32,
}

impl Reading {
    fn txn(&mut self, history: &History, op: OpIndex) -> Result<(), Doubt> {
        let operation = history.operation(op);
        let unsupported = |reason: &str| Doubt::Unsupported { op, reason: reason.to_owned() };
        let (start, txn) = (number(self.table.parts.len()), number(self.table.txns.len()));
        let mut it = Txn::new(&operation, start..start);
        for part in txn::parts(&operation)? {
            let WrittenPart { f, key, value } = part?;
            let key = self.key(key);
            let deed = match (f, value) {
                (Some("append"), _) => {
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
                (Some("r" | "read"), _) if it.end != TxnEnd::Committed => Deed::LostRead,
                (Some("r" | "read"), Value::Nil) => self.list(key, &[]),
                (Some("r" | "read"), Value::List(items)) => self.list(key, items),
                (Some("r" | "read"), _) => {
                    return Err(unsupported("it reads something that is not a list"));
                }
                _ => return Err(unsupported("only `append` and `r` of lists are judged")),
            };
            self.table.parts.push(MicroOp { txn, key, deed });
        }
        it.parts.end = number(self.table.parts.len());
        self.table.txns.push(it);
        Ok(())
    }

    fn key(&mut self, key: &Value) -> u32 {
        if let Some(&known) = self.keys.get(key) {
            return known;
        }
        let fresh = number(self.table.keys.len());
        self.table.keys.push(key.clone());
        self.longest.push(GrowingList::default());
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

    /// Most lists go on from one that was read before, or are a beginning of it: what is new of them alone
    /// is looked up and held. O(items) comparisons of values.
    fn list(&mut self, key: u32, items: &[Value]) -> Deed {
        let GrowingList { start, len, room } = self.longest[key as usize];
        let before = &self.table.read[start as usize..(start + len) as usize];
        let value = |element: &u32| &self.table.elements[*element as usize];
        let same = before.iter().zip(items).take_while(|(one, item)| value(one) == *item).count();
        let all = number(items.len());
        if same == items.len() {
            return Deed::Read(start..start + all);
        }
        if same < len as usize {
            return Deed::Read(self.list_apart(key, items));
        }
        let start = if all <= room { start } else { self.move_list(key, all) };
        for (place, item) in (start + len..).zip(&items[same..]) {
            self.table.read[place as usize] = self.element(key, item);
        }
        self.longest[key as usize].len = all;
        Deed::Read(start..start + all)
    }

    /// Holds a list by itself.
    fn list_apart(&mut self, key: u32, items: &[Value]) -> Range<u32> {
        let start = number(self.table.read.len());
        for item in items {
            let element = self.element(key, item);
            self.table.read.push(element);
        }
        start..number(self.table.read.len())
    }

    /// Makes a copy of the longest list of a key, with room for at least `all` elements: twice that, so that
    /// moving costs no more than growing does.
    fn move_list(&mut self, key: u32, all: u32) -> u32 {
        let GrowingList { start, len, .. } = self.longest[key as usize];
        let (moved, room) = (number(self.table.read.len()), 2 * all);
        self.table.read.extend_from_within(start as usize..(start + len) as usize);
        self.table.read.resize((moved + room) as usize, u32::MAX);
        self.longest[key as usize] = GrowingList { start: moved, len, room };
        moved
    }
}
