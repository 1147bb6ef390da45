//! Regions: nodes that are near each other, and far from all others.

use rashomon_targets::NodeId;
use serde::{Deserialize, Serialize};

use crate::fault::DirectedLink;

/// The most regions.
const MOST: u16 = 100;
/// The longest way from one to another, in milliseconds: a round trip of twice that is less than what nodes wait for
/// a leader.
pub(crate) const ACROSS_MOST: u64 = 80;

/// Nodes are in regions by turns: of three, n1 and n4 are in the first. A message from one region to another takes
/// so much longer than one within a region, each way. Clients, and services of
/// Maelstrom, are near every node that they ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Regions {
    /// How many.
    pub(crate) count: u16,
    /// How much longer a message takes from one to another, in milliseconds.
    pub(crate) across_ms: u64,
}

impl Regions {
    /// Checks that there is a node in each.
    ///
    /// # Errors
    /// Names the flag at fault, and what to give.
    pub(crate) fn check(self, nodes: usize) -> Result<(), String> {
        let most = u16::try_from(nodes).unwrap_or(MOST).min(MOST);
        if !(2..=most).contains(&self.count) {
            return Err(format!(
                "--regions {} of {nodes} nodes: give 2 to {most}, or more --nodes",
                self.count
            ));
        }
        if !(1..=ACROSS_MOST).contains(&self.across_ms) {
            return Err(format!("--across {} ms: give 1ms to {ACROSS_MOST}ms", self.across_ms));
        }
        Ok(())
    }

    /// How much longer a message takes from one to another, in nanoseconds.
    pub(crate) fn across(self) -> u64 {
        self.across_ms.saturating_mul(1_000_000)
    }

    /// The links from one region to another, of a cluster of these nodes.
    pub(crate) fn links(self, members: &[NodeId]) -> Vec<DirectedLink> {
        let count = usize::from(self.count.max(1));
        let placed = || members.iter().enumerate().map(|(place, &node)| (place % count, node));
        let pairs = placed().flat_map(|from| placed().map(move |to| (from, to)));
        let far = pairs.filter(|((here, _), (there, _))| here != there);
        far.map(|((_, from), (_, to))| (from, to)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_in_regions_by_turns_and_links_between_them_are_far_both_ways() {
        let members: Vec<NodeId> = (1..=4).map(NodeId).collect();
        let far = Regions { count: 2, across_ms: 40 }.links(&members);
        let far: Vec<(u16, u16)> = far.into_iter().map(|(from, to)| (from.0, to.0)).collect();
        assert_eq!(far, [(1, 2), (1, 4), (2, 1), (2, 3), (3, 2), (3, 4), (4, 1), (4, 3)]);
    }

    #[test]
    fn a_region_without_a_node_and_a_way_that_is_too_long_are_refused_by_name() {
        let check = |count, across_ms| Regions { count, across_ms }.check(3);
        assert_eq!([check(2, 1), check(3, ACROSS_MOST)], [Ok(()), Ok(())]);
        let too_long = (2, ACROSS_MOST + 1, "--across");
        for (count, across_ms, flag) in
            [(1, 40, "--regions"), (4, 40, "--regions"), (2, 0, "--across"), too_long]
        {
            assert!(check(count, across_ms).unwrap_err().contains(flag));
        }
    }
}
