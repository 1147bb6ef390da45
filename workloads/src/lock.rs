//! The lock workload: locks are acquired and released by many processes.
//!
//! A process that has asked for a lock next asks to release it, whether or not it was given it: a
//! release of what another holds must be refused. A lock whose holder has retired, because it does not know
//! what became of its operation, stays held, so each lock is replaced after some dozens of operations. Every
//! acquisition has a number, the fencing token of what the lock guards.

use std::collections::BTreeMap;

use rashomon_checker::{Consistency, Invariant, ModelKind, ProcessId, Time};

use crate::definition::{Definition, Ending, Making};
use crate::rotation::Rotation;
use crate::{Action, Context, Generator, Key, LockOp, Next, Op, OpKind, Place, Rng};

/// The workload.
pub(crate) const WORKLOAD: Definition = Definition {
    name: "lock",
    aliases: &[],
    summary: "acquires and releases of a few locks at a time by many processes; each acquisition has a \
              fencing number; each lock is replaced after some dozens of operations",
    needs: &[OpKind::Acquire, OpKind::Release],
    model: ModelKind::Mutex,
    final_reads: None,
    checks: &[Consistency::Linearizable],
    invariants: &[Invariant::MutualExclusion, Invariant::Fencing],
    measure: None,
    generator,
    ending: Ending::Nothing,
};

struct Locks {
    rng: Rng,
    used: Rotation,
    /// What each process has asked for and not released.
    asked: BTreeMap<ProcessId, Key>,
}

fn generator(making: &Making<'_>) -> Box<dyn Generator> {
    let used = Rotation::new(making, "lock");
    Box::new(Locks { rng: making.seed.rng(), used, asked: BTreeMap::new() })
}

impl Generator for Locks {
    fn next(&mut self, context: &Context<'_>) -> Next {
        let Some(process) = context.any_free(&mut self.rng) else {
            return Next::Pending(Time(u64::MAX));
        };
        let (key, op) = if let Some(key) = self.asked.remove(&process) {
            (key, LockOp::Release)
        } else {
            let key = self.used.take(self.rng.index(self.used.len())).key();
            self.asked.insert(process, key.clone());
            (key, LockOp::Acquire)
        };
        Next::Invoke { process, op: Op { action: Action::Lock(key, op), place: Place::Any } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Seed, Sizes, Workload};

    #[test]
    fn a_process_releases_what_it_asked_for_before_it_asks_for_more() {
        let sizes =
            Sizes { lasts: Time(1_000), ops: None, rate: None, burst: 1, keys: 3, ops_per_key: 10 };
        let kind = Kind::Lock;
        let mut workload = Workload::new(kind, Seed(1), &sizes, kind.needs());
        let free = [0, 1, 2, 3].map(ProcessId);
        let context = Context { now: Time(0), free: &free, processes: 4 };
        let mut held: BTreeMap<ProcessId, Key> = BTreeMap::new();
        for _ in 0..200 {
            let Next::Invoke { process, op } = workload.load().next(&context) else {
                panic!("it goes on")
            };
            match op.action {
                Action::Lock(key, LockOp::Acquire) => {
                    assert_eq!(held.insert(process, key), None);
                }
                Action::Lock(key, LockOp::Release) => {
                    assert_eq!(held.remove(&process), Some(key));
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
