//! The echo workload: what is said must come back.
//!
//! It asks nothing of replication. It shows that a program speaks the protocol, and that each answer
//! comes to the request that it answers: every number is said once.

use rashomon_checker::{Consistency, ModelKind};

use crate::definition::{Definition, Ending, Making};
use crate::generator::Source;
use crate::{Action, Generator, Op, OpKind, Place, Rng};

/// The workload.
pub(crate) const WORKLOAD: Definition = Definition {
    name: "echo",
    aliases: &[],
    summary: "numbers, each of which must be returned unchanged",
    needs: &[OpKind::Echo],
    model: ModelKind::Echo,
    final_reads: None,
    checks: &[Consistency::Linearizable],
    invariants: &[],
    measure: None,
    generator,
    ending: Ending::Nothing,
};

fn generator(making: &Making<'_>) -> Box<dyn Generator> {
    let mut said = 0;
    Box::new(Source::new(making.seed, move |_: &mut Rng| {
        said += 1;
        Op { action: Action::Echo(said), place: Place::Any }
    }))
}
