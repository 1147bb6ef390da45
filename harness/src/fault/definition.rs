//! What a kind of fault says of itself, in a file of its own.

use std::fmt::{Debug, Display};

use rashomon_targets::NodeId;
use rashomon_workloads::Rng;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Aim, Condition, FaultMenu, Strike};

/// A kind of fault: how it is called and described, drawn, and written in a plan.
///
/// Its parameters are the fields of the type; as JSON they are what a plan holds of it. The text
/// ([`Display`]) is what reports call one of them.
pub(crate) trait Definition:
    Aimed + Clone + Debug + Display + Eq + Serialize + DeserializeOwned
{
    /// What it does, in one sentence that begins with a small letter, without a full stop.
    const SUMMARY: &'static str;

    /// Its parameters: their names in a plan, values and units, and which of them drawn ones have.
    const PARAMETERS: &'static str;

    /// The words for it in a plan: of a fault on links, of its effects (`"effect"`), else of itself
    /// (`"fault"`). No other kind has them.
    const WORDS: &'static [&'static str];

    /// Beside which faults it is drawn.
    const TRACK: Track;

    /// What it takes hold of.
    const HOLD: Hold = Hold::Outside;

    /// Why one that struck may have changed nothing, as the end of a sentence that begins with
    /// "it changed nothing:".
    const IDLE: &'static str;

    /// What drawn ones wait for, three times of four.
    const ONCE: Option<Condition> = None;

    /// Draws one.
    fn draw(rng: &mut Rng, menu: &FaultMenu) -> Self;
}

/// What the run loop asks of a fault, whichever it is.
pub(crate) trait Aimed {
    /// Its target: the nodes or links that it strikes.
    fn aim(&self) -> Aim<'_>;

    /// The nodes that it names by their numbers.
    fn named(&self) -> Vec<NodeId> {
        self.aim().named()
    }

    /// What it does to a cluster of `nodes` where `primaries` take themselves to be primary, the latest
    /// epoch first; nothing where it is aimed at a primary and there is none.
    fn strike(&self, nodes: &[NodeId], primaries: &[NodeId]) -> Option<Strike>;
}

/// What a fault takes hold of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Links and processes: those of any program.
    Outside,
    /// The clock or the disk of a node, which only a node that takes part can have go wrong.
    Inside,
    /// The list of the members, which only a target changes whose claim covers the fault.
    Members,
}

/// Faults of one track follow each other in a plan; those of different tracks may overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Track {
    /// Of links.
    Network,
    /// Of processes.
    Process,
    /// Of clocks.
    Clock,
    /// Of disks that go on.
    Disk,
    /// Of the list of the members.
    Members,
}

impl Track {
    /// All of them.
    pub(super) const ALL: [Self; 5] =
        [Self::Network, Self::Process, Self::Clock, Self::Disk, Self::Members];

    /// The name of the stream of its chance.
    pub(super) fn stream(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Process => "process",
            Self::Clock => "clocks",
            Self::Disk => "disk faults",
            Self::Members => "members",
        }
    }

    /// How long one of its faults lasts, at least and at most, in hundredths of the load.
    ///
    /// A process fault is shorter than a network fault, so that none of these can fall into a time
    /// in which nobody who could be cut off is alive.
    pub(super) fn lasts(self) -> (u64, u64) {
        match self {
            Self::Network | Self::Clock | Self::Disk | Self::Members => (11, 18),
            Self::Process => (4, 7),
        }
    }

    /// The least cluster that it can strike.
    pub(super) fn least_nodes(self) -> usize {
        match self {
            Self::Network | Self::Members => 2, // A node alone has no links, and nobody to serve without it.
            Self::Process | Self::Clock | Self::Disk => 1,
        }
    }
}
