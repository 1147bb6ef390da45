//! Moments before or after which something must be, and why.

use super::cut::{NEVER, Window};
use crate::OpIndex;

/// A bound, and the operation it comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub(super) at: u32,
    pub(super) by: Option<OpIndex>,
}

impl Bound {
    /// Before everything.
    pub(super) const START: Self = Self { at: 0, by: None };
    /// After everything.
    pub(super) const NEVER: Self = Self { at: NEVER, by: None };

    /// The later of the two.
    pub(super) fn raise(&mut self, other: Self) {
        if other.at > self.at {
            *self = other;
        }
    }

    /// The earlier of the two.
    pub(super) fn lower(&mut self, other: Self) {
        if other.at < self.at {
            *self = other;
        }
    }
}

/// The bounds that an operation sets to itself: not before, and not after.
pub(super) fn bounds_of(op: OpIndex, span: Window) -> (Bound, Bound) {
    (Bound { at: span.from, by: Some(op) }, Bound { at: span.to, by: Some(op) })
}
