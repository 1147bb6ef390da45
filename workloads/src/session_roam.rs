//! The session-roam workload: each client asks another node than before, with every operation.
//!
//! A client that stays with one replica sees its own writes, and never goes back in time, whatever the store
//! promises. One that moves shows what sessions are worth: read your writes, monotonic reads, monotonic
//! writes, writes follow reads. They are judged of reads and writes alone, so there is no compare-and-set;
//! every written value is unique within its key.

use rashomon_checker::{Consistency, ConvergenceKind, ModelKind};

use crate::definition::{Definition, Ending, Making, each};
use crate::generator::Source;
use crate::rotation::Rotation;
use crate::{Action, Generator, Op, OpKind, Place, RegisterOp, Rng};

/// The workload.
pub(crate) const WORKLOAD: Definition = Definition {
    name: "session-roam",
    aliases: &[],
    summary: "reads and writes over a few registers at a time by clients that ask another node with \
              every operation; unique values",
    needs: &[OpKind::RegisterRead, OpKind::RegisterWrite],
    model: ModelKind::CasRegister,
    final_reads: Some(ConvergenceKind::Register),
    checks: &[
        Consistency::Linearizable,
        Consistency::Regular,
        Consistency::Prefix,
        Consistency::ReadYourWrites,
        Consistency::MonotonicReads,
        Consistency::MonotonicWrites,
        Consistency::WritesFollowReads,
        Consistency::Durable,
        Consistency::Convergent,
    ],
    invariants: &[],
    measure: None,
    generator,
    ending: Ending::Reads(|keys| each(keys, |key| Action::Register(key, RegisterOp::Read))),
};

fn generator(making: &Making<'_>) -> Box<dyn Generator> {
    let mut registers = Rotation::new(making, "k");
    Box::new(Source::new(making.seed, move |rng: &mut Rng| {
        let at = rng.index(registers.len());
        let register = registers.take(at);
        // As many writes as reads, so that a session often reads what it has just written.
        let op = match rng.below(2) {
            0 => RegisterOp::Read,
            _ => RegisterOp::Write(register.value()),
        };
        Op { action: Action::Register(register.key(), op), place: Place::Roam }
    }))
}
