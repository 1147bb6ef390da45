//! The client's side of an operation: which node to ask, how the reference targets are asked, and what
//! a reply honestly means.
//!
//! Sans-IO, and the same for both worlds.

mod honesty;
pub(crate) mod maelstrom;
mod reference;
mod reply;
mod router;
mod sessions;

pub(crate) use honesty::{completion, is_not_replica};
pub(crate) use reference::{offered, reply, request};
pub(crate) use reply::{Reply, Why};
pub(crate) use router::Router;
pub(crate) use sessions::Sessions;
