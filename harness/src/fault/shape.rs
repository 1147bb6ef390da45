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
    /// Links between these nodes and all others: halves, a minority, any two sides.
    Cut {
        /// One side. All other nodes are the other side.
        side: Vec<NodeId>,
    },
    /// Links between one node and all others.
    Isolate {
        /// The node.
        node: Victim,
    },
    /// Links between each node that takes itself to be primary, in whichever epoch, and all others.
    Primaries,
    /// Links between nodes of different groups.
    Split {
        /// The groups. Nodes that none of them names are one more group.
        groups: Vec<Vec<NodeId>>,
    },
    /// Links between these nodes and all others but one, which both sides reach.
    Bridge {
        /// One side. All other nodes but the bridge are the other side.
        side: Vec<NodeId>,
        /// The bridge.
        over: NodeId,
    },
    /// Links between nodes that are far apart in a ring: each node reaches just a majority, itself included,
    /// and no two reach the same one (Jepsen's `majorities-ring`, here in both directions: of 3 nodes, or of 7,
    /// one reaches one more than that).
    MajoritiesRing {
        /// The order of the ring. Nodes that it does not name follow, in ascending order.
        #[serde(default)]
        order: Vec<NodeId>,
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
    /// From the side named to the others: it hears, but is not heard. With groups or a ring, from those that
    /// come first to later ones.
    Out,
    /// From the others to the side named: it is heard, but does not hear.
    In,
}

impl Shape {
    /// The nodes of the side named; all where every link is meant, or no side is.
    pub(super) fn aim(&self) -> Aim<'_> {
        match self {
            Self::Cut { side } | Self::Bridge { side, .. } => Aim::Nodes(side),
            Self::Isolate { node } => Aim::One(*node),
            Self::Primaries => Aim::Primaries,
            Self::Split { .. } | Self::MajoritiesRing { .. } | Self::All => Aim::All,
        }
    }

    /// The nodes that it names by their numbers.
    pub(super) fn named(&self) -> Vec<NodeId> {
        match self {
            Self::Split { groups } => groups.concat(),
            Self::Bridge { side, over } => side.iter().chain([over]).copied().collect(),
            Self::MajoritiesRing { order } => order.clone(),
            Self::Cut { .. } | Self::Isolate { .. } | Self::Primaries | Self::All => {
                self.aim().named()
            }
        }
    }

    /// The directed links, where `primaries` take themselves to be primary, the latest epoch first.
    ///
    /// A [`Victim::Primary`] where nobody is primary strikes no link.
    pub(crate) fn links(
        &self,
        direction: Direction,
        nodes: &[NodeId],
        primaries: &[NodeId],
    ) -> Vec<DirectedLink> {
        let leaves = self.outward(nodes, primaries);
        let mut links = Vec::new();
        for &from in nodes {
            for &to in nodes {
                let struck = match direction {
                    Direction::Both => leaves(from, to) || leaves(to, from),
                    Direction::Out => leaves(from, to),
                    Direction::In => leaves(to, from),
                };
                if from != to && struck {
                    links.push((from, to));
                }
            }
        }
        links
    }

    /// Whether a link leads out of the side named, for each pair of two nodes.
    fn outward<'a>(
        &'a self,
        nodes: &[NodeId],
        primaries: &[NodeId],
    ) -> Box<dyn Fn(NodeId, NodeId) -> bool + 'a> {
        let side = self.aim().victims(nodes, primaries);
        match self {
            Self::Cut { .. } | Self::Isolate { .. } => {
                Box::new(move |from, to| side.contains(&from) && !side.contains(&to))
            }
            Self::Primaries => Box::new(move |from, _| side.contains(&from)),
            Self::Bridge { over, .. } => Box::new(move |from, to| {
                let crosses = side.contains(&from) && !side.contains(&to);
                crosses && from != *over && to != *over
            }),
            Self::Split { groups } => {
                let of = |node: NodeId| groups.iter().position(|group| group.contains(&node));
                let group = move |node| of(node).unwrap_or(groups.len());
                Box::new(move |from, to| group(from) < group(to))
            }
            Self::MajoritiesRing { order } => {
                let mut ring: Vec<NodeId> = order.clone();
                ring.extend(nodes.iter().filter(|node| !order.contains(node)));
                Box::new(move |from, to| {
                    let place = |node| ring.iter().position(|here| *here == node);
                    match (place(from), place(to)) {
                        (Some(from), Some(to)) => from < to && !is_near(from, to, ring.len()),
                        (None, _) | (_, None) => false,
                    }
                })
            }
            Self::All => Box::new(|_, _| true),
        }
    }
}

/// Whether two places of a ring of `count` are near. The places near to one, and that one, are a majority, or
/// one more than that.
fn is_near(one: usize, other: usize, count: usize) -> bool {
    let wanted = count / 2;
    let apart = one.abs_diff(other);
    // The same number at both sides, and, if they are odd, the one opposite.
    apart.min(count - apart) <= wanted / 2 || (wanted % 2 == 1 && apart == wanted)
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut { side } => write!(f, "{} | others", Spaced(side)),
            Self::Isolate { node } => write!(f, "{node} | others"),
            Self::Primaries => f.write_str("each primary | others"),
            Self::Split { groups } => {
                for group in groups {
                    write!(f, "{} | ", Spaced(group))?;
                }
                f.write_str("others")
            }
            Self::Bridge { side, over } => {
                write!(f, "{} | others, bridge {over}", Spaced(side))
            }
            Self::MajoritiesRing { order } if order.is_empty() => f.write_str("majorities ring"),
            Self::MajoritiesRing { order } => write!(f, "majorities ring {}", Spaced(order)),
            Self::All => f.write_str("all links"),
        }
    }
}

/// Nodes with spaces between them.
struct Spaced<'a>(&'a [NodeId]);

impl fmt::Display for Spaced<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, node) in self.0.iter().enumerate() {
            write!(f, "{}{node}", if i == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
