//! The set workload: unique elements are added, and the whole set is read now and then.

use rashomon_checker::{Consistency, ConvergenceKind, ModelKind};

use crate::definition::{Definition, Ending, Making, each};
use crate::generator::{Mix, Source};
use crate::{Action, Generator, Op, OpKind, Place, Rng, SetOp};

/// The workload.
pub(crate) const WORKLOAD: Definition = Definition {
    name: "set",
    aliases: &[],
    summary: "adds of unique elements and reads of the whole set; every replica is read at the end",
    needs: &[OpKind::SetAdd, OpKind::SetElements],
    model: ModelKind::Set,
    final_reads: Some(ConvergenceKind::Set),
    // Elements are added blindly, and a read of all of them may lag without doing harm.
    checks: &[Consistency::Durable, Consistency::Convergent],
    invariants: &[],
    measure: None,
    generator,
    ending: Ending::Reads(|keys| each(keys, |key| Action::Set(key, SetOp::Elements))),
};

/// Forty adds to a read, which tells as much as hundreds of operations.
fn generator(making: &Making<'_>) -> Box<dyn Generator> {
    let (seed, key) = (making.seed, making.keys.open("s"));
    let of = move |op| Op { action: Action::Set(key.clone(), op), place: Place::Any };
    let read = of.clone();
    let mut element = 0;
    let adds = Source::new(seed.stream("adds"), move |_: &mut Rng| {
        element += 1;
        of(SetOp::Add(element))
    });
    let reads = Source::new(seed.stream("reads"), move |_: &mut Rng| read(SetOp::Elements));
    Box::new(Mix::new(seed.stream("mix"), vec![(40, Box::new(adds)), (1, Box::new(reads))]))
}
