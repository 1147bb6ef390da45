//! The bank-with-logs workload: a bank, and beside it logs of events that no transaction orders.
//!
//! As services keep accounts in a database that orders what happens to them, and events in a store that takes
//! them on every side of a partition. Money is conserved by the one, events are kept by the other, and nothing
//! is promised across: each part of the history is judged by itself.

use rashomon_checker::{Consistency, ConvergenceKind, Invariant, ModelKind};

use crate::definition::{Definition, Ending, Making};
use crate::generator::{Mix, Source};
use crate::{Action, Generator, Key, Op, OpKind, Place, Rng, SetOp, bank};

/// The workload.
pub(crate) const WORKLOAD: Definition = Definition {
    name: "bank-with-logs",
    aliases: &[],
    summary: "transfers and reads of a bank, and beside them adds of unique events to a log and reads of it; \
              every replica of the log is read at the end",
    needs: &[OpKind::Transaction, OpKind::SetAdd, OpKind::SetElements],
    // What a log is; accounts are judged by the bank's total.
    model: ModelKind::Set,
    final_reads: Some(ConvergenceKind::Set),
    checks: &[Consistency::Durable, Consistency::Convergent],
    invariants: &[Invariant::Bank],
    measure: None,
    generator,
    ending: Ending::Reads(reads),
};

/// Where events go.
const LOGS: &str = "logs/";

/// Three operations of the bank to two of the log, most of which are adds.
fn generator(making: &Making<'_>) -> Box<dyn Generator> {
    let seed = making.seed;
    let bank = bank::generator(&Making { seed: seed.stream("bank"), ..*making });
    let log = making.keys.open(LOGS);
    let mut events = 0;
    let log = Source::new(seed.stream("logs"), move |rng: &mut Rng| {
        let op = if rng.below(40) == 0 {
            SetOp::Elements
        } else {
            events += 1;
            SetOp::Add(events)
        };
        Op { action: Action::Set(log.clone(), op), place: Place::Any }
    });
    Box::new(Mix::new(seed.stream("mix"), vec![(3, bank), (2, Box::new(log))]))
}

fn reads(keys: &[Key]) -> Vec<Action> {
    let (logs, accounts): (Vec<Key>, Vec<Key>) =
        keys.iter().cloned().partition(|key| key.starts_with(LOGS));
    let logs = logs.into_iter().map(|log| Action::Set(log, SetOp::Elements));
    logs.chain([bank::all(&accounts)]).collect()
}
