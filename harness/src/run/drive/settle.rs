//! The time after the faults: the cluster comes to rest.

use rashomon_checker::Time;

use super::{Drive, Stage};
use crate::world::{Happening, Look, World};

impl<W: World> Drive<'_, W> {
    /// Waits until every node is a member, up and at rest, at two probes in a row. Whether that came in time.
    pub(super) fn settle(&mut self) -> bool {
        let give_up = self.world.now().0 + self.pace.settle_within;
        let mut before: Option<Vec<Look>> = None;
        loop {
            let looks = self.world.looks();
            let are_members = self.spans.tend(self.world, &looks);
            let seen: Option<Vec<Look>> = looks.into_iter().collect();
            let rest = seen.as_ref().is_some_and(|seen| seen.iter().all(|look| look.rests));
            let rests = are_members && rest;
            if rests && seen == before {
                return true;
            }
            before = seen.filter(|_| rests);
            let now = self.world.now().0;
            if now >= give_up {
                return false;
            }
            self.tick(Stage::Settle);
            while self.world.next(Time(now + self.pace.look_every)) != Happening::Reached {}
        }
    }
}
