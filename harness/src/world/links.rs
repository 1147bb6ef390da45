//! The part of a world that hurts the links between nodes, and counts what it does to them.

use crate::fault::{DirectedLink, Efficacy, SharedEffect};

/// Hurts directed links.
pub(crate) trait Links {
    /// Puts an effect on links. `span` is a number of the caller's, to heal and to count by.
    fn strike(&mut self, span: u32, links: &[DirectedLink], effect: &SharedEffect);

    /// Ends a span on all links, and lets go of what it kept back.
    fn heal(&mut self, span: u32);

    /// What a span has done so far, on all links together.
    fn efficacy(&self, span: u32) -> Efficacy;
}
