//! A multi-value register: exactly those values that no other write had seen.
//!
//! The register of Dynamo (`DeCandia` et al., SOSP 2007) and Riak, by dotted version vectors
//! ([`Context`]). A write overwrites what its client had read and nothing else, so concurrent writes stay
//! beside each other as *siblings*, until a client reads and overwrites them. No clock is looked at.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::context::{Context, Dot};
use crate::Value;
use crate::store::Fnv;

/// What is held of a multi-value register, or is to be joined to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Siblings {
    /// The values that were not overwritten, by their writes.
    values: BTreeMap<Dot, Value>,
    /// Every write that is known of. One that is not among the values was overwritten.
    seen: Context,
}

impl Siblings {
    /// A write of `value` by a client that had seen `context`.
    pub(super) fn write(dot: Dot, value: Value, context: Context) -> Self {
        let mut seen = context;
        seen.see(dot);
        Self { values: BTreeMap::from([(dot, value)]), seen }
    }

    /// The values, in ascending order.
    pub(super) fn values(&self) -> Vec<Value> {
        let mut values: Vec<Value> = self.values.values().copied().collect();
        values.sort_unstable();
        values
    }

    /// Which writes a client that reads it has seen.
    pub(super) fn context(&self) -> &Context {
        &self.seen
    }

    /// Takes the values that neither side knows to be overwritten; `false` if that changed nothing.
    pub(super) fn join(&mut self, other: &Self) -> bool {
        let before = self.values.len();
        self.values.retain(|&dot, _| other.values.contains_key(&dot) || !other.seen.has(dot));
        let mut changed = self.values.len() < before;
        for (&dot, &value) in &other.values {
            if !self.seen.has(dot) {
                self.values.insert(dot, value);
                changed = true;
            }
        }
        self.seen.join(&other.seen) || changed
    }

    /// The planted bug: keeps only the value whose write has the greatest number; `false` if there was no
    /// other.
    pub(super) fn drop_all_but_the_last(&mut self) -> bool {
        let last = self.values.keys().copied().max_by_key(|dot| (dot.number, dot.life));
        let before = self.values.len();
        self.values.retain(|dot, _| Some(*dot) == last);
        self.values.len() < before
    }

    pub(super) fn hash_into(&self, hash: &mut Fnv) {
        hash.number(self.values.len() as u64);
        for (dot, value) in &self.values {
            dot.hash_into(hash);
            hash.number(value.cast_unsigned());
        }
        self.seen.hash_into(hash);
    }
}

#[cfg(test)]
mod tests {
    use super::super::context::Life;
    use super::*;
    use crate::NodeId;

    fn write(node: u16, number: u64, context: &Context) -> Siblings {
        let dot = Dot { life: Life { node: NodeId(node), incarnation: 1 }, number };
        Siblings::write(dot, i64::from(node) * 10 + number.cast_signed(), context.clone())
    }

    fn joined(parts: &[&Siblings]) -> Siblings {
        let mut all = Siblings::default();
        for part in parts {
            all.join(part);
        }
        all
    }

    #[test]
    fn concurrent_writes_stay_and_a_write_overwrites_what_its_client_had_read() {
        let none = Context::default();
        let (one, two) = (write(1, 1, &none), write(2, 1, &none));
        let read = joined(&[&one, &two]);
        assert_eq!(read.values(), [11, 21]);
        let over = write(1, 2, read.context());
        let blind = write(3, 1, &none);
        // In whichever order a replica hears of them, and how often.
        for order in [[&one, &two, &over, &blind], [&over, &blind, &two, &one]] {
            let mut held = joined(&order);
            assert_eq!(held.values(), [12, 31]);
            let before = held.clone();
            assert!(order.iter().all(|part| !held.join(part)) && held == before);
        }
    }

    #[test]
    fn two_writes_with_the_same_context_are_siblings_even_at_one_coordinator() {
        let none = Context::default();
        let held = joined(&[&write(1, 1, &none), &write(1, 2, &none)]);
        assert_eq!(held.values(), [11, 12]);
    }

    /// Where a vector alone would do for a context, the first write would be lost.
    #[test]
    fn who_has_read_the_second_write_of_a_coordinator_has_not_seen_its_first() {
        let none = Context::default();
        let (first, second) = (write(1, 1, &none), write(1, 2, &none));
        let over = write(2, 1, second.context());
        assert_eq!(joined(&[&second, &over, &first]).values(), [11, 21]);
    }
}
