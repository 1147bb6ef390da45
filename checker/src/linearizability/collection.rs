//! What the monitors of sets, queues, stacks and priority queues share: when each element was
//! certainly inside, and what follows from that for the others.

pub(super) mod cover;
pub(super) mod lifetimes;
pub(super) mod lost_takes;
pub(super) mod shrink;
pub(super) mod trees;
