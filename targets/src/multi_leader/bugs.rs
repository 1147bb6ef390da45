//! The family's planted bugs.

use crate::PlantedBug;

/// A leader acknowledges a write before its record is durable.
pub const ACK_BEFORE_FSYNC: PlantedBug = PlantedBug {
    name: "ml-ack-before-fsync",
    summary: "multi-leader: a leader acknowledges before fsync; kills lose acknowledged writes",
};

/// A leader applies an update again that it has applied already.
pub const APPLIED_AGAIN: PlantedBug = PlantedBug {
    name: "ml-loop-no-dedupe",
    summary: "multi-leader: an update that arrives twice is applied twice; counters count too much",
};

/// The write that arrives last wins, whatever its timestamp.
pub const ARRIVAL_WINS: PlantedBug = PlantedBug {
    name: "ml-arrival-wins",
    summary: "multi-leader: timestamps are not compared; leaders keep different values for ever",
};

/// A leader of a ring or a star ships its own updates only.
pub const NOT_FORWARDED: PlantedBug = PlantedBug {
    name: "ml-not-forwarded",
    summary: "multi-leader: received updates are not forwarded; a ring or star does not converge",
};

pub(super) const ALL: &[PlantedBug] =
    &[ACK_BEFORE_FSYNC, APPLIED_AGAIN, ARRIVAL_WINS, NOT_FORWARDED];

/// Those that a topology without forwarding has a place for.
pub(super) const WITHOUT_FORWARDING: &[PlantedBug] =
    &[ACK_BEFORE_FSYNC, APPLIED_AGAIN, ARRIVAL_WINS];
