//! Spans that clog one node after another, and free one after another.

use std::collections::BTreeSet;

use rashomon_checker::Time;
use rashomon_targets::NodeId;

use super::Spans;
use super::ending::Ending;
use crate::fault::{DirectedLink, SharedEffect};
use crate::world::World;

/// How far a span has come.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    /// The nodes to clog, and then those to free, in order.
    to_come: Vec<(NodeId, Step)>,
    /// The nodes that are clogged.
    clogged: BTreeSet<NodeId>,
    /// What happens on their links.
    clog: SharedEffect,
    /// From one step to the next, in nanoseconds.
    every: u64,
}

/// What is done to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Clog,
    Free,
}

impl Spans {
    /// Begins; the first node is clogged at once.
    pub(super) fn swizzle(
        &mut self,
        at: usize,
        world: &impl World,
        ([order, back], clog): ([Vec<NodeId>; 2], SharedEffect),
    ) -> Vec<Ending> {
        let there = order.into_iter().map(|node| (node, Step::Clog));
        let mut to_come: Vec<_> =
            there.chain(back.into_iter().map(|node| (node, Step::Free))).collect();
        to_come.reverse();
        let span = &self.outcomes[at].span;
        let left = span.end().0.saturating_sub(world.now().0);
        let every = left / (to_come.len() as u64).max(1);
        self.steps.insert(at, Steps { to_come, clogged: BTreeSet::new(), clog, every });
        self.turns[at] = Some(world.now());
        vec![Ending::Heal]
    }

    /// The next node is clogged, or freed.
    pub(super) fn step(&mut self, at: usize, world: &mut impl World) {
        let members = world.members();
        let Some(steps) = self.steps.get_mut(&at) else { return };
        let Some((node, step)) = steps.to_come.pop() else { return };
        let span = self.outcomes[at].span.id;
        match step {
            Step::Clog => {
                let links = links_of(node, &members, &steps.clogged);
                if steps.clogged.insert(node) {
                    world.strike(span, &links, &steps.clog);
                }
            }
            Step::Free => {
                if steps.clogged.remove(&node) {
                    world.heal_on(span, &links_of(node, &members, &steps.clogged));
                }
            }
        }
        let next = Time(world.now().0 + steps.every);
        self.turns[at] = (!steps.to_come.is_empty()).then_some(next);
    }
}

/// The links of a node in both directions, but for those that are clogged for another node's sake.
fn links_of(node: NodeId, members: &[NodeId], clogged: &BTreeSet<NodeId>) -> Vec<DirectedLink> {
    let others = members.iter().filter(|&&other| other != node && !clogged.contains(&other));
    others.flat_map(|&other| [(node, other), (other, node)]).collect()
}
