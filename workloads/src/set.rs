//! The set workload: unique elements are added, and the whole set is read now and then.

use std::sync::Arc;

use rashomon_checker::Value;

use crate::generator::{Mix, Source};
use crate::register::Keys;
use crate::{Generator, Op, Place, Rng, Seed};

/// The generator of the workload: forty adds to a read, which tells as much as hundreds of operations.
pub(crate) fn generator(seed: Seed, keys: &Keys) -> Box<dyn Generator> {
    let key = keys.open("s");
    let (add, read): (Arc<str>, Arc<str>) = ("add".into(), "read".into());
    let (added_to, read_from) = (key.clone(), key);
    let mut element = 0;
    let adds = Source::new(seed.stream("adds"), move |_: &mut Rng| {
        element += 1;
        let (f, key) = (add.clone(), added_to.clone());
        Op { f, key, value: Value::Int(element), place: Place::Any }
    });
    let reads = Source::new(seed.stream("reads"), move |_: &mut Rng| {
        let (f, key) = (read.clone(), read_from.clone());
        Op { f, key, value: Value::Nil, place: Place::Any }
    });
    Box::new(Mix::new(seed.stream("mix"), vec![(40, Box::new(adds)), (1, Box::new(reads))]))
}
