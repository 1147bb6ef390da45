//! What spans in force do by turns.

use rashomon_checker::Time;
use rashomon_targets::NodeId;

use super::Spans;
use super::ending::{Ending, Strobe, Turns};
use crate::fault::Stretch;
use crate::world::World;

impl Spans {
    /// The next of those in force whose turn is due at `now` or before.
    pub(in crate::run::drive) fn next_turn(&self, now: Time) -> Option<usize> {
        self.turns.iter().position(|turn| turn.is_some_and(|turn| turn <= now))
    }

    /// Has a span in force do what it does by turns.
    pub(in crate::run::drive) fn turn(&mut self, at: usize, world: &mut impl World) {
        self.turns[at] = None;
        for place in 0..self.endings[at].len() {
            match self.endings[at][place] {
                Ending::GoOn { node, turns, stalled_before } => {
                    let turns = self.stop_or_go((at, place), world, (node, turns, stalled_before));
                    let lasts = if turns.is_stopped { turns.stops } else { turns.goes };
                    self.turn_again(at, world, lasts);
                }
                Ending::StopStrobe { node, strobe } => {
                    let strobe = Strobe { is_ahead: !strobe.is_ahead, ..strobe };
                    self.endings[at][place] = Ending::StopStrobe { node, strobe };
                    self.strobe(at, world, (node, strobe));
                }
                Ending::Heal => self.step(at, world),
                _ => {}
            }
        }
        self.look_ahead();
    }

    /// The next turn comes after this time.
    pub(super) fn turn_again(&mut self, at: usize, world: &impl World, after: Stretch) {
        self.turns[at] = Some(Time(world.now().0 + after.nanos()));
    }

    fn stop_or_go(
        &mut self,
        (at, place): (usize, usize),
        world: &mut impl World,
        (node, mut turns, stalled_before): (NodeId, Turns, u64),
    ) -> Turns {
        let was_stopped = std::mem::take(&mut turns.is_stopped);
        self.endings[at][place] = Ending::GoOn { node, turns, stalled_before };
        // Another span may hold it.
        let is_held = self.is_held(|it| it.stops(node));
        if was_stopped && !is_held {
            world.resume(node);
        } else if !was_stopped && (world.pause(node) || is_held) {
            turns.is_stopped = true;
            self.endings[at][place] = Ending::GoOn { node, turns, stalled_before };
        }
        turns
    }
}
