//! The cart workload: elements are added to sets and removed from them, and whole sets are read.
//!
//! As the items of a shopping cart. A process that has read a set next removes one of the elements that were
//! seen there, or adds one: a new one, or one of those, whether or not it is still there. So additions and
//! removals of one element meet, of which the additions must win. A few sets are in use at a time.

use std::collections::BTreeMap;

use rashomon_checker::{Consistency, ConvergenceKind, Invariant, ModelKind, ProcessId, Time};

use crate::definition::{Definition, Ending, Making, each};
use crate::rotation::Rotation;
use crate::{
    Action, Completion, Context, Generator, Key, Next, Op, OpKind, OrSetOp, Place, Returned, Rng,
};

/// The workload.
pub(crate) const WORKLOAD: Definition = Definition {
    name: "cart",
    aliases: &[],
    summary: "adds and removes of elements of a few sets at a time, and reads of whole sets; an addition wins \
              over a removal that has not observed it; every replica is read at the end",
    needs: &[OpKind::OrSetAdd, OpKind::OrSetRemove, OpKind::OrSetRead],
    model: ModelKind::Set,
    final_reads: Some(ConvergenceKind::Set),
    // What a removal may take away is for the invariant to tell.
    checks: &[Consistency::Convergent],
    invariants: &[Invariant::OrSet],
    measure: None,
    generator,
    ending: Ending::Reads(|keys| each(keys, |key| Action::OrSet(key, OrSetOp::Read))),
};

struct Carts {
    rng: Rng,
    used: Rotation,
    /// What was last read of each set in use.
    seen: Vec<Option<(Key, Vec<i64>)>>,
    /// The set that each process has read and not changed since.
    read: BTreeMap<ProcessId, Key>,
}

fn generator(making: &Making<'_>) -> Box<dyn Generator> {
    let used = Rotation::new(making, "cart");
    let seen = vec![None; used.len()];
    Box::new(Carts { rng: making.seed.rng(), used, seen, read: BTreeMap::new() })
}

impl Carts {
    fn make(&mut self, process: ProcessId) -> Op {
        let read = self.read.remove(&process).and_then(|key| self.used.place(&key));
        let at = read.unwrap_or_else(|| self.rng.index(self.used.len()));
        let set = self.used.take(at);
        let key = set.key();
        let seen = self.seen[at].as_ref().filter(|(of, seen)| *of == key && !seen.is_empty());
        let one = seen.map(|(_, seen)| seen[self.rng.index(seen.len())]);
        let op = match (read, one, self.rng.below(4)) {
            (Some(_), Some(element), 0 | 1) => OrSetOp::Remove(element),
            (Some(_), Some(element), 2) => OrSetOp::Add(element),
            (Some(_), _, _) => OrSetOp::Add(set.value()),
            (None, _, _) => {
                self.read.insert(process, key.clone());
                OrSetOp::Read
            }
        };
        Op { action: Action::OrSet(key, op), place: Place::Any }
    }
}

impl Generator for Carts {
    fn next(&mut self, context: &Context<'_>) -> Next {
        let Some(process) = context.any_free(&mut self.rng) else {
            return Next::Pending(Time(u64::MAX));
        };
        Next::Invoke { process, op: self.make(process) }
    }

    fn observe(&mut self, op: &Op, completion: &Completion) {
        let Action::OrSet(key, OrSetOp::Read) = &op.action else { return };
        let Completion::Ok(Returned::Items(items)) = completion else { return };
        if let Some(at) = self.used.place(key) {
            self.seen[at] = Some((key.clone(), items.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{Kind, Seed, Sizes, Workload};

    /// Against a set that does what it is asked.
    #[test]
    fn elements_that_were_seen_are_removed_and_added_again() {
        let sizes =
            Sizes { lasts: Time(1_000), ops: None, rate: None, burst: 1, keys: 2, ops_per_key: 90 };
        let kind = Kind::Cart;
        let mut workload = Workload::new(kind, Seed(1), &sizes, kind.needs());
        let context = Context { now: Time(0), free: &[ProcessId(0)], processes: 1 };
        let mut sets: BTreeMap<Key, BTreeSet<i64>> = BTreeMap::new();
        let mut ever = BTreeSet::new();
        let (mut removed, mut anew, mut again) = (0, 0, 0);
        for _ in 0..2_000 {
            let Next::Invoke { op, .. } = workload.load().next(&context) else {
                panic!("it goes on")
            };
            let Action::OrSet(key, asked) = &op.action else { panic!("{op:?}") };
            let set = sets.entry(key.clone()).or_default();
            let returned = match *asked {
                OrSetOp::Read => Returned::Items(set.iter().copied().collect()),
                OrSetOp::Add(element) => {
                    set.insert(element);
                    let is_new = ever.insert((key.clone(), element));
                    (anew, again) = (anew + u32::from(is_new), again + u32::from(!is_new));
                    Returned::Done
                }
                OrSetOp::Remove(element) => {
                    removed += u32::from(set.remove(&element));
                    Returned::Done
                }
            };
            workload.load().observe(&op, &Completion::Ok(returned));
        }
        assert!(removed > 250 && anew > 250 && again > 100, "{removed} {anew} {again}");
    }
}
