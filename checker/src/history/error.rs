//! Why a sequence of events is not a history.

use std::sync::Arc;

use thiserror::Error;

use crate::{Value, visible};

/// Why a sequence of events is not a history. Events are named by the number their file gives
/// them.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HistoryError {
    /// A process invoked before its previous op completed.
    #[error(
        "event {index}: process {} invoked an op while its op at event {pending} is in flight",
        visible(process)
    )]
    Overlap {
        /// The offending invocation.
        index: u64,
        /// The invocation still in flight.
        pending: u64,
        /// The process at fault, by its name or number.
        process: Arc<str>,
    },
    /// A completion with no invocation before it.
    #[error("event {index}: process {} completed an op it never invoked", visible(process))]
    Orphan {
        /// The offending completion.
        index: u64,
        /// The process at fault, by its name or number.
        process: Arc<str>,
    },
    /// A completion of another function than was invoked.
    #[error(
        "event {index}: process {} completed `{}`, but `{}` is in flight",
        visible(process),
        visible(completed),
        visible(invoked)
    )]
    OtherFunction {
        /// The offending completion.
        index: u64,
        /// The process at fault, by its name or number.
        process: Arc<str>,
        /// The function invoked.
        invoked: Arc<str>,
        /// The function completed.
        completed: Arc<str>,
    },
    /// A completion for another key than was invoked.
    #[error(
        "event {index}: process {} completed an op on key {completed}, but its op in flight is on another",
        visible(process)
    )]
    OtherKey {
        /// The offending completion.
        index: u64,
        /// The process at fault, by its name or number.
        process: Arc<str>,
        /// The key completed.
        completed: Value,
    },
    /// Numbers of events that do not increase.
    #[error("event {index} comes after event {previous}")]
    Unordered {
        /// The offending event.
        index: u64,
        /// The event before it.
        previous: u64,
    },
    /// More than this history can hold.
    #[error("event {index}: too many {what} for one history")]
    TooLarge {
        /// The event that did not fit. The history is as it was before it.
        index: u64,
        /// Of what there are too many.
        what: &'static str,
    },
}
