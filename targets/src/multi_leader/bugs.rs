//! The family's planted bugs.

use crate::PlantedBug;
use crate::bug::hunt;

/// A leader acknowledges a write before its record is durable.
pub const ACK_BEFORE_FSYNC: PlantedBug = PlantedBug::new(
    "ml-ack-before-fsync",
    "multi-leader: a leader acknowledges before fsync; kills lose acknowledged writes",
)
.sought(&[hunt("lost-element", "multi-leader --workload set --faults kill")]);

/// A leader applies an update again that it has applied already.
pub const APPLIED_AGAIN: PlantedBug = PlantedBug::new(
    "ml-loop-no-dedupe",
    "multi-leader: an update that arrives twice is applied twice; counters count too much",
)
.sought(&[hunt(
    "counter-out-of-bounds",
    "multi-leader --topology ring --workload counter --faults messages",
)]);

/// The write that arrives last wins, whatever its timestamp.
pub const ARRIVAL_WINS: PlantedBug = PlantedBug::new(
    "ml-arrival-wins",
    "multi-leader: timestamps are not compared; leaders keep different values for ever",
)
.sought(&[hunt("divergence", "multi-leader --workload register --faults none --time 1s")]);

/// A leader of a ring or a star ships its own updates only.
pub const NOT_FORWARDED: PlantedBug = PlantedBug::new(
    "ml-not-forwarded",
    "multi-leader: received updates are not forwarded; a ring or star does not converge",
)
.sought(&[hunt(
    "divergence",
    "multi-leader --topology star --workload set --faults none --time 1s",
)]);

/// A leader ships an update before its disk has it.
pub(super) const SHIPS_BEFORE_FSYNC: PlantedBug = PlantedBug::new(
    "ml-ships-before-fsync",
    "multi-leader: a leader ships updates before fsync; after a kill it gives their numbers to others, and \
              leaders stay apart",
)
.sought(&[hunt("divergence", "multi-leader --workload set --faults kill")]);

/// A leader does not take note of what another one says that it holds, but for the first time.
pub(super) const HOLDS_IGNORED: PlantedBug = PlantedBug::new(
    "ml-holds-ignored",
    "multi-leader: what was acknowledged is shipped again and again, for ever; no progress",
)
.sought(&[hunt("progress", "multi-leader --faults none --time 1s")]);

pub(super) const ALL: &[PlantedBug] = &[
    ACK_BEFORE_FSYNC,
    APPLIED_AGAIN,
    ARRIVAL_WINS,
    SHIPS_BEFORE_FSYNC,
    HOLDS_IGNORED,
    NOT_FORWARDED,
];

/// Those that a topology without forwarding has a place for.
pub(super) const WITHOUT_FORWARDING: &[PlantedBug] =
    &[ACK_BEFORE_FSYNC, APPLIED_AGAIN, ARRIVAL_WINS, SHIPS_BEFORE_FSYNC, HOLDS_IGNORED];
