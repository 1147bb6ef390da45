//! What a replica holds: registers, grow-only sets, counters, lists, queues and locks.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::{Answer, Digest, FailCode, Key, KvOp, Micro, MicroReturned, Returned, Value};

/// A key-value store in memory; the state machine behind a replicated log.
///
/// A key has a register, a set, a counter, a list, a queue and a lock of its own: what a client asks says
/// which of them it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    registers: BTreeMap<Key, Value>,
    sets: BTreeMap<Key, BTreeSet<Value>>,
    counters: BTreeMap<Key, Value>,
    lists: BTreeMap<Key, Vec<Value>>,
    queues: BTreeMap<Key, VecDeque<Value>>,
    locks: BTreeMap<Key, Lock>,
}

/// A lock that was acquired at some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Lock {
    owner: Option<Value>,
    /// How often it was acquired.
    number: Value,
}

impl Store {
    /// Applies `op` and says what its client is to be told.
    pub fn apply(&mut self, op: &KvOp) -> Answer {
        match op {
            KvOp::Get { .. }
            | KvOp::Elements { .. }
            | KvOp::Count { .. }
            | KvOp::Items { .. }
            | KvOp::Values { .. }
            | KvOp::Assign { .. }
            | KvOp::Insert { .. }
            | KvOp::Remove { .. }
            | KvOp::Members { .. } => return self.read(op),
            KvOp::Put { key, value } => self.write(key, *value),
            KvOp::Cas { key, old, new } => match self.registers.get_mut(key) {
                Some(value) if value == old => *value = *new,
                _ => return Answer::fail(FailCode::CasMismatch),
            },
            KvOp::Add { key, element } => {
                self.sets.entry(key.clone()).or_default().insert(*element);
            }
            KvOp::Increment { key, by } => {
                let counter = self.counters.entry(key.clone()).or_default();
                *counter = counter.wrapping_add(*by);
            }
            KvOp::Append { key, item } => self.append(key, *item),
            KvOp::Enqueue { key, item } => {
                self.queues.entry(key.clone()).or_default().push_back(*item);
            }
            KvOp::Dequeue { key } => {
                let first = self.queues.get_mut(key).and_then(VecDeque::pop_front);
                return Answer::Ok { returned: Returned::Value(first) };
            }
            KvOp::Acquire { key, owner } => return self.acquire(key, *owner),
            KvOp::Release { key, owner } => match self.locks.get_mut(key) {
                Some(lock) if lock.owner == Some(*owner) => lock.owner = None,
                _ => return Answer::fail(FailCode::LockRefused),
            },
            KvOp::Transaction { parts } => return self.transact(parts),
        }
        Answer::done()
    }

    fn write(&mut self, key: &Key, value: Value) {
        match self.registers.get_mut(key) {
            Some(held) => *held = value,
            None => _ = self.registers.insert(key.clone(), value),
        }
    }

    fn append(&mut self, key: &Key, item: Value) {
        self.lists.entry(key.clone()).or_default().push(item);
    }

    fn acquire(&mut self, key: &Key, owner: Value) -> Answer {
        let lock = self.locks.entry(key.clone()).or_default();
        if lock.owner.is_some() {
            return Answer::fail(FailCode::LockRefused);
        }
        lock.owner = Some(owner);
        lock.number += 1;
        Answer::Ok { returned: Returned::Acquired(lock.number) }
    }

    /// Who holds a lock.
    pub(crate) fn owner(&self, key: &Key) -> Option<Value> {
        self.locks.get(key)?.owner
    }

    /// All parts or none: whether what is compared holds is decided before the first is done.
    fn transact(&mut self, parts: &[Micro]) -> Answer {
        let holds = |part: &Micro| match part {
            Micro::Compare { key, expected } => self.registers.get(key) == expected.as_ref(),
            Micro::Read { .. } | Micro::Write { .. } | Micro::Append { .. } => true,
        };
        if !parts.iter().all(holds) {
            return Answer::fail(FailCode::CasMismatch);
        }
        let each = parts.iter().map(|part| match part {
            Micro::Compare { .. } => MicroReturned::Done,
            Micro::Read { key } => self.read_any(key),
            Micro::Write { key, value } => {
                self.write(key, *value);
                MicroReturned::Done
            }
            Micro::Append { key, item } => {
                self.append(key, *item);
                MicroReturned::Done
            }
        });
        Answer::Ok { returned: Returned::Transaction(each.collect()) }
    }

    /// What is held of a list of this key, if there is one, or else of a register.
    fn read_any(&self, key: &Key) -> MicroReturned {
        match self.lists.get(key) {
            Some(items) => MicroReturned::Items(items.clone()),
            None => MicroReturned::Value(self.registers.get(key).copied()),
        }
    }

