//! What simulated nodes send each other, where somebody wants to know.

use rashomon_targets::Node;

use super::Simulation;
use crate::fault::DirectedLink;
use crate::world::Talk;

impl<N: Node> Simulation<N> {
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
