//! What simulated nodes send each other: what is noted of it while it is overheard, and what a fault kept.

use rashomon_targets::{Node, NodeId};

use super::{Event, Simulation};
use crate::fault::{DirectedLink, NumberedCopy};
use crate::world::Talk;

impl<N: Node> Simulation<N> {
    /// Has arrive now what a span kept back.
    pub(super) fn release(
        &mut self,
        span: u32,
        freed: Vec<(NodeId, NodeId, NumberedCopy<N::Message>)>,
    ) {
        for (from, to, message) in freed {
            self.trace.releases(self.now, (from, to), message.number, span);
            self.queue.push(self.now, Event::Deliver { from, to, message });
        }
    }

    /// Takes note of a message.
    pub(super) fn note_talk(&mut self, (from, to): DirectedLink, message: &N::Message) {
        if let Some(talks) = &mut self.talks {
            let none = || Talk { from, to, messages: 0, last: String::new() };
            let talk = talks.entry((from, to)).or_insert_with(none);
            talk.messages += 1;
            talk.last = N::describe(message);
        }
    }
}
