//! Values with dots: a multi-value register, and an observed-remove set.
//!
//! The register is that of Dynamo (`DeCandia` et al., SOSP 2007) and Riak, by dotted version vectors
//! ([`Context`]). A write overwrites what its client had read and nothing else, so concurrent writes stay
//! beside each other as *siblings*, until a client reads and overwrites them.
//!
//! The set is the OR-set without tombstones of Bieniusa et al. ("An optimized conflict-free replicated set",
//! INRIA RR-8083, 2012). Each addition of an element has a dot. A removal takes away those additions that
//! its coordinator observes, so an addition that is concurrent with it wins. What was removed is not kept:
//! a dot that is seen and has no value is of an addition that was removed, and so is never taken for new.
//!
//! No clock is looked at.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::context::{Context, Dot};
use crate::Value;
use crate::store::Fnv;

/// What is held of such an object, or is to be joined to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dotted {
    /// The values that were not overwritten or removed, by their writes.
    values: BTreeMap<Dot, Value>,
    /// Every write that is known of. One that is not among the values was overwritten or removed.
    seen: Context,
}

impl Dotted {
    /// A write of `value` by a client that had seen `context`.
    pub(super) fn write(dot: Dot, value: Value, context: Context) -> Self {
        let mut seen = context;
        seen.see(dot);
        Self { values: BTreeMap::from([(dot, value)]), seen }
    }

    /// The removal of those additions of `element` that are observed; `None` if none is.
    pub(super) fn remove(&self, element: Value) -> Option<Self> {
        let mut seen = Context::default();
        let additions = self.values.iter().filter(|(_, value)| **value == element);
        additions.for_each(|(&dot, _)| seen.see(dot));
        (!seen.is_empty()).then(|| Self { values: BTreeMap::new(), seen })
    }

    /// The values, in ascending order.
    pub(super) fn values(&self) -> Vec<Value> {
        let mut values: Vec<Value> = self.values.values().copied().collect();
        values.sort_unstable();
        values
    }

    /// The values, each once, in ascending order.
    pub(super) fn elements(&self) -> Vec<Value> {
        let mut elements = self.values();
        elements.dedup();
        elements
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

    /// The planted bug: a removal takes away every addition of its element. `false` if it observed them all.
    pub(super) fn remove_unobserved(&mut self, removal: &Self) -> bool {
        let observed = self.values.iter().filter(|(dot, _)| removal.seen.has(**dot));
        let elements: Vec<Value> = observed.map(|(_, &value)| value).collect();
        let before = self.values.len();
        let is_removal = removal.values.is_empty();
        self.values.retain(|dot, value| {
            !is_removal || removal.seen.has(*dot) || !elements.contains(value)
        });
        self.values.len() < before
    }

    /// The planted bug: takes every value of the other side; `false` if none of them was removed here.
    pub(super) fn take_all(&mut self, other: &Self) -> bool {
        let before = self.values.len();
        let removed = |dot: &Dot| self.seen.has(*dot) && !self.values.contains_key(dot);
        let back: Vec<(Dot, Value)> = other
            .values
            .iter()
            .filter(|(dot, _)| removed(dot))
            .map(|(&dot, &it)| (dot, it))
            .collect();
        self.values.extend(back);
        self.values.len() > before
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

    fn write(node: u16, number: u64, context: &Context) -> Dotted {
        let dot = Dot { life: Life { node: NodeId(node), incarnation: 1 }, number };
        Dotted::write(dot, i64::from(node) * 10 + number.cast_signed(), context.clone())
    }

    #[test]
    fn an_addition_that_a_removal_has_not_observed_wins() {
        let none = Context::default();
        let element = |node, number| {
            let dot = Dot { life: Life { node: NodeId(node), incarnation: 1 }, number };
            Dotted::write(dot, 7, none.clone())
        };
        let (first, second) = (element(1, 1), element(1, 2));
        let removal = first.remove(7).unwrap();
        assert_eq!(first.remove(8), None, "it is not there");
        for order in [[&first, &second, &removal], [&removal, &second, &first]] {
            assert_eq!(joined(&order).elements(), [7]);
        }
        let both = joined(&[&first, &second]);
        assert_eq!((both.elements(), both.values()), (vec![7], vec![7, 7]));
        let held = joined(&[&both.remove(7).unwrap(), &second, &first]);
        assert!(held.elements().is_empty(), "what comes late was removed before");
    }

    fn joined(parts: &[&Dotted]) -> Dotted {
        let mut all = Dotted::default();
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
