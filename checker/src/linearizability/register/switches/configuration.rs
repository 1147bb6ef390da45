//! Where a register stands between two events.

use crate::linearizability::search::engine::grown;
use crate::linearizability::search::engine::mask::Mask;
use crate::plant::{Bug, planted};

/// Where a register stands between two events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RegisterConfiguration<const W: usize> {
    pub(super) value: u32,
    /// Open operations that may not end yet.
    pub(super) debt: Mask<W>,
    /// Open writes and swaps that may still be used.
    pub(super) stock: Mask<W>,
    /// How it was reached.
    pub(super) trail: u32,
}

impl<const W: usize> RegisterConfiguration<W> {
    /// Nothing has happened yet.
    pub(super) const START: Self =
        Self { value: 0, debt: Mask::EMPTY, stock: Mask::EMPTY, trail: SwitchTrail::START };

    /// Whether it can do all that another one of the same value can.
    ///
    /// A write that the other has used is debt of neither; one that the other must still cover it
    /// has in stock. A swap is in debt as long as it is in stock, so they agree on those.
    pub(super) fn is_as_good_as(&self, other: &Self) -> bool {
        let owes_no_more = other.debt.covers(&self.debt) || planted(Bug::SwitchForgetDebt);
        let has_no_less = self.stock.covers(&other.stock) || planted(Bug::SwitchForgetStock);
        owes_no_more && has_no_less
    }
}

/// A write or swap that took effect, at the end of some operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Switch {
    pub(super) event: u32,
    pub(super) slot: u16,
}

/// How configurations were reached.
pub(super) struct SwitchTrail(Vec<(u32, Switch)>);

impl SwitchTrail {
    const START: u32 = u32::MAX;

    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    /// The place after `taken`, which was done at the place `from`.
    pub(super) fn after(&mut self, from: u32, taken: Switch) -> u32 {
        self.0.push((from, taken));
        u32::try_from(self.0.len() - 1).expect("the budget is spent before")
    }

    /// What leads to a place, the first first.
    pub(super) fn to(&self, mut place: u32) -> Vec<Switch> {
        let mut all = Vec::new();
        while place != Self::START {
            let (from, taken) = self.0[place as usize];
            all.push(taken);
            place = from;
        }
        all.reverse();
        all
    }

    pub(super) fn bytes(&self) -> usize {
        grown(self.0.len(), self.0.capacity()) * size_of::<(u32, Switch)>()
    }
}
