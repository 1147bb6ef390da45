//! The siblings workload: multi-value registers are read, and overwritten by who has read them.
//!
//! As a shopping cart is kept in Dynamo (`DeCandia` et al., SOSP 2007): a client reads a register, which may
//! have several values, merges them, and writes the result with the context of its read. Two clients that do
//! so at a time leave two values beside each other. A few registers are in use at a time, so that this is
//! common. Now and then a client writes again without a read between, or before it has read anything: that
//! overwrites what it had read before, or nothing. Every value is unique within its register, so that final
//! reads tell which writes survived.

use std::collections::BTreeMap;

use rashomon_checker::{Consistency, ConvergenceKind, Invariant, ModelKind, ProcessId, Time};

use crate::definition::{Definition, Ending, Making, each};
use crate::rotation::Rotation;
use crate::{Action, Context, Generator, Key, MultiValueOp, Next, Op, OpKind, Place, Rng};

/// The workload.
pub(crate) const WORKLOAD: Definition = Definition {
    name: "siblings",
    aliases: &[],
    summary: "reads of a few multi-value registers at a time, and writes in place of what was read; each is \
              replaced after some dozens of operations; every replica is read at the end",
    needs: &[OpKind::MultiValueRead, OpKind::MultiValueWrite],
    model: ModelKind::Register,
    final_reads: Some(ConvergenceKind::MultiValue),
    checks: &[Consistency::Durable, Consistency::Convergent],
    invariants: &[Invariant::MvRegister],
    measure: None,
    generator,
    ending: Ending::Reads(|keys| each(keys, |key| Action::MultiValue(key, MultiValueOp::Read))),
};

/// The chances that a process which has read goes on to write, and that one which has not does so, of a
/// thousand.
const MERGES: u16 = 900;
const WRITES_BLINDLY: u16 = 100;

struct Siblings {
    rng: Rng,
    used: Rotation,
    /// What each process has read and not written since.
    read: BTreeMap<ProcessId, Key>,
}

fn generator(making: &Making<'_>) -> Box<dyn Generator> {
    let used = Rotation::new(making, "v");
    Box::new(Siblings { rng: making.seed.rng(), used, read: BTreeMap::new() })
}

impl Siblings {
    fn make(&mut self, process: ProcessId) -> Op {
        let merged = self.read.remove(&process).and_then(|key| self.used.place(&key));
        let merged = merged.filter(|_| self.rng.per_mille(MERGES));
        let at = merged.unwrap_or_else(|| self.rng.index(self.used.len()));
        let writes = merged.is_some() || self.rng.per_mille(WRITES_BLINDLY);
        let register = self.used.take(at);
        let (key, op) = if writes {
            (register.key(), MultiValueOp::Write(register.value()))
        } else {
            (register.key(), MultiValueOp::Read)
        };
        if !writes {
            self.read.insert(process, key.clone());
        }
        Op { action: Action::MultiValue(key, op), place: Place::Any }
    }
}

impl Generator for Siblings {
    fn next(&mut self, context: &Context<'_>) -> Next {
        let Some(process) = context.any_free(&mut self.rng) else {
            return Next::Pending(Time(u64::MAX));
        };
        Next::Invoke { process, op: self.make(process) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Seed, Sizes, Workload};

    #[test]
    fn most_writes_are_of_what_the_same_process_has_read_last_and_some_are_of_nothing() {
        let sizes =
            Sizes { lasts: Time(1_000), ops: None, rate: None, burst: 1, keys: 2, ops_per_key: 40 };
        let kind = Kind::Siblings;
        let mut workload = Workload::new(kind, Seed(1), &sizes, kind.needs());
        let free = [0, 1, 2].map(ProcessId);
        let context = Context { now: Time(0), free: &free, processes: 3 };
        let mut last: BTreeMap<ProcessId, (Key, MultiValueOp)> = BTreeMap::new();
        let (mut merges, mut blind) = (0, 0);
        for _ in 0..2_000 {
            let Next::Invoke { op, process } = workload.load().next(&context) else {
                panic!("it goes on")
            };
            let Action::MultiValue(key, op) = op.action else { panic!("{op:?}") };
            if let MultiValueOp::Write(_) = op {
                let had_read = last.get(&process) == Some(&(key.clone(), MultiValueOp::Read));
                merges += u32::from(had_read);
                blind += u32::from(!had_read);
            }
            last.insert(process, (key, op));
        }
        assert!(merges > 700, "{merges} of 2000");
        assert!((40..250).contains(&blind), "{blind} of 2000");
    }
}
