//! The register workload: reads, writes and compare-and-sets.
//!
//! A few keys are in use at a time, so that operations meet; each is replaced after some dozens of
//! operations, so that checking stays cheap. Every written value is unique within its key, so that
//! a read tells which write it saw.

use rashomon_checker::{Consistency, ConvergenceKind, ModelKind, Time};

use crate::definition::{Definition, Ending, Making, each};
use crate::keys::Keys;
use crate::{
    Action, Completion, Context, Generator, Key, Next, Op, OpKind, Place, RegisterOp, Returned, Rng,
};

/// The workload.
pub(crate) const WORKLOAD: Definition = Definition {
    name: "register",
    aliases: &["lin-kv"],
    summary: "reads, writes and compare-and-sets of a few registers at a time; each is replaced after \
              some dozens of operations; values are unique",
    needs: &[OpKind::RegisterRead, OpKind::RegisterWrite],
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

/// A key in use.
struct Active {
    key: Key,
    /// The last value some process saw in it or put into it: what a CAS expects.
    seen: Option<i64>,
    next_value: i64,
    /// How many of a thousand operations are reads. Each key draws its own: lost updates show
    /// among many writes, and reads that go back in time show among many reads.
    reads_per_mille: u16,
    left: u32,
}

/// Operations on a rotating window of keys.
struct Registers {
    rng: Rng,
    keys: Keys,
    active: Vec<Active>,
    ops_per_key: u32,
    /// Whether the target offers compare-and-set.
    cas: bool,
}

fn generator(making: &Making<'_>) -> Box<dyn Generator> {
    let &Making { seed, sizes, offered, keys } = making;
    let mut registers = Registers {
        rng: seed.rng(),
        keys: keys.clone(),
        active: Vec::new(),
        ops_per_key: sizes.ops_per_key.max(1),
        cas: offered.contains(&OpKind::RegisterCas),
    };
    registers.active = (0..sizes.keys.max(1)).map(|_| registers.open()).collect();
    Box::new(registers)
}

impl Registers {
    fn open(&mut self) -> Active {
        Active {
            key: self.keys.open("k"),
            seen: None,
            next_value: 1,
            reads_per_mille: [500, 800, 950][self.rng.index(3)],
            left: self.ops_per_key,
        }
    }

    /// `quiet`: nothing is in flight, so what was seen last is likely to be there still.
    fn make(&mut self, quiet: bool) -> Op {
        let at = self.rng.index(self.active.len());
        if self.active[at].left == 0 {
            self.active[at] = self.open();
        }
        let (rng, active) = (&mut self.rng, &mut self.active[at]);
        active.left -= 1;
        let mut value = || {
            active.next_value += 1;
            active.next_value - 1
        };
        // A third of the writes are CAS, where there is one and something to expect; and half of
        // all operations at a quiet time, when a CAS is most likely to succeed.
        let read = rng.per_mille(active.reads_per_mille);
        let swap = if quiet { rng.below(2) == 0 } else { !read && rng.below(3) == 0 };
        let op = match (swap, read, active.seen) {
            (false, true, _) | (true, true, None) => RegisterOp::Read,
            (true, _, Some(old)) if self.cas => RegisterOp::Cas { old, new: value() },
            _ => RegisterOp::Write(value()),
        };
        Op { action: Action::Register(active.key.clone(), op), place: Place::Any }
    }
}

impl Generator for Registers {
    fn next(&mut self, context: &Context<'_>) -> Next {
        let Some(process) = context.any_free(&mut self.rng) else {
            return Next::Pending(Time(u64::MAX));
        };
        Next::Invoke { process, op: self.make(context.all_free()) }
    }

    fn observe(&mut self, op: &Op, completion: &Completion) {
        let (Action::Register(key, op), Completion::Ok(returned)) = (&op.action, completion) else {
            return;
        };
        let seen = match (op, returned) {
            (RegisterOp::Read, Returned::Value(value)) => *value,
            (RegisterOp::Write(value) | RegisterOp::Cas { new: value, .. }, Returned::Done) => {
                Some(*value)
            }
            _ => None,
        };
        if let Some(active) = self.active.iter_mut().find(|active| active.key == *key) {
            active.seen = seen.or(active.seen);
        }
    }
}
