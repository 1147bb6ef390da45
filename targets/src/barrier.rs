//! Holds a node's effects until the records they depend on are durable, so that nothing leaves a node
//! that a crash could make it forget.

use std::collections::VecDeque;

use crate::{Effect, Emit, PersistId};

/// The effects of one node that wait for its disk, in the order they were asked for.
#[derive(Clone, Debug)]
pub(crate) struct Barrier<M, R, T> {
    durable: PersistId,
    held: VecDeque<Emit<M, R, T>>,
}

impl<M, R, T> Barrier<M, R, T> {
    /// Nothing held, nothing durable.
    pub(crate) fn new() -> Self {
        Self { durable: PersistId(0), held: VecDeque::new() }
    }

    /// Whether what an effect depends on is durable, so that it may leave at once.
    pub(crate) fn passes(&self, emit: &Emit<M, R, T>) -> bool {
        emit.after <= self.durable
    }

    /// Holds an effect that may not leave yet.
    pub(crate) fn hold(&mut self, emit: Emit<M, R, T>) {
        self.held.push_back(emit);
    }

    /// How many effects it holds.
    pub(crate) fn waiting(&self) -> usize {
        self.held.len()
    }

    /// Learns that records up to `durable` survive a crash.
    pub(crate) fn advance(&mut self, durable: PersistId) {
        self.durable = self.durable.max(durable);
    }

    /// The next effect that need wait no longer.
    pub(crate) fn release(&mut self) -> Option<Effect<M, R, T>> {
        // Later effects depend on the same records or more, so the first one tells for all.
        if self.held.front()?.after > self.durable {
            return None;
        }
        self.held.pop_front().map(|emit| emit.effect)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Answer, NodeId, Outbox, RequestId};

    use super::*;

    #[test]
    fn nothing_leaves_before_the_records_it_depends_on_are_durable() {
        let mut effects = Vec::new();
        let mut tail = PersistId(0);
        let mut chance = || 0;
        let mut out = Outbox::<u8, u8, u8>::new(&mut effects, &mut tail, &mut chance);
        out.persist(1);
        out.send(NodeId(2), 7);
        out.reply_without_waiting_for_disk(RequestId(1), Answer::done());
        out.persist(2);
        out.reply(RequestId(2), Answer::done());

        let mut barrier = Barrier::new();
        let (passed, held): (Vec<_>, Vec<_>) =
            effects.into_iter().partition(|emit| barrier.passes(emit));
        for emit in held {
            barrier.hold(emit);
        }
        let passed: Vec<_> = passed.into_iter().map(|emit| emit.effect).collect();
        assert!(matches!(
            passed[..],
            [
                Effect::Persist { .. },
                Effect::Reply { id: RequestId(1), .. },
                Effect::Persist { .. }
            ]
        ));
        assert_eq!(barrier.release(), None);
        barrier.advance(PersistId(1));
        assert!(matches!(barrier.release(), Some(Effect::Send { message: 7, .. })));
        assert_eq!(barrier.release(), None, "the second record is not durable");
        barrier.advance(PersistId(2));
        assert!(matches!(barrier.release(), Some(Effect::Reply { id: RequestId(2), .. })));
    }
}
