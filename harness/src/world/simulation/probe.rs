//! Looks at simulated nodes, which take no time.

use rashomon_targets::{Node, NodeId, Now, Role};

use super::Simulation;
use super::node::SimulatedNode;
use crate::world::{Look, Probe};

impl<N: Node> Probe for Simulation<N> {
    fn looks(&mut self) -> Vec<Option<Look>> {
        let look = |node: &SimulatedNode<N>| {
            let state = node.state.as_ref().filter(|_| !node.is_paused)?;
            let mut look = Look::from(state.status());
            look.bug_hits += node.former_hits;
            Some(look)
        };
        self.nodes.iter().map(look).collect()
    }

    fn roles(&mut self) -> Option<Vec<Option<Role>>> {
        Some(self.looks().into_iter().map(|look| look?.role).collect())
    }

    fn holds_undurable(&mut self, id: NodeId) -> Option<bool> {
        let node = self.node(id);
        Some(node.state.is_some() && !node.unsynced.is_empty())
    }

    fn watch_for_undurable(&mut self, nodes: &[NodeId]) {
        self.watched.extend_from_slice(nodes);
    }

    fn clocks(&mut self) -> Vec<Option<Now>> {
        let moment = self.moment();
        let now = |node: &SimulatedNode<N>| {
            let state = node.state.as_ref().filter(|_| !node.is_paused)?;
            Some(state.now(moment))
        };
        self.nodes.iter().map(now).collect()
    }
}
