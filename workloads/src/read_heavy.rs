//! The read-heavy workload: nine reads to a write, and a few keys that most clients want.
//!
//! Keys are drawn by Zipf's law with exponent 1: the second is asked half as often as the first, the third
//! a third as often. So caches and copies are used as a service of many readers uses them, and stale copies
//! of a popular key meet many readers. There is no compare-and-set; every written value is unique within
//! its key.

use rashomon_checker::{Consistency, ConvergenceKind, ModelKind};

use crate::definition::{Definition, Ending, Making, each};
use crate::generator::Source;
use crate::rotation::Rotation;
use crate::{Action, Generator, Op, OpKind, Place, RegisterOp, Rng};

/// The workload.
pub(crate) const WORKLOAD: Definition = Definition {
    name: "read-heavy",
    aliases: &[],
    summary: "nine reads to a write over a few registers at a time, most of them of the first ones \
              (Zipf), each replaced after some dozens of operations; unique values",
    needs: &[OpKind::RegisterRead, OpKind::RegisterWrite],
    model: ModelKind::CasRegister,
    final_reads: Some(ConvergenceKind::Register),
    checks: &[
        Consistency::Linearizable,
        Consistency::Regular,
        Consistency::Prefix,
        Consistency::Durable,
        Consistency::Convergent,
    ],
    invariants: &[],
    measure: None,
    generator,
    ending: Ending::Reads(|keys| each(keys, |key| Action::Register(key, RegisterOp::Read))),
};

/// The chances of a read, of a thousand.
const READS_PER_MILLE: u16 = 900;
/// The weight of the first key.
const FIRST: u64 = 1_000_000;

fn generator(making: &Making<'_>) -> Box<dyn Generator> {
    let mut registers = Rotation::new(making, "k");
    Box::new(Source::new(making.seed, move |rng: &mut Rng| {
        let at = by_zipf(registers.len(), rng);
        let register = registers.take(at);
        let op = if rng.per_mille(READS_PER_MILLE) {
            RegisterOp::Read
        } else {
            RegisterOp::Write(register.value())
        };
        Op { action: Action::Register(register.key(), op), place: Place::Any }
    }))
}

/// A place below `len`, each as often as one divided by its rank. In whole numbers, so that it is the same
/// on every machine.
fn by_zipf(len: usize, rng: &mut Rng) -> usize {
    let weights = || (1..=len as u64).map(|rank| FIRST / rank);
    let mut at = rng.below(weights().sum());
    let drawn = weights().position(|weight| {
        let here = at < weight;
        at = at.saturating_sub(weight);
        here
    });
    drawn.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rashomon_checker::{ProcessId, Time};

    use crate::{Action, Context, Kind, Next, RegisterOp, Seed, Sizes, Workload};

    #[test]
    fn nine_of_ten_read_and_the_first_keys_are_asked_most() {
        let sizes = Sizes {
            lasts: Time(1_000),
            ops: None,
            rate: None,
            burst: 1,
            keys: 4,
            ops_per_key: 10_000,
        };
        let kind = Kind::ReadHeavy;
        let mut workload = Workload::new(kind, Seed(1), &sizes, kind.needs());
        let context = Context { now: Time(0), free: &[ProcessId(0)], processes: 1 };
        let (mut asked, mut reads) = (BTreeMap::<String, u32>::new(), 0);
        for _ in 0..2_500 {
            let Next::Invoke { op, .. } = workload.load().next(&context) else {
                panic!("it goes on")
            };
            let Action::Register(key, op) = op.action else { panic!("{op:?}") };
            reads += u32::from(op == RegisterOp::Read);
            *asked.entry(key.to_string()).or_default() += 1;
        }
        assert!((2_180..2_320).contains(&reads), "{reads} of 2500");
        // Of 25 there are 12 of the first, 6 of the second, 4 and 3 of the others.
        let expected = [1_200, 600, 400, 300];
        for (of, (key, &number)) in expected.iter().zip(&asked) {
            assert!(number.abs_diff(*of) < 120, "{key}: {number}, not {of}");
        }
        assert_eq!(asked.len(), 4);
    }
}
