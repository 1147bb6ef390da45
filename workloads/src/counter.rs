//! The counter workload: small amounts are added, and sums are read.
//!
//! A few keys are in use at a time, each replaced after some dozens of operations. Amounts are drawn,
//! so that two additions of one key rarely make the sum that another two make, and a read tells
//! which of them it saw.

use rashomon_checker::{Consistency, ConvergenceKind, ModelKind};

use crate::definition::{Definition, Ending, Making, each};
use crate::generator::Source;
use crate::rotation::Rotation;
use crate::{Action, CounterOp, Generator, Op, OpKind, Place, Rng};

/// The workload.
pub(crate) const WORKLOAD: Definition = Definition {
    name: "counter",
    aliases: &[],
    summary: "adds of small amounts to a few counters at a time, and reads of their sums; \
              each is replaced after some dozens of operations; every replica is read at the end",
    needs: &[OpKind::CounterAdd, OpKind::CounterRead],
    model: ModelKind::Counter,
    final_reads: Some(ConvergenceKind::Counter),
    checks: &[Consistency::Linearizable, Consistency::Durable, Consistency::Convergent],
    invariants: &[],
    measure: None,
    generator,
    ending: Ending::Reads(|keys| each(keys, |key| Action::Counter(key, CounterOp::Read))),
};

/// The largest amount that is added.
const MOST: u64 = 9;

fn generator(making: &Making<'_>) -> Box<dyn Generator> {
    let mut counters = Rotation::new(making, "c");
    Box::new(Source::new(making.seed, move |rng: &mut Rng| {
        let at = rng.index(counters.len());
        let counter = counters.take(at);
        let op = match rng.below(2) {
            0 => CounterOp::Read,
            _ => CounterOp::Add(rng.between(1, MOST).cast_signed()),
        };
        Op { action: Action::Counter(counter.key(), op), place: Place::Any }
    }))
}

#[cfg(test)]
mod tests {
    use rashomon_checker::{ProcessId, Time};

    use crate::{Action, Context, CounterOp, Kind, Next, Seed, Sizes, Workload};

    #[test]
    fn small_amounts_are_added_and_a_counter_is_replaced_when_it_is_used_up() {
        let sizes =
            Sizes { lasts: Time(1_000), ops: None, rate: None, burst: 1, keys: 2, ops_per_key: 10 };
        let kind = Kind::Counter;
        let mut workload = Workload::new(kind, Seed(1), &sizes, kind.needs());
        let context = Context { now: Time(0), free: &[ProcessId(0)], processes: 1 };
        let mut asked = std::collections::BTreeMap::<String, Vec<CounterOp>>::new();
        for _ in 0..200 {
            let Next::Invoke { op, .. } = workload.load().next(&context) else {
                panic!("it goes on")
            };
            let Action::Counter(key, op) = op.action else { panic!("{op:?}") };
            asked.entry(key.to_string()).or_default().push(op);
        }
        assert!((20..=22).contains(&asked.len()), "{asked:?}");
        assert!(asked.values().all(|ops| ops.len() <= 10), "{asked:?}");
        let adds = asked.values().flatten().filter(|op| **op != CounterOp::Read).count();
        assert!((60..140).contains(&adds), "{adds} of 200");
        for op in asked.values().flatten() {
            assert!(matches!(op, CounterOp::Read | CounterOp::Add(1..=9)), "{op:?}");
        }
    }
}
