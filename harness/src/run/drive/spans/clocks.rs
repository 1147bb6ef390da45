//! Spans that strike clocks.

use rashomon_targets::{Admin, NodeId};

use super::Spans;
use super::ending::{Ending, Strobe};
use crate::world::{Administered, World};

impl Spans {
    /// Sets the wall clock of a node ahead.
    pub(super) fn set_clock(
        &mut self,
        at: usize,
        world: &mut impl World,
        (node, ahead): (NodeId, i64),
    ) -> Vec<Ending> {
        self.ask(at, world, node, Admin::SetClock { ahead });
        vec![Ending::SetRight { node, ahead }]
    }

    /// Has the clocks of a node run at another rate.
    pub(super) fn set_rate(
        &mut self,
        at: usize,
        world: &mut impl World,
        (node, gains): (NodeId, i32),
    ) -> Vec<Ending> {
        self.ask(at, world, node, Admin::SetRate { gains });
        vec![Ending::SetRateRight { node, gains }]
    }

    /// The wall clock of a node jumps, or jumps back.
    pub(super) fn strobe(
        &mut self,
        at: usize,
        world: &mut impl World,
        (node, strobe): (NodeId, Strobe),
    ) {
        let ahead = self.still_ahead(node);
        self.ask(at, world, node, Admin::SetClock { ahead });
        self.turn_again(at, world, strobe.every);
    }

    /// One that cannot be reached now is set when it goes on.
    fn ask(&mut self, at: usize, world: &mut impl World, node: NodeId, admin: Admin) {
        let reached = world.administer(node, admin);
        self.outcomes[at].efficacy.clocks_set += u64::from(reached == Administered::Done);
    }

    /// A span no longer strikes the wall clock of a node.
    pub(super) fn set_right(&mut self, at: usize, world: &mut impl World, node: NodeId) {
        let ahead = self.still_ahead(node);
        self.put_right(at, world, node, Admin::SetClock { ahead });
    }

    /// A span no longer strikes the rate of a node's clocks.
    pub(super) fn set_rate_right(&mut self, at: usize, world: &mut impl World, node: NodeId) {
        let gains = self.still_held(|ending| match *ending {
            Ending::SetRateRight { node: of, gains } if of == node => Some(gains),
            _ => None,
        });
        self.put_right(at, world, node, Admin::SetRate { gains: gains.unwrap_or(0) });
    }

    fn put_right(&mut self, at: usize, world: &mut impl World, node: NodeId, admin: Admin) {
        // One that was out of reach when the fault struck went on in between.
        if world.administer(node, admin) == Administered::Done {
            let set = &mut self.outcomes[at].efficacy.clocks_set;
            *set = (*set).max(1);
        }
    }

    /// How far the spans in force hold the wall clock of a node ahead: as the one says that struck last.
    fn still_ahead(&self, node: NodeId) -> i64 {
        let ahead = self.still_held(|ending| match *ending {
            Ending::SetRight { node: of, ahead } if of == node => Some(ahead),
            Ending::StopStrobe { node: of, strobe } if of == node => {
                Some(if strobe.is_ahead { strobe.ahead } else { 0 })
            }
            _ => None,
        });
        ahead.unwrap_or(0)
    }

    /// What the last span in force that struck and holds such a thing makes of it.
    fn still_held<T>(&self, held: impl Fn(&Ending) -> Option<T>) -> Option<T> {
        let each = self.endings.iter().zip(&self.outcomes).enumerate();
        let holding = each.flat_map(|(at, (endings, outcome))| {
            let held = &held;
            endings.iter().filter_map(move |ending| Some(((outcome.struck, at), held(ending)?)))
        });
        holding.max_by_key(|(when, _)| *when).map(|(_, held)| held)
    }
}
