//! Between a run and its record: a run becomes plain facts, and the facts become what judging it
//! again
//! needs.

mod again;
mod facts;

pub(crate) use again::{driven, efficacy, settings};
pub(crate) use facts::{Told, claim, doubt, record};

#[cfg(test)]
mod tests;
