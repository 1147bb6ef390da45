//! The users workload: records are read, and changed by compare-and-set on what was read.
//!
//! As services keep profiles: an update names the version that it was made from, so that of two updates
//! of one version one is refused, and none is lost. A record is created by a plain write; every later
//! version is a number of its own, so that a read tells which update it saw.

use rashomon_checker::{Consistency, ConvergenceKind, ModelKind, Time};

use crate::definition::{Definition, Ending, Making, each};
use crate::rotation::Rotation;
use crate::{
    Action, Completion, Context, Generator, Key, Next, Op, OpKind, Place, RegisterOp, Returned, Rng,
};

/// The workload.
pub(crate) const WORKLOAD: Definition = Definition {
    name: "users",
    aliases: &[],
    summary: "records of a few users at a time, read, and updated by compare-and-set on the version that \
              was read; each is replaced after some dozens of operations",
    needs: &[OpKind::RegisterRead, OpKind::RegisterWrite, OpKind::RegisterCas],
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

struct Users {
    rng: Rng,
    records: Rotation,
    /// The version of each record that was last seen.
    seen: Vec<Option<(Key, i64)>>,
}

fn generator(making: &Making<'_>) -> Box<dyn Generator> {
    let records = Rotation::new(making, "users/");
    let seen = vec![None; records.len()];
    Box::new(Users { rng: making.seed.rng(), records, seen })
}

impl Users {
    fn make(&mut self) -> Op {
        let at = self.rng.index(self.records.len());
        let user = self.records.take(at);
        let key = user.key();
        let version = self.seen[at].as_ref().filter(|(seen, _)| *seen == key).map(|it| it.1);
        let op = match (version, self.rng.below(2)) {
            (None, _) => RegisterOp::Write(user.value()),
            (Some(_), 0) => RegisterOp::Read,
            (Some(old), _) => RegisterOp::Cas { old, new: user.value() },
        };
        Op { action: Action::Register(key, op), place: Place::Any }
    }
}

impl Generator for Users {
    fn next(&mut self, context: &Context<'_>) -> Next {
        let Some(process) = context.any_free(&mut self.rng) else {
            return Next::Pending(Time(u64::MAX));
        };
        Next::Invoke { process, op: self.make() }
    }

    fn observe(&mut self, op: &Op, completion: &Completion) {
        let (Action::Register(key, op), Completion::Ok(returned)) = (&op.action, completion) else {
            return;
        };
        let version = match (op, returned) {
            (RegisterOp::Read, Returned::Value(value)) => *value,
            (RegisterOp::Write(new) | RegisterOp::Cas { new, .. }, Returned::Done) => Some(*new),
            _ => None,
        };
        if let (Some(at), Some(version)) = (self.records.place(key), version) {
            self.seen[at] = Some((key.clone(), version));
        }
    }
}
