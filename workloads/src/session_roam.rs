//! The session-roam workload: each client asks another node than before, with every operation.
//!
//! A client that stays with one replica sees its own writes, and never goes back in time, whatever the store
//! promises. One that moves shows what sessions are worth: read your writes, monotonic reads, monotonic
//! writes, writes follow reads. They are judged of reads and writes alone, so there is no compare-and-set;
//! every written value is unique within its key.

use rashomon_checker::{Consistency, ConvergenceKind, ModelKind};

use crate::definition::{Definition, Making};
use crate::generator::Source;
use crate::{Action, Generator, Key, Op, OpKind, Place, RegisterOp, Rng};

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
    generator,
    read: |key| Action::Register(key, RegisterOp::Read),
};

/// A key in use.
struct Active {
    key: Key,
    next_value: i64,
    left: u32,
}

fn generator(making: &Making<'_>) -> Box<dyn Generator> {
    let (keys, ops_per_key) = (making.keys.clone(), making.sizes.ops_per_key.max(1));
    let open = move || Active { key: keys.open("k"), next_value: 1, left: ops_per_key };
    let mut active: Vec<Active> = (0..making.sizes.keys.max(1)).map(|_| open()).collect();
    Box::new(Source::new(making.seed, move |rng: &mut Rng| {
        let at = rng.index(active.len());
        if active[at].left == 0 {
            active[at] = open();
        }
        let active = &mut active[at];
        active.left -= 1;
        // As many writes as reads, so that a session often reads what it has just written.
        let op = if rng.below(2) == 0 {
            RegisterOp::Read
        } else {
            active.next_value += 1;
            RegisterOp::Write(active.next_value - 1)
        };
        Op { action: Action::Register(active.key.clone(), op), place: Place::Roam }
    }))
}
