//! Transactions on registers and their micro-operations, in columns.

use rustc_hash::FxHashMap;

use crate::plant::{Bug, planted};
use crate::transactions::txn::{self, Txn, TxnEnd, WrittenPart, number};
use crate::{Doubt, History, OpIndex, Value};

/// What a micro-operation does to a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RegisterAct {
    /// Writes the version of this number.
    Write(u32),
    /// Read this version; `None` is the register before any write.
    Read(Option<u32>),
    /// Read something, and it is not known what.
    LostRead,
}

/// A micro-operation on a register.
#[derive(Clone, Copy, Debug)]
pub(super) struct RegisterPart {
    pub(super) txn: u32,
    pub(super) key: u32,
    pub(super) deed: RegisterAct,
}

/// A value of a register.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub(super) key: u32,
    pub(super) value: Value,
    /// The part that writes it.
    pub(super) written_by: Option<u32>,
    /// Whether its transaction writes no other version of the key after it.
    pub(super) is_last: bool,
}

/// A version that was read of another transaction, or the register before any write.
#[derive(Clone, Copy, Debug)]
pub(super) struct OutsideRead {
    pub(super) txn: u32,
    /// The micro-operation.
    pub(super) part: u32,
    pub(super) key: u32,
    /// The version, which a transaction that counts left, and that transaction.
    pub(super) seen: Option<(u32, u32)>,
}

/// The transactions of a history. Versions have a number for each key and value.
#[derive(Debug, Default)]
pub(super) struct RegisterTable {
    pub(super) txns: Vec<Txn>,
    pub(super) parts: Vec<RegisterPart>,
    pub(super) keys: Vec<Value>,
    pub(super) versions: Vec<Version>,
    /// Whether each transaction counts: it committed, or something that it wrote was read.
    pub(super) counts: Vec<bool>,
}

/// Whether the transactions of a history are those of registers: one writes, or, if none appends, one read
/// something that is not a list.
pub(crate) fn are_there(history: &History) -> bool {
    let mut has_scalar = false;
    for op in history.indices() {
        let operation = history.operation(op);
        let Ok(parts) = txn::parts(&operation) else { continue };
        for WrittenPart { f, value, .. } in parts.filter_map(Result::ok) {
            match f {
                Some("append") => return false,
                Some("w" | "write") => return true,
                _ => has_scalar |= !matches!(value, Value::Nil | Value::List(_)),
            }
        }
    }
    has_scalar
}

impl RegisterTable {
    /// The transactions of `history` at these places.
    ///
    /// # Errors
    ///
    /// If an operation is no transaction of writes and reads of registers, or if a value is written to a key
    /// twice.
    pub(super) fn new(
        history: &History,
        ops: impl Iterator<Item = OpIndex>,
    ) -> Result<Self, Doubt> {
        let mut reading = Reading::default();
        for op in ops {
            reading.txn(history, op)?;
        }
        let mut it = reading.table;
        it.mark_last();
        it.counts = it.txns.iter().map(|txn| txn.end == TxnEnd::Committed).collect();
        for part in &it.parts {
            let RegisterAct::Read(Some(version)) = part.deed else { continue };
            let Some(writer) = it.writer(version) else { continue };
            let is_unknown = it.txns[writer as usize].end == TxnEnd::Unknown;
            it.counts[writer as usize] |= is_unknown && !planted(Bug::TxnForgetUnknown);
        }
        Ok(it)
    }

    /// The transaction that writes a version.
    pub(super) fn writer(&self, version: u32) -> Option<u32> {
        let part = self.versions[version as usize].written_by?;
        Some(self.parts[part as usize].txn)
    }

    /// The first transaction that read something that this one wrote.
    pub(super) fn reader_of(&self, writer: u32) -> Option<u32> {
        self.parts.iter().find_map(|part| match part.deed {
            RegisterAct::Read(Some(version)) if self.writer(version) == Some(writer) => {
                Some(part.txn)
            }
            _ => None,
        })
    }

    pub(super) fn parts_of(&self, txn: u32) -> &[RegisterPart] {
        let parts = &self.txns[txn as usize].parts;
        &self.parts[parts.start as usize..parts.end as usize]
    }

    /// What transactions that count read of others: of versions that were left, and of registers before any
    /// write. In the order of the history.
    pub(super) fn outside_reads(&self) -> impl Iterator<Item = OutsideRead> {
        (0u32..).zip(&self.parts).filter_map(|(part, it)| {
            let &RegisterPart { txn, key, deed: RegisterAct::Read(version) } = it else {
                return None;
            };
            let seen = match version {
                None if planted(Bug::RegistersForgetInitial) => return None,
                None => None,
                Some(version) => {
                    let writer = self.writer(version)?;
                    let is_left = self.versions[version as usize].is_last;
                    let is_other = writer != txn && self.counts[writer as usize];
                    Some((is_left && is_other).then_some((version, writer))?)
                }
            };
            self.counts[txn as usize].then_some(OutsideRead { txn, part, key, seen })
        })
    }

    fn mark_last(&mut self) {
        // Back from its end, the first write of a key by a transaction is the one it leaves.
        let mut last_writer = vec![u32::MAX; self.keys.len()];
        for part in self.parts.iter().rev() {
            if let RegisterAct::Write(version) = part.deed {
                let last = &mut last_writer[part.key as usize];
                self.versions[version as usize].is_last = *last != part.txn;
                *last = part.txn;
            }
        }
    }
}

/// What is known while a history is read.
#[derive(Default)]
struct Reading {
    table: RegisterTable,
    keys: FxHashMap<Value, u32>,
    versions: FxHashMap<(u32, Value), u32>,
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
                (Some("w" | "write"), Value::Nil) => {
                    return Err(unsupported(
                        "it writes nil, which is what a register holds before any write, so that a \
                         read does not tell which it saw",
                    ));
                }
                (Some("w" | "write"), _) => {
                    let version = self.version(key, value);
                    let place = number(self.table.parts.len());
                    let before = &mut self.table.versions[version as usize].written_by;
                    if before.replace(place).is_some() {
                        return Err(unsupported(
                            "it writes a value that was written to that key before, so that a read \
                             does not tell which it saw",
                        ));
                    }
                    RegisterAct::Write(version)
                }
                (Some("r" | "read"), _) if it.end != TxnEnd::Committed => RegisterAct::LostRead,
                (Some("r" | "read"), Value::Nil) => RegisterAct::Read(None),
                (Some("r" | "read"), _) => RegisterAct::Read(Some(self.version(key, value))),
                _ => return Err(unsupported("only `w` and `r` of registers are judged")),
            };
            self.table.parts.push(RegisterPart { txn, key, deed });
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
        self.keys.insert(key.clone(), fresh);
        fresh
    }

    fn version(&mut self, key: u32, value: &Value) -> u32 {
        let fresh = number(self.table.versions.len());
        let version = *self.versions.entry((key, value.clone())).or_insert(fresh);
        if version == fresh {
            let value = value.clone();
            self.table.versions.push(Version { key, value, written_by: None, is_last: false });
        }
        version
    }
}
