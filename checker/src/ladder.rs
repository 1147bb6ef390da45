//! The ladder: which consistency models a history keeps, and which it breaks.
//!
//! Each [`LadderCheck`] judges some models; [`CHECKS`] has all of them, the cheapest first. Where one that was
//! judged decides another by implication ([`Consistency::implies`]), that one is not judged.
//!
//! # To add a checker
//!
//! One line in [`CHECKS`]: the models, and a function from a [`Subject`] to one
//! [`Standing`] for each of them, in that order. [`Subject::sessions`] has the
//! history as sessions see it, [`Subject::of_verdict`] takes the verdict of a checker, and
//! [`Subject::of_sessions`] tells breaches of the models of sessions. `--ladder`, `--require`, the judge of
//! runs and `list consistency` need nothing else; the tests ask for a line in `separating.rs`.

mod checks;
mod climb;
mod rung;
mod story;
mod subject;

#[cfg(test)]
mod separating;
#[cfg(test)]
mod spoilt;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod textbook;

pub use self::checks::{CHECKS, LadderCheck};
pub use self::climb::Ladder;
pub use self::rung::{Rung, Standing};
pub use self::subject::Subject;

use crate::Consistency;

/// Whether there is a checker for `model`.
pub fn is_judged(model: Consistency) -> bool {
    CHECKS.iter().any(|check| check.models.contains(&model))
}
