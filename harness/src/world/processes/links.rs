//! Faults of the links between processes, and how long these are.

use super::Cluster;
use crate::fault::{DirectedLink, Efficacy, SharedEffect};
use crate::world::Links;

impl Links for Cluster {
    fn lengthen(&mut self, links: &[DirectedLink], length: u64) {
        self.proxies.lengthen(links, length);
    }

    fn strike(&mut self, span: u32, links: &[DirectedLink], effect: &SharedEffect) {
        self.proxies.strike(span, links, effect);
    }

    fn heal(&mut self, span: u32) {
        self.proxies.heal(span, |_| true);
    }

    fn heal_on(&mut self, span: u32, links: &[DirectedLink]) {
        self.proxies.heal(span, |link| links.contains(&link));
    }

    fn efficacy(&self, span: u32) -> Efficacy {
        self.proxies.efficacy(span)
    }
}