    /// Answers a read; what is none is answered [`FailCode::Unsupported`].
    pub fn read(&self, op: &KvOp) -> Answer {
        let returned = match op {
            KvOp::Get { key } => Returned::Value(self.registers.get(key).copied()),
            KvOp::Elements { key } => Returned::Elements(
                self.sets.get(key).map(|set| set.iter().copied().collect()).unwrap_or_default(),
            ),
            KvOp::Count { key } => {
                Returned::Count(self.counters.get(key).copied().unwrap_or_default())
            }
            KvOp::Items { key } => {
                Returned::Items(self.lists.get(key).cloned().unwrap_or_default())
            }
            KvOp::Transaction { parts } if op.is_read() => {
                Returned::Transaction(parts.iter().map(|part| self.read_any(part.key())).collect())
            }
            // No two operations are concurrent here, so nothing is kept apart that only concurrent ones need.
            KvOp::Values { .. }
            | KvOp::Assign { .. }
            | KvOp::Insert { .. }
            | KvOp::Remove { .. }
            | KvOp::Members { .. }
            | KvOp::Put { .. }
            | KvOp::Cas { .. }
            | KvOp::Add { .. }
            | KvOp::Increment { .. }
            | KvOp::Append { .. }
            | KvOp::Enqueue { .. }
            | KvOp::Dequeue { .. }
            | KvOp::Acquire { .. }
            | KvOp::Release { .. }
            | KvOp::Transaction { .. } => return Answer::fail(FailCode::Unsupported),
        };
        Answer::Ok { returned }
    }

    /// A hash of all it holds.
    pub fn digest(&self) -> Digest {
        let mut hash = Fnv::default();
        for (key, value) in &self.registers {
            hash.values(key, [value]);
        }
        for (key, set) in &self.sets {
            hash.values(key, set);
        }
        for (key, counter) in &self.counters {
            hash.values(key, [counter]);
        }
        for (key, list) in &self.lists {
            hash.values(key, list);
        }
        for (key, queue) in &self.queues {
            hash.values(key, queue);
        }
        for (key, lock) in &self.locks {
            hash.values(key, [&lock.number].into_iter().chain(&lock.owner));
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

    /// Mixes a key and what is held under it.
    fn values<'a>(&mut self, key: &Key, values: impl IntoIterator<Item = &'a Value>) {
        self.bytes(key.as_bytes());
        values.into_iter().for_each(|value| self.number(value.cast_unsigned()));
    }

    /// Mixes a number.
    pub(crate) fn number(&mut self, number: u64) {
        for byte in number.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        name.into()
    }

    fn returned(returned: Returned) -> Answer {
        Answer::Ok { returned }
    }

    #[test]
    fn a_transaction_whose_comparison_fails_does_nothing_at_all() {
        let mut store = Store::default();
        store.apply(&KvOp::Put { key: key("a"), value: 1 });
        let before = store.clone();
        let compare = |expected| Micro::Compare { key: key("a"), expected };
        let append = Micro::Append { key: key("l"), item: 7 };
        let write = Micro::Write { key: key("a"), value: 2 };
        let asked = |expected| KvOp::Transaction {
            parts: vec![append.clone(), write.clone(), compare(expected)],
        };
        for wrong in [None, Some(2)] {
            assert_eq!(store.apply(&asked(wrong)), Answer::fail(FailCode::CasMismatch));
            assert_eq!((&store, store.digest()), (&before, before.digest()));
        }
        let done = returned(Returned::Transaction(vec![MicroReturned::Done; 3]));
        assert_eq!(store.apply(&asked(Some(1))), done, "what is compared was held before it");
        assert_ne!(store.digest(), before.digest());
        let read = KvOp::Transaction {
            parts: ["a", "l", "b"].map(|name| Micro::Read { key: key(name) }).to_vec(),
        };
        let held = Returned::Transaction(vec![
            MicroReturned::Value(Some(2)),
            MicroReturned::Items(vec![7]),
            MicroReturned::Value(None),
        ]);
        assert_eq!(store.read(&read), returned(held.clone()));
        assert_eq!(store.apply(&read), returned(held));
    }

    #[test]
    fn a_read_in_a_transaction_sees_what_the_transaction_did_before() {
        let parts = vec![
            Micro::Read { key: key("l") },
            Micro::Append { key: key("l"), item: 7 },
            Micro::Read { key: key("l") },
        ];
        let seen = Store::default().apply(&KvOp::Transaction { parts });
        let [nothing, done] = [MicroReturned::Value(None), MicroReturned::Done];
        let items = MicroReturned::Items(vec![7]);
        assert_eq!(seen, returned(Returned::Transaction(vec![nothing, done, items])));
    }

    #[test]
    fn a_queue_gives_back_what_went_in_first_and_each_once() {
        let mut store = Store::default();
        for item in [5, 3] {
            assert_eq!(store.apply(&KvOp::Enqueue { key: key("q"), item }), Answer::done());
        }
        let mut take = || store.apply(&KvOp::Dequeue { key: key("q") });
        let taken = [take(), take(), take()];
        assert_eq!(taken, [Some(5), Some(3), None].map(|it| returned(Returned::Value(it))));
    }

    #[test]
    fn a_lock_has_one_owner_at_a_time_and_every_acquisition_a_greater_number() {
        let mut store = Store::default();
        let acquire = |owner| KvOp::Acquire { key: key("l"), owner };
        let release = |owner| KvOp::Release { key: key("l"), owner };
        let refused = Answer::fail(FailCode::LockRefused);
        assert_eq!(store.apply(&release(1)), refused, "nobody holds it");
        assert_eq!(store.apply(&acquire(1)), returned(Returned::Acquired(1)));
        for other in [acquire(2), acquire(1), release(2)] {
            assert_eq!(store.apply(&other), refused, "{other:?}");
        }
        assert_eq!(store.apply(&release(1)), Answer::done());
        assert_eq!(store.apply(&acquire(2)), returned(Returned::Acquired(2)));
    }
}
