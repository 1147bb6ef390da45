//! The append workload: items are appended to lists at a high rate, and whole lists are read.
//!
//! A log of events, as analytics keeps it. Every item is unique within its list, so that a read tells
//! which appends it saw, and in which order.

use rashomon_checker::{Consistency, ConvergenceKind, ModelKind};

use crate::definition::{Definition, Ending, Making, each};
use crate::generator::Source;
use crate::rotation::Rotation;
use crate::{Action, Generator, ListOp, Op, OpKind, Place, Rng};

/// The workload.
pub(crate) const WORKLOAD: Definition = Definition {
    name: "append",
    aliases: &["analytics"],
    summary: "appends of unique items to a few lists at a time, and reads of whole lists; each is \
              replaced after some dozens of operations; every replica is read at the end",
    needs: &[OpKind::ListAppend, OpKind::ListRead],
    model: ModelKind::ListAppend,
    final_reads: Some(ConvergenceKind::List),
    checks: &[Consistency::Linearizable, Consistency::Durable, Consistency::Convergent],
    invariants: &[],
    measure: None,
    generator,
    ending: Ending::Reads(|keys| each(keys, |key| Action::List(key, ListOp::Read))),
};

/// One of six operations is a read, which tells as much as all appends before it.
const READS: u64 = 6;

fn generator(making: &Making<'_>) -> Box<dyn Generator> {
    let mut lists = Rotation::new(making, "l");
    Box::new(Source::new(making.seed, move |rng: &mut Rng| {
        let at = rng.index(lists.len());
        let list = lists.take(at);
        let op = match rng.below(READS) {
            0 => ListOp::Read,
            _ => ListOp::Append(list.value()),
        };
        Op { action: Action::List(list.key(), op), place: Place::Any }
    }))
}
