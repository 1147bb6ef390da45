//! How configurations were reached, for an order to be told.

use super::branch::Branch;
use super::table::grown;
use crate::plant::{Bug, planted};

/// The last branch to each configuration that was reached, and the one that it came from.
pub(super) struct Trail(Vec<(u32, Branch)>);

impl Trail {
    /// Where every trail starts.
    pub(super) const START: u32 = u32::MAX;

    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    /// The place after `branch`, taken at the place `from`.
    pub(super) fn after(&mut self, from: u32, branch: Branch) -> u32 {
        self.0.push((from, branch));
        u32::try_from(self.0.len() - 1).expect("the budget is spent before")
    }

    /// The branches that lead to a place, the first one first.
    pub(super) fn to(&self, mut place: u32) -> Vec<Branch> {
        let mut taken = Vec::new();
        while place != Self::START {
            let (from, branch) = self.0[place as usize];
            if from != Self::START || !planted(Bug::TrailForgetFirst) {
                taken.push(branch);
            }
            place = from;
        }
        taken.reverse();
        taken
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn bytes(&self) -> usize {
        grown(self.0.len(), self.0.capacity()) * size_of::<(u32, Branch)>()
    }
}
