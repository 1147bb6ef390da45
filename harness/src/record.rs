//! Between a run and its record: what a run was becomes plain facts, and what judging it again takes
//! comes back from them.

mod again;
mod facts;

pub(crate) use again::{driven, efficacy, settings};
pub(crate) use facts::{Told, claim, doubt, record};

#[cfg(test)]
mod tests;
