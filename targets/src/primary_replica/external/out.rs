//! What a node asks of its driver.

use super::super::fenced;
use super::message::{Message, Record};
use crate::{Outbox, raft};

/// Where this node puts its effects.
pub(super) type Out<'a> = Outbox<'a, Message, Record, Timer>;

/// What a node has itself woken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// Of the member of the service.
    Service(raft::Timer),
    /// The session is to be kept alive.
    Beat,
    /// Of the data.
    Data(fenced::Timer),
}
