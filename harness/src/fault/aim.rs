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
    /// Every node that takes itself to be primary, in whichever epoch, when the span starts.
    Primaries,
}

impl Victim {
    /// The node meant, where `primaries` take themselves to be that, the latest epoch first.
    pub(super) fn node(self, primaries: &[NodeId]) -> Option<NodeId> {
        match self {
            Self::Node(node) => Some(node),
            Self::Primary => primaries.first().copied(),
        }
    }
}

impl Aim<'_> {
    /// The nodes meant in a cluster of `nodes`, where `primaries` take themselves to be primary, the latest
    /// epoch first.
    pub(crate) fn victims(self, nodes: &[NodeId], primaries: &[NodeId]) -> Vec<NodeId> {
        match self {
            Self::All => nodes.to_vec(),
            Self::Nodes(named) => named.to_vec(),
            Self::One(victim) => victim.node(primaries).into_iter().collect(),
            Self::Primaries => primaries.to_vec(),
        }
    }

    /// The node, where it is one.
    pub(super) fn one(self) -> Option<Victim> {
        match self {
            Self::One(victim) => Some(victim),
            Self::Nodes(&[node]) => Some(Victim::Node(node)),
            Self::All | Self::Nodes(_) | Self::Primaries => None,
        }
    }

    /// The nodes that are named by their numbers.
    pub(super) fn named(self) -> Vec<NodeId> {
        match self {
            Self::Nodes(named) => named.to_vec(),
            Self::One(Victim::Node(node)) => vec![node],
            Self::All | Self::One(Victim::Primary) | Self::Primaries => Vec::new(),
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
