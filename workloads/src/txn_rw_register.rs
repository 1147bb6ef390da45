//! The txn-rw-register workload: transactions of writes and reads of registers.
//!
//! Elle's second workload (Kingsbury and Alvaro, VLDB 2020). Every value is unique within its register, so that
//! a read names its write. What a write overwrote only a read before it tells, so each write has one: of writes
//! without, at the same time and of the same few registers, too many orders are possible to try them all.

use rashomon_checker::{Consistency, ModelKind};

use crate::definition::{Definition, Ending, Making};
use crate::generator::Source;
use crate::rotation::Rotation;
use crate::{Action, Generator, MicroOp, Op, OpKind, Place, Rng};

/// The workload.
pub(crate) const WORKLOAD: Definition = Definition {
    name: "txn-rw-register",
    aliases: &[],
    summary: "transactions of one to four reads of registers, half of which a write of a unique value \
              follows, over a few registers at a time; each is replaced after some dozens of operations",
    needs: &[OpKind::Transaction],
    model: ModelKind::Register,
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
    let mut registers = Rotation::new(making, "r");
    Box::new(Source::new(making.seed, move |rng: &mut Rng| {
        let count = rng.between(1, MOST);
        let mut parts = Vec::new();
        for _ in 0..count {
            let at = rng.index(registers.len());
            let register = registers.take(at);
            parts.push(MicroOp::Read(register.key()));
            if rng.below(2) == 0 {
                parts.push(MicroOp::Write(register.key(), register.value()));
            }
        }
        Op { action: Action::Transaction(parts), place: Place::Any }
    }))
}
