//! The simulated network between nodes: a [`Link`] for each pair.

use rashomon_targets::NodeId;
use rashomon_workloads::Seed;

use crate::fault::{DirectedLink, Efficacy, Link, NumberedCopy, SharedEffect};

/// All directed links.
pub(super) struct Network<M> {
    nodes: u16,
    links: Vec<Link<M>>,
}

impl<M> Network<M> {
    pub(super) fn new(nodes: u16, seed: Seed) -> Self {
        let links = pairs(nodes).map(|(from, to)| Link::new(seed, from, to)).collect();
        Self { nodes, links }
    }

    pub(super) fn link(&mut self, from: NodeId, to: NodeId) -> &mut Link<M> {
        let at = (usize::from(from.0) - 1) * usize::from(self.nodes) + usize::from(to.0) - 1;
        &mut self.links[at]
    }

    pub(super) fn lengthen(&mut self, links: &[DirectedLink], length: u64) {
        for &(from, to) in links {
            self.link(from, to).lengthen(length);
        }
    }

    pub(super) fn strike(&mut self, span: u32, links: &[DirectedLink], effect: &SharedEffect) {
        for &(from, to) in links {
            self.link(from, to).strike(span, effect.clone());
        }
    }

    /// Ends a span on these links, and returns what it had kept back, in order.
    pub(super) fn heal(
        &mut self,
        span: u32,
        ends_on: impl Fn(DirectedLink) -> bool,
    ) -> Vec<(NodeId, NodeId, NumberedCopy<M>)> {
        let each = pairs(self.nodes).zip(&mut self.links).filter(|(pair, _)| ends_on(*pair));
        let freed = each.flat_map(|((from, to), link)| {
            link.heal(span).into_iter().map(move |message| (from, to, message))
        });
        freed.collect()
    }

    /// What a span has done on all links together.
    pub(super) fn efficacy(&self, span: u32) -> Efficacy {
        let mut sum = Efficacy::default();
        for here in self.links.iter().filter_map(|link| link.efficacy(span)) {
            sum += here;
        }
        sum
    }
}

/// All ordered pairs of nodes, in order.
fn pairs(nodes: u16) -> impl Iterator<Item = (NodeId, NodeId)> {
    let ids = move || (1..=nodes).map(NodeId);
    ids().flat_map(move |from| ids().map(move |to| (from, to)))
}
