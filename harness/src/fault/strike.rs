//! A fault whose victims are known: all that a world is told of it.

use rashomon_targets::NodeId;

use super::{Fault, LinkEffect, Victim};

/// A sender and a receiver.
pub(crate) type DirectedLink = (NodeId, NodeId);

/// What is to be done, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Strike {
    /// Something happens on these links.
    Links {
        /// Which.
        links: Vec<DirectedLink>,
        /// What.
        effect: LinkEffect,
    },
    /// This node dies.
    Kill(NodeId),
    /// This node stops.
    Pause(NodeId),
}

impl Victim {
    /// The node meant, with `primary` the node that is primary.
    pub(super) fn node(self, primary: Option<NodeId>) -> Option<NodeId> {
        match self {
            Self::Node(node) => Some(node),
            Self::Primary => primary,
        }
    }
}

impl Fault {
    /// What this fault does to a cluster of `nodes` whose primary is `primary`; nothing where it
    /// aims at a primary and there is none.
    pub(crate) fn strike(&self, nodes: &[NodeId], primary: Option<NodeId>) -> Option<Strike> {
        match self {
            Self::Links { shape, direction, effect } => {
                let links = shape.links(*direction, nodes, primary);
                Some(Strike::Links { links, effect: *effect })
            }
            Self::Kill { node } => node.node(primary).map(Strike::Kill),
            Self::Pause { node } => node.node(primary).map(Strike::Pause),
        }
    }

    /// The nodes it is aimed at: for links, those of the side named.
    pub(crate) fn victims(&self, nodes: &[NodeId], primary: Option<NodeId>) -> Vec<NodeId> {
        match self {
            Self::Links { shape, .. } => shape.side(nodes, primary),
            Self::Kill { node } | Self::Pause { node } => node.node(primary).into_iter().collect(),
        }
    }

    /// Whether it is aimed at whoever is primary.
    pub(crate) fn is_aimed_at_primary(&self) -> bool {
        let (unled, led) = (None, Some(NodeId(0)));
        self.victims(&[], unled) != self.victims(&[], led)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Direction, Shape};

    fn nodes() -> Vec<NodeId> {
        (1..=3).map(NodeId).collect()
    }

    #[test]
    fn a_fault_aimed_at_the_primary_strikes_the_one_there_is_and_nobody_where_there_is_none() {
        let kill = Fault::Kill { node: Victim::Primary };
        assert_eq!(kill.strike(&nodes(), Some(NodeId(2))), Some(Strike::Kill(NodeId(2))));
        assert_eq!(kill.victims(&nodes(), Some(NodeId(2))), [NodeId(2)]);
        assert_eq!(kill.strike(&nodes(), None), None);
        assert!(kill.is_aimed_at_primary());
        assert!(!Fault::Kill { node: Victim::Node(NodeId(2)) }.is_aimed_at_primary());
    }

    #[test]
    fn the_victims_of_a_cut_are_the_side_named() {
        let shape = Shape::Cut { side: vec![NodeId(1), NodeId(3)] };
        let cut = Fault::Links { shape, direction: Direction::Out, effect: LinkEffect::Drop };
        assert_eq!(cut.victims(&nodes(), Some(NodeId(2))), [NodeId(1), NodeId(3)]);
        let links = vec![(NodeId(1), NodeId(2)), (NodeId(3), NodeId(2))];
        let struck = Some(Strike::Links { links, effect: LinkEffect::Drop });
        assert_eq!(cut.strike(&nodes(), None), struck);
    }
}
