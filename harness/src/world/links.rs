//! The part of a world that applies faults to the links between nodes, and counts their effects.

use crate::fault::{DirectedLink, Efficacy, SharedEffect};

/// Applies faults to directed links.
pub(crate) trait Links {
    /// From now on messages on these links take so much longer than usual, in nanoseconds: no fault, they are long.
    fn lengthen(&mut self, links: &[DirectedLink], length: u64);

    /// Puts an effect on links. `span` is a number of the caller's, to heal and to count by.
    fn strike(&mut self, span: u32, links: &[DirectedLink], effect: &SharedEffect);

    /// Ends a span on all links, and releases the messages it held back.
    fn heal(&mut self, span: u32);

    /// Ends a span on these links only, as [`heal`](Self::heal) does on all.
    fn heal_on(&mut self, span: u32, links: &[DirectedLink]);

    /// The effects of a span so far, summed over all links.
    fn efficacy(&self, span: u32) -> Efficacy;
}
