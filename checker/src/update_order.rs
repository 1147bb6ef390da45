//! Is there one order of a register's updates that explains what they and the reads returned,
//! where reads may be out of step?
//!
//! An *update* is a write or a `cas`, one that finds another value included. [`Rule`] says which
//! pairs of operations real time orders: in every rule two updates, and a read before an update.
//! So an order of the operations is a linear extension of a partial order, along which each
//! operation returns what a register would.
//!
//! | what is written | method | cost |
//! |---|---|---|
//! | no value twice | [`blocks`] | O(n log n) |
//! | the same, if a `cas` that finds another value has no place in the order found | [`search`] | exponential in the updates in flight |
//! | anything else | [`search`] | the same |

mod blocks;
mod least;
mod overlap;
mod report;
mod search;
mod steps;
mod story;

pub use self::report::{OrderPart, OrderReport};

pub(crate) use self::report::check;

/// Which operations real time orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// All, except between two reads.
    Regular,
    /// The same; reads that overlap a write are left out.
    Safe,
    /// All, except those in which the later operation is a read.
    Prefix,
}

impl Rule {
    /// Whether a read sees the last update before it.
    fn is_fresh(self) -> bool {
        self != Self::Prefix
    }
}

#[cfg(test)]
mod tests;
