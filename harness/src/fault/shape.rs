//! Which directed links a network fault strikes.

use std::fmt;

use rashomon_targets::NodeId;
use serde::{Deserialize, Serialize};

use super::{Aim, Victim};

/// A sender and a receiver.
pub(crate) type DirectedLink = (NodeId, NodeId);

/// A topology: a function from the nodes to directed links.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Shape {
    /// Links between these nodes and all others.
    Cut {
        /// One side. All other nodes are the other side.
        side: Vec<NodeId>,
    },
    /// Links between one node and all others.
    Isolate {
        /// The node.
        node: Victim,
    },
    /// Every link.
    All,
}

/// Which direction of the links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Direction {
    /// Both.
    Both,
    /// From the side named to the others: it hears, but is not heard.
    Out,
    /// From the others to the side named: it is heard, but does not hear.
    In,
}

impl Shape {
    /// The nodes of the side named; all where every link is meant.
    pub(super) fn aim(&self) -> Aim<'_> {
        match self {
            Self::Cut { side } => Aim::Nodes(side),
            Self::Isolate { node } => Aim::One(*node),
            Self::All => Aim::All,
        }
    }

    /// The directed links, with `primary` the node that [`Victim::Primary`] stands for.
    ///
    /// A [`Victim::Primary`] where nobody is primary strikes no link.
    pub(crate) fn links(
        &self,
        direction: Direction,
        nodes: &[NodeId],
        primary: Option<NodeId>,
    ) -> Vec<DirectedLink> {
        let side = self.aim().victims(nodes, primary);
        let mut links = Vec::new();
        for &from in nodes {
            for &to in nodes {
                let out = side.contains(&from) && (*self == Self::All || !side.contains(&to));
                let into = side.contains(&to) && (*self == Self::All || !side.contains(&from));
                let struck = match direction {
                    Direction::Both => out || into,
                    Direction::Out => out,
                    Direction::In => into,
                };
                if from != to && struck {
                    links.push((from, to));
                }
            }
        }
        links
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut { side } => {
                for (i, node) in side.iter().enumerate() {
                    write!(f, "{}{node}", if i == 0 { "" } else { " " })?;
                }
                f.write_str(" | others")
            }
            Self::Isolate { node } => write!(f, "{node} | others"),
            Self::All => f.write_str("all links"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes() -> Vec<NodeId> {
        (1..=3).map(NodeId).collect()
    }

    #[test]
    fn a_one_way_cut_is_half_of_the_two_way_cut() {
        let shape = Shape::Cut { side: vec![NodeId(1)] };
        let links = |direction| shape.links(direction, &nodes(), None);
        assert_eq!(links(Direction::Out), [(NodeId(1), NodeId(2)), (NodeId(1), NodeId(3))]);
        assert_eq!(links(Direction::In), [(NodeId(2), NodeId(1)), (NodeId(3), NodeId(1))]);
        assert_eq!(links(Direction::Both).len(), 4);
    }

    #[test]
    fn isolating_the_primary_needs_one() {
        let shape = Shape::Isolate { node: Victim::Primary };
        assert!(shape.links(Direction::Both, &nodes(), None).is_empty());
        assert_eq!(shape.links(Direction::Both, &nodes(), Some(NodeId(2))).len(), 4);
    }

    #[test]
    fn all_links_are_all_pairs() {
        assert_eq!(Shape::All.links(Direction::Both, &nodes(), None).len(), 6);
    }
}
