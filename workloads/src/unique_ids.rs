//! The unique-ids workload: identifiers are asked for, and none must come twice.
//!
//! Under partitions and lost messages too: an identifier that needs no agreement of nodes costs nothing
//! when they cannot agree.

use rashomon_checker::{Consistency, ModelKind};

use crate::definition::{Definition, Ending, Making};
use crate::generator::Source;
use crate::{Action, Generator, Op, OpKind, Place, Rng};

/// The workload.
pub(crate) const WORKLOAD: Definition = Definition {
    name: "unique-ids",
    aliases: &[],
    summary: "identifiers, none of which must come twice",
    needs: &[OpKind::Generate],
    model: ModelKind::UniqueIds,
    final_reads: None,
    checks: &[Consistency::Linearizable],
    invariants: &[],
    measure: None,
    generator,
    ending: Ending::Nothing,
};

fn generator(making: &Making<'_>) -> Box<dyn Generator> {
    Box::new(Source::new(making.seed, |_: &mut Rng| Op {
        action: Action::Generate,
        place: Place::Any,
    }))
}
