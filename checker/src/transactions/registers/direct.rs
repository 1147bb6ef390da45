//! Anomalies of single reads of registers, which need no order of versions.
//!
//! | class | what it is | weakest model that forbids it |
//! |---|---|---|
//! | `read-from-nowhere` | a value was read that no transaction writes | read committed |
//! | `g1a` | a value was read of a transaction that aborted | read committed |
//! | `g1b` | a value was read that another transaction overwrote itself | read committed |
//! | `internal` | a transaction did not read what it had read or written itself, or read what it wrote later | read atomic |
//! | `lost-update` | two transactions read the same value of a key, and both write the key after that | cursor stability and parallel snapshot isolation |

use std::collections::{BTreeMap, BTreeSet};

use super::table::{RegisterAct, RegisterTable};
use crate::AnomalyClass;
use crate::transactions::txn::TxnEnd;

/// Something wrong with what one transaction read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WrongRead {
    pub(super) class: AnomalyClass,
    pub(super) key: u32,
    /// The transactions that show it: the one that read first.
    pub(super) txns: Vec<u32>,
    /// The version that was read; `None` is the register before any write.
    pub(super) version: Option<u32>,
}

/// All of them, one of each class and key. O(n log n) for n micro-operations.
pub(super) fn find(table: &RegisterTable) -> Vec<WrongRead> {
    let mut found = BTreeMap::new();
    let mut note = |class: AnomalyClass, key: u32, txns: Vec<u32>, version: Option<u32>| {
        found.entry((class, key)).or_insert(WrongRead { class, key, txns, version });
    };
    for part in &table.parts {
        let RegisterAct::Read(Some(version)) = part.deed else { continue };
        let Some(writer) = table.writer(version) else {
            note(AnomalyClass::ReadFromNowhere, part.key, vec![part.txn], Some(version));
            continue;
        };
        let both = vec![part.txn, writer];
        if table.txns[writer as usize].end == TxnEnd::Aborted {
            note(AnomalyClass::AbortedRead, part.key, both, Some(version));
        } else if writer != part.txn && !table.versions[version as usize].is_last {
            note(AnomalyClass::IntermediateRead, part.key, both, Some(version));
        }
    }
    for (txn, place) in (0u32..).zip(&table.txns) {
        if place.end == TxnEnd::Committed && place.parts.len() > 1 {
            for (key, version) in internal(table, txn) {
                note(AnomalyClass::Internal, key, vec![txn], version);
            }
        }
    }
    for (key, version, one, other) in lost_updates(table) {
        note(AnomalyClass::LostUpdate, key, vec![one, other], version);
    }
    found.into_values().collect()
}

/// What a transaction read of a key although it knew better.
fn internal(table: &RegisterTable, txn: u32) -> Vec<(u32, Option<u32>)> {
    let mut known: BTreeMap<u32, Option<u32>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (place, part) in (table.txns[txn as usize].parts.start..).zip(table.parts_of(txn)) {
        match part.deed {
            RegisterAct::Write(version) => {
                known.insert(part.key, Some(version));
            }
            RegisterAct::Read(seen) => {
                let is_later = seen.is_some_and(|version| {
                    table.writer(version) == Some(txn)
                        && table.versions[version as usize].written_by > Some(place)
                });
                let is_other = known.insert(part.key, seen).is_some_and(|before| before != seen);
                if is_later || is_other {
                    wrong.push((part.key, seen));
                }
            }
            RegisterAct::LostRead => {}
        }
    }
    wrong
}

/// Pairs of transactions that read the same version of a key and both write the key after that.
fn lost_updates(table: &RegisterTable) -> Vec<(u32, Option<u32>, u32, u32)> {
    let mut first: BTreeMap<(u32, Option<u32>), u32> = BTreeMap::new();
    let mut found = Vec::new();
    for (txn, place) in (0u32..).zip(&table.txns) {
        if place.end != TxnEnd::Committed {
            continue;
        }
        // What was done to each key first, and whether it was written after that.
        let mut read: BTreeMap<u32, Option<u32>> = BTreeMap::new();
        let mut touched = BTreeSet::new();
        for part in table.parts_of(txn) {
            let is_first = touched.insert(part.key);
            match part.deed {
                // One that read what it writes later is wrong by itself.
                RegisterAct::Read(seen) if is_first => {
                    if seen.and_then(|it| table.writer(it)) != Some(txn) {
                        read.insert(part.key, seen);
                    }
                }
                RegisterAct::Write(_) => {
                    let Some(seen) = read.remove(&part.key) else { continue };
                    match first.get(&(part.key, seen)) {
                        None => {
                            first.insert((part.key, seen), txn);
                        }
                        Some(&other) => found.push((part.key, seen, other, txn)),
                    }
                }
                RegisterAct::Read(_) | RegisterAct::LostRead => {}
            }
        }
    }
    found
}
