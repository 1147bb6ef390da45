//! A gate: whether a build is worse than a baseline that was accepted.
//!
//! It is given what a campaign found and what became of planted bugs, and says what is worse. It runs nothing:
//! `cli/gate.rs` does.

mod accept;
mod figure;
mod hunt;
mod judge;
mod regression;
mod required;
mod told;

pub(crate) use accept::accepted;
pub(crate) use figure::{Comparison, Figure};
pub(crate) use hunt::{BugHunt, HuntFate};
pub(crate) use judge::{Judged, judge};
pub(crate) use regression::{Regression, RegressionKind};
pub(crate) use required::no_longer_required;
pub(crate) use told::{GateRules, ToldGate};

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
