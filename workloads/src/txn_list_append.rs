//! The txn-list-append workload: transactions of appends to lists and reads of whole lists.
//!
//! Elle's workload (Kingsbury and Alvaro, VLDB 2020). Every item is unique within its list, so that a read
//! tells which transactions it saw, and in which order.

use rashomon_checker::{Consistency, ModelKind};

use crate::definition::{Definition, Ending, Making};
use crate::generator::Source;
use crate::rotation::Rotation;
use crate::{Action, Generator, MicroOp, Op, OpKind, Place, Rng};

/// The workload.
pub(crate) const WORKLOAD: Definition = Definition {
    name: "txn-list-append",
    aliases: &[],
    summary: "transactions of one to four appends of unique items and reads of whole lists, over a few \
              lists at a time; each is replaced after some dozens of operations",
    needs: &[OpKind::Transaction],
    model: ModelKind::ListAppend,
    final_reads: None,
    checks: &[Consistency::StrictSerializable, Consistency::Serializable],
    invariants: &[],
    measure: None,
    generator,
    // What one node holds is no transaction of the whole.
    ending: Ending::Nothing,
};

/// The most parts of a transaction.
const MOST: u64 = 4;

fn generator(making: &Making<'_>) -> Box<dyn Generator> {
    let mut lists = Rotation::new(making, "l");
    Box::new(Source::new(making.seed, move |rng: &mut Rng| {
        let parts = rng.between(1, MOST);
        let mut part = || {
            let at = rng.index(lists.len());
            let list = lists.take(at);
            match rng.below(2) {
                0 => MicroOp::Read(list.key()),
                _ => MicroOp::Append(list.key(), list.value()),
            }
        };
        let parts = (0..parts).map(|_| part()).collect();
        Op { action: Action::Transaction(parts), place: Place::Any }
    }))
}
