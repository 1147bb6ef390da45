//! What ends a fault in force, and what it does by turns until then.

use rashomon_targets::NodeId;

use crate::disk::{DiskCounts, DiskTrouble};
use crate::fault::{Data, Stretch};

/// What ends a span in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Its links are to be healed.
    Heal,
    /// This node, which the span has killed, is to be started again.
    Launch(NodeId),
    /// This node was dead when the span struck. It is not to be started before the span ends.
    KeepDead(NodeId),
    /// This node is to continue, unless another span has stopped it too. When it was paused, this number of
    /// inputs had arrived during pauses.
    Resume { node: NodeId, stalled_before: u64 },
    /// As [`Resume`](Self::Resume), of a node that stops and goes by turns.
    GoOn { node: NodeId, turns: Turns, stalled_before: u64 },
    /// The disk of this node is to be mended, as far as no other span hurts it. `before` is what it had done when the
    /// span struck, or when the node began its present life.
    MendDisk { node: NodeId, trouble: DiskTrouble, before: DiskCounts },
    /// The log of this node is to be put back as it was.
    Restore(NodeId),
    /// The wall clock of this node is to be set right, or as the last span says that still holds it
    /// ahead.
    SetRight { node: NodeId, ahead: i64 },
    /// As [`SetRight`](Self::SetRight), of a clock that jumps to and fro.
    StopStrobe { node: NodeId, strobe: Strobe },
    /// The clocks of this node are to run at the right rate, or as the last span says that still holds them.
    SetRateRight { node: NodeId, gains: i32 },
    /// This node is to be a member again.
    Admit(Outsider),
}

/// A node that is kept out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outsider {
    pub(super) node: NodeId,
    pub(super) data: Data,
    pub(super) seen: Seen,
}

/// What the administrator saw of a node that is to be kept out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// Nothing that says that it was a member since: it may have been out before.
    Nothing,
    /// It was a member.
    Member,
    /// It was a member, and is none.
    Left,
}

/// The turns of a node that stops and goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turns {
    /// How long it stops at a time.
    pub(super) stops: Stretch,
    /// How long it goes then.
    pub(super) goes: Stretch,
    /// Whether it is stopped now.
    pub(super) is_stopped: bool,
}

/// A clock that jumps to and fro.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Strobe {
    /// How far ahead it is every other time, in nanoseconds.
    pub(super) ahead: i64,
    /// How long it stays as it is.
    pub(super) every: Stretch,
    /// Whether it is ahead now.
    pub(super) is_ahead: bool,
}

impl Ending {
    /// Whether the span keeps this node stopped.
    pub(super) fn stops(&self, node: NodeId) -> bool {
        match *self {
            Self::Resume { node: of, .. } => of == node,
            Self::GoOn { node: of, turns, .. } => of == node && turns.is_stopped,
            _ => false,
        }
    }

    /// What is left of it when this node is killed: a dead node cannot be stopped, and one that stops and goes will
    /// do so in its new life.
    pub(super) fn after_death(self, node: NodeId) -> Option<Self> {
        match self {
            Self::GoOn { node: of, turns, stalled_before } if of == node => {
                let turns = Turns { is_stopped: false, ..turns };
                Some(Self::GoOn { node, turns, stalled_before })
            }
            other => Some(other).filter(|it| !it.stops(node)),
        }
    }
}
