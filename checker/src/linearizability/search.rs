//! Search for an order: over configurations, for any model; with the order of what is inside left
//! open, for queues and stacks; and as Wing and Gong do it, to compare with.

pub(crate) mod delayed;
pub(crate) mod engine;
pub(crate) mod order;
pub mod wgl;
