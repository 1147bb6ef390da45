//! Faults of the links between programs, and how long these are.

use std::cmp::Reverse;
use std::time::Instant;

use super::Pipes;
use crate::fault::{DirectedLink, Efficacy, SharedEffect};
use crate::world::Links;

impl Links for Pipes {
    fn lengthen(&mut self, links: &[DirectedLink], length: u64) {
        for pair in links {
            if let Some(link) = self.links.get_mut(pair) {
                link.lengthen(length);
            }
        }
    }

    fn strike(&mut self, span: u32, links: &[DirectedLink], effect: &SharedEffect) {
        for pair in links {
            if let Some(link) = self.links.get_mut(pair) {
                link.strike(span, effect.clone());
            }
        }
    }

    fn heal(&mut self, span: u32) {
        let all: Vec<DirectedLink> = self.links.keys().copied().collect();
        self.heal_on(span, &all);
    }

    fn heal_on(&mut self, span: u32, links: &[DirectedLink]) {
        let now = Instant::now();
        for (&pair, link) in self.links.iter_mut().filter(|(pair, _)| links.contains(pair)) {
            for line in link.heal(span) {
                self.trace.releases(pair, line.number, span);
                self.due.push(Reverse((now, self.sent, pair, line)));
                self.sent += 1;
            }
        }
    }

    fn efficacy(&self, span: u32) -> Efficacy {
        let mut sum = Efficacy::default();
        for here in self.links.values().filter_map(|link| link.efficacy(span)) {
            sum += here;
        }
        sum
    }
}
