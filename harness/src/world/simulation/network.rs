//! The simulated network between nodes.

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;

use crate::fault::{Efficacy, LinkEffect, usual_delay};

/// An effect in force on one directed link.
struct InForce<M> {
    span: u32,
    effect: LinkEffect,
    /// What a jam keeps back.
    held: Vec<M>,
}

/// What becomes of a message when it would arrive.
pub(super) enum Arrival<M> {
    /// It is there.
    Here(M),
    /// It is lost, or kept back.
    Gone,
}

/// All directed links.
pub(super) struct Network<M> {
    nodes: usize,
    links: Vec<Vec<InForce<M>>>,
    rng: Rng,
}

impl<M> Network<M> {
    pub(super) fn new(nodes: u16, rng: Rng) -> Self {
        let nodes = usize::from(nodes);
        Self { nodes, links: (0..nodes * nodes).map(|_| Vec::new()).collect(), rng }
    }

    fn index(&self, from: NodeId, to: NodeId) -> usize {
        (usize::from(from.0) - 1) * self.nodes + usize::from(to.0) - 1
    }

    /// How long each copy of a message sent now takes, in nanoseconds. No copy: it is lost.
    pub(super) fn travel(
        &mut self,
        from: NodeId,
        to: NodeId,
        efficacy: &mut [Efficacy],
    ) -> [Option<u64>; 2] {
        let mut first = usual_delay(&mut self.rng);
        let mut second = None;
        let at = self.index(from, to);
        for link in &self.links[at] {
            let fate = link.effect.fate(&mut self.rng);
            let span = &mut efficacy[link.span as usize];
            if fate.lost {
                span.dropped += 1;
                return [None, None];
            }
            if fate.late > 0 || fate.twice {
                span.changed += 1;
            }
            first += fate.late;
            if fate.twice {
                second = Some(first + self.rng.between(0, 10_000_000));
            }
        }
        [Some(first), second]
    }

    /// What becomes of a message that has travelled. A cut strikes here, so that what was on its
    /// way when the fault began is lost too.
    pub(super) fn arrive(
        &mut self,
        from: NodeId,
        to: NodeId,
        message: M,
        efficacy: &mut [Efficacy],
    ) -> Arrival<M> {
        let at = self.index(from, to);
        for link in &mut self.links[at] {
            match link.effect {
                LinkEffect::Drop => {
                    efficacy[link.span as usize].dropped += 1;
                    return Arrival::Gone;
                }
                LinkEffect::Hold => {
                    efficacy[link.span as usize].held += 1;
                    link.held.push(message);
                    return Arrival::Gone;
                }
                LinkEffect::Loss { .. }
                | LinkEffect::Delay { .. }
                | LinkEffect::Duplicate { .. }
                | LinkEffect::Reorder { .. } => {}
            }
        }
        Arrival::Here(message)
    }

    pub(super) fn strike(&mut self, span: u32, links: &[(NodeId, NodeId)], effect: LinkEffect) {
        for &(from, to) in links {
            let at = self.index(from, to);
            self.links[at].push(InForce { span, effect, held: Vec::new() });
        }
    }

    /// Ends a span on every link, and returns what it had kept back, in order.
    pub(super) fn heal(&mut self, span: u32) -> Vec<(NodeId, NodeId, M)> {
        let mut freed = Vec::new();
        let ids = || (1..).map(NodeId).take(self.nodes);
        let pairs: Vec<(NodeId, NodeId)> =
            ids().flat_map(|from| ids().map(move |to| (from, to))).collect();
        for ((from, to), link) in pairs.into_iter().zip(&mut self.links) {
            link.retain_mut(|in_force| {
                let ends = in_force.span == span;
                if ends {
                    freed.extend(in_force.held.drain(..).map(|message| (from, to, message)));
                }
                !ends
            });
        }
        freed
    }
}
