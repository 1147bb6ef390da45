//! A fault on links: one effect on every message of some of them.

use std::fmt::{self, Display};
use std::sync::Arc;

use rashomon_targets::NodeId;
use serde::{Deserialize, Serialize};

use super::{Aim, Aimed, Direction, LinkEffect, Shape, Strike};

/// A fault on links: the links, the direction, and the effect on their messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename = "links")]
pub(crate) struct OnLinks<E> {
    /// Which links.
    pub(crate) shape: Shape,
    /// One way or both.
    pub(crate) direction: Direction,
    /// What happens on them.
    pub(crate) effect: E,
}

impl<E> OnLinks<E> {
    /// The effect on every link.
    pub(super) fn all(effect: E) -> Self {
        Self { shape: Shape::All, direction: Direction::Both, effect }
    }
}

impl<E: LinkEffect + Clone + 'static> Aimed for OnLinks<E> {
    fn aim(&self) -> Aim<'_> {
        self.shape.aim()
    }

    fn named(&self) -> Vec<NodeId> {
        self.shape.named()
    }

    fn strike(&self, nodes: &[NodeId], primaries: &[NodeId]) -> Option<Strike> {
        let links = self.shape.links(self.direction, nodes, primaries);
        Some(Strike::Links { links, effect: Arc::new(self.effect.clone()) })
    }
}

impl<E: Display> Display for OnLinks<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shape, direction, effect } = self;
        match direction {
            Direction::Both => write!(f, "{effect} {shape}"),
            Direction::Out => write!(f, "{effect} {shape}, outgoing only"),
            Direction::In => write!(f, "{effect} {shape}, incoming only"),
        }
    }
}

/// A part of a thousand, as a percentage.
pub(super) struct Percent(pub(super) u16);

impl Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} %", self.0 / 10, self.0 % 10)
    }
}
