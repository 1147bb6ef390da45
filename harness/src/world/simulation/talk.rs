//! What simulated nodes send each other: what is noted of it while it is overheard, and what a fault kept.

use rashomon_results::Loss;
use rashomon_targets::{Node, NodeId};
use serde::Serialize;

use super::lineage::Cause;
use super::{Event, Simulation};
use crate::fault::{DirectedLink, NumberedCopy, Passage};
use crate::frame;
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

    /// Puts a message on its way.
    pub(super) fn send(&mut self, (from, to): DirectedLink, message: N::Message, cause: Cause) {
        if usize::from(to.0) > self.nodes.len() {
            return; // No node has that name; nodes name only members.
        }
        self.note_talk((from, to), &message);
        let link = self.network.link(from, to);
        let purpose = || N::purpose(&message);
        let departure = match &mut self.lineage {
            None => link.on_send(self.now, purpose),
            Some(lineage) => {
                lineage.sends((from, to), cause);
                let by_itself = link.luck();
                link.on_send_with(self.now, lineage.luck(cause, by_itself), purpose)
            }
        };
        self.trace.departs(self.now, (from, to), &departure, || N::describe(&message));
        let (link, damaged_by) = ((from, to), departure.damaged_by);
        let [Some(first), second] = departure.copies else { return };
        if let Some(second) = second {
            self.carry(link, message.clone(), first, damaged_by);
            self.carry(link, message, second, damaged_by);
        } else {
            self.carry(link, message, first, damaged_by);
        }
    }

    fn carry(
        &mut self,
        (from, to): DirectedLink,
        message: N::Message,
        Passage { number, after, flip }: Passage,
        damaged_by: Option<u32>,
    ) {
        if flip.is_some_and(|bit| !is_taken_damaged(&message, bit)) {
            // The receiver's checksum refuses it.
            let why = (Loss::Damaged, damaged_by);
            return self.trace.loses(self.now, (from, to), number, why);
        }
        let message = NumberedCopy { number, message };
        self.queue.push(self.now + after, Event::Deliver { from, to, message });
    }
}

/// Whether the receiver takes a message that changes by this bit on its way.
fn is_taken_damaged(message: &impl Serialize, bit: u64) -> bool {
    let payload = serde_json::to_vec(message);
    payload.is_ok_and(|payload| frame::is_taken_damaged(&payload, bit))
}
