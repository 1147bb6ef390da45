//! The nodes or links that a fault strikes.

use std::fmt;

use rashomon_targets::NodeId;
use serde::{Deserialize, Serialize};

/// The node that a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Victim {
    /// This node.
    Node(NodeId),
    /// Whichever node takes itself to be primary, in the latest epoch, when the span starts.
    Primary,
}

/// The nodes that a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Victims {
    /// This node.
    Node(NodeId),
    /// The primary, as for [`Victim::Primary`].
    Primary,
    /// Every node, at once.
    All,
}

impl From<Victim> for Victims {
    fn from(victim: Victim) -> Self {
        match victim {
            Victim::Node(node) => Self::Node(node),
            Victim::Primary => Self::Primary,
        }
    }
}

/// The nodes that a fault names: for a fault on links, those of the side named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aim<'a> {
    /// Every node.
    All,
    /// These nodes.
    Nodes(&'a [NodeId]),
    /// One node.
    One(Victim),
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

impl Aim<'_> {
    /// The nodes meant in a cluster of `nodes`, with `primary` the node that is primary.
    pub(crate) fn victims(self, nodes: &[NodeId], primary: Option<NodeId>) -> Vec<NodeId> {
        match self {
            Self::All => nodes.to_vec(),
            Self::Nodes(named) => named.to_vec(),
            Self::One(victim) => victim.node(primary).into_iter().collect(),
        }
    }

    /// The nodes that are named by their numbers.
    pub(super) fn named(self) -> Vec<NodeId> {
        match self {
            Self::Nodes(named) => named.to_vec(),
            Self::One(Victim::Node(node)) => vec![node],
            Self::All | Self::One(Victim::Primary) => Vec::new(),
        }
    }
}

impl From<Victims> for Aim<'_> {
    fn from(victims: Victims) -> Self {
        match victims {
            Victims::Node(node) => Self::One(Victim::Node(node)),
            Victims::Primary => Self::One(Victim::Primary),
            Victims::All => Self::All,
        }
    }
}

impl fmt::Display for Victims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(node) => node.fmt(f),
            Self::Primary => f.write_str("primary"),
            Self::All => f.write_str("all nodes"),
        }
    }
}

impl fmt::Display for Victim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(node) => node.fmt(f),
            Self::Primary => f.write_str("primary"),
        }
    }
}
