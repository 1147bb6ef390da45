//! The set workload: unique elements are added, and the whole set is read now and then.

use crate::generator::{Mix, Source};
use crate::register::Keys;
use crate::{Action, Generator, Op, Place, Rng, Seed, SetOp};

/// The generator of the workload: forty adds to a read, which tells as much as hundreds of operations.
pub(crate) fn generator(seed: Seed, keys: &Keys) -> Box<dyn Generator> {
    let key = keys.open("s");
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
