//! The queue workload: items are put into queues and taken from them, and in the end all that is left is
//! taken.
//!
//! Every item is unique within its queue. What was put in comes out once, in its order; an item that a
//! client took and never heard of may be gone.

use rashomon_checker::{Consistency, Invariant, ModelKind};

use crate::definition::{Definition, Ending, Making};
use crate::generator::Source;
use crate::rotation::Rotation;
use crate::{Action, Generator, Op, OpKind, Place, QueueOp, Rng};

/// The workload.
pub(crate) const WORKLOAD: Definition = Definition {
    name: "queue",
    aliases: &[],
    summary: "enqueues of unique items into a few queues at a time, and dequeues; each queue is replaced \
              after some dozens of operations; all are drained at the end",
    needs: &[OpKind::Enqueue, OpKind::Dequeue],
    model: ModelKind::Queue,
    // What a replica holds of a queue is no read of clients.
    final_reads: None,
    checks: &[Consistency::Linearizable],
    invariants: &[Invariant::TotalQueue],
    measure: None,
    generator,
    ending: Ending::Drain(|key| Action::Queue(key, QueueOp::Dequeue)),
};

fn generator(making: &Making<'_>) -> Box<dyn Generator> {
    let mut queues = Rotation::new(making, "q");
    Box::new(Source::new(making.seed, move |rng: &mut Rng| {
        let at = rng.index(queues.len());
        let queue = queues.take(at);
        // Somewhat more go in than come out, so that a queue has an order that can be wrong.
        let op = match rng.below(7) {
            0..3 => QueueOp::Dequeue,
            _ => QueueOp::Enqueue(queue.value()),
        };
        Op { action: Action::Queue(queue.key(), op), place: Place::Any }
    }))
}
