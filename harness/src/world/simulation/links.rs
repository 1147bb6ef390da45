//! Faults of simulated links, and how long these are.

use rashomon_targets::Node;

use super::Simulation;
use crate::fault::{DirectedLink, Efficacy, SharedEffect};
use crate::world::Links;

impl<N: Node> Links for Simulation<N> {
    fn lengthen(&mut self, links: &[DirectedLink], length: u64) {
        self.network.lengthen(links, length);
    }

    fn strike(&mut self, span: u32, links: &[DirectedLink], effect: &SharedEffect) {
        self.network.strike(span, links, effect);
    }

    fn heal(&mut self, span: u32) {
        let freed = self.network.heal(span, |_| true);
        self.release(span, freed);
    }

    fn heal_on(&mut self, span: u32, links: &[DirectedLink]) {
        let freed = self.network.heal(span, |link| links.contains(&link));
        self.release(span, freed);
    }

    fn efficacy(&self, span: u32) -> Efficacy {
        self.network.efficacy(span)
    }
}
