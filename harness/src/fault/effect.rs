//! What a fault does to the messages on a link.

use std::fmt::{self, Debug, Display};
use std::sync::Arc;

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::{Deserialize, Serialize};

use super::{Aim, Aimed, Direction, Shape, Strike};

/// An effect on every message of a link. A fault that hurts links defines its own.
pub(crate) trait LinkEffect: Debug + Send + Sync {
    /// What becomes of a message that is sent now. `rng` is this message's and this fault's own.
    fn on_send(&self, rng: &mut Rng) -> Fate {
        let _ = rng;
        Fate::default()
    }

    /// What becomes of a message that would arrive now: also of one that was on its way when the
    /// fault struck.
    fn on_arrival(&self) -> Arrival {
        Arrival::Delivered
    }
}

/// An effect, as worlds are told it.
pub(crate) type SharedEffect = Arc<dyn LinkEffect>;

/// What one effect does to one message when it is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fate {
    /// It is lost.
    pub(crate) lost: bool,
    /// How much longer it takes, in nanoseconds.
    pub(crate) late: u64,
    /// It comes twice.
    pub(crate) twice: bool,
    /// A bit of it changes: this one, modulo how many it has.
    pub(crate) flip: Option<u64>,
}

/// What one effect does to one message when it would arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It arrives.
    Delivered,
    /// It is lost.
    Lost,
    /// It is kept back, and delivered when the fault heals.
    Held,
}

/// A fault on links: which, which way, and what happens to their messages.
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

    fn strike(&self, nodes: &[NodeId], primary: Option<NodeId>) -> Option<Strike> {
        let links = self.shape.links(self.direction, nodes, primary);
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
