//! What a replica holds: registers, grow-only sets and counters.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Answer, Digest, FailCode, Key, KvOp, Returned, Value};

/// A key-value store in memory; the state machine behind a replicated log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    registers: BTreeMap<Key, Value>,
    sets: BTreeMap<Key, BTreeSet<Value>>,
    counters: BTreeMap<Key, Value>,
}

impl Store {
    /// Applies `op` and says what its client is to be told.
    pub fn apply(&mut self, op: &KvOp) -> Answer {
        match op {
            KvOp::Get { .. } | KvOp::Elements { .. } | KvOp::Count { .. } => self.read(op),
            KvOp::Put { key, value } => {
                match self.registers.get_mut(key) {
                    Some(held) => *held = *value,
                    None => _ = self.registers.insert(key.clone(), *value),
                }
                Answer::done()
            }
            KvOp::Cas { key, old, new } => match self.registers.get_mut(key) {
                Some(value) if value == old => {
                    *value = *new;
                    Answer::done()
                }
                _ => Answer::fail(FailCode::CasMismatch),
            },
            KvOp::Add { key, element } => {
                self.sets.entry(key.clone()).or_default().insert(*element);
                Answer::done()
            }
            KvOp::Increment { key, by } => {
                let counter = self.counters.entry(key.clone()).or_default();
                *counter = counter.wrapping_add(*by);
                Answer::done()
            }
        }
    }

    /// Answers a read; a write is answered [`FailCode::Unsupported`].
    pub fn read(&self, op: &KvOp) -> Answer {
        let returned = match op {
            KvOp::Get { key } => Returned::Value(self.registers.get(key).copied()),
            KvOp::Elements { key } => Returned::Elements(
                self.sets.get(key).map(|set| set.iter().copied().collect()).unwrap_or_default(),
            ),
            KvOp::Count { key } => {
                Returned::Count(self.counters.get(key).copied().unwrap_or_default())
            }
            KvOp::Put { .. } | KvOp::Cas { .. } | KvOp::Add { .. } | KvOp::Increment { .. } => {
                return Answer::fail(FailCode::Unsupported);
            }
        };
        Answer::Ok { returned }
    }

    /// A hash of all it holds.
    pub fn digest(&self) -> Digest {
        let mut hash = Fnv::default();
        for (key, value) in &self.registers {
            hash.bytes(key.as_bytes());
            hash.number(value.cast_unsigned());
        }
        for (key, set) in &self.sets {
            hash.bytes(key.as_bytes());
            for element in set {
                hash.number(element.cast_unsigned());
            }
        }
        for (key, counter) in &self.counters {
            hash.bytes(key.as_bytes());
            hash.number(counter.cast_unsigned());
        }
        Digest(hash.0)
    }
}

impl<'a> FromIterator<&'a KvOp> for Store {
    /// What a log makes, from its first entry on.
    fn from_iter<T: IntoIterator<Item = &'a KvOp>>(log: T) -> Self {
        let mut store = Self::default();
        for op in log {
            store.apply(op);
        }
        store
    }
}

/// FNV-1a, 64 bits: small, fixed for ever, and good enough against accidents.
pub(crate) struct Fnv(pub(crate) u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    /// Mixes bytes, and their length, so that neighbours cannot run into each other.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// Mixes a number.
    pub(crate) fn number(&mut self, number: u64) {
        for byte in number.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
