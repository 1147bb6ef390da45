//! The part of a world that observes nodes from outside, over a connection that no fault affects.

use rashomon_targets::{NodeId, Now, Role, Status};

/// What a node reports of itself, or what can be observed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// What it takes itself to be, where that can be told.
    pub(crate) role: Option<Role>,
    /// The epoch it is in; 0 where there is none.
    pub(crate) epoch: u64,
    /// Whether it has nothing under way. A cluster all of whose nodes rest, and stay so, is quiescent.
    pub(crate) rests: bool,
    /// Equal digests, equal states; of a node that does not tell, a count of what it has said.
    pub(crate) digest: u64,
    /// How often a planted bug had an effect.
    pub(crate) bug_hits: u64,
    /// The members that it knows of for certain, where they change.
    pub(crate) members: Option<Vec<NodeId>>,
}

impl From<Status> for Look {
    fn from(status: Status) -> Self {
        let Status { role, epoch, settled, digest, bug_hits, members } = status;
        Self { role: Some(role), epoch, rests: settled, digest: digest.0, bug_hits, members }
    }
}

/// Observes nodes.
pub(crate) trait Probe {
    /// A probe of every member, in order; `None` for a member that cannot be probed.
    fn looks(&mut self) -> Vec<Option<Look>>;

    /// What every member takes itself to be, in order; `None` for one that is dead or stopped. `None` for all where a
    /// look takes time, and would change the run.
    fn roles(&mut self) -> Option<Vec<Option<Role>>> {
        None
    }

    /// Whether a node holds records that are not durable, where that can be seen.
    fn holds_undurable(&mut self, _node: NodeId) -> Option<bool> {
        None
    }

    /// From now on, says so ([`Happening::Noticed`](super::Happening)) as soon as one of these nodes, which do
    /// not, holds such records.
    fn watch_for_undurable(&mut self, _nodes: &[NodeId]) {}

    /// The clocks of every member, in order; `None` for a member whose clocks are unknown.
    #[cfg_attr(not(test), expect(dead_code, reason = "for faults of clocks and of leadership"))]
    fn clocks(&mut self) -> Vec<Option<Now>>;
}

/// The nodes that take themselves to be primary, the latest epoch first.
pub(crate) fn primaries(members: &[NodeId], looks: &[Option<Look>]) -> Vec<NodeId> {
    let seen = members.iter().zip(looks).filter_map(|(&node, look)| Some((node, look.as_ref()?)));
    let mut leading: Vec<(u64, NodeId)> = seen
        .filter(|(_, look)| look.role == Some(Role::Primary))
        .map(|(node, look)| (look.epoch, node))
        .collect();
    leading.sort_unstable_by(|one, other| other.cmp(one));
    leading.into_iter().map(|(_, node)| node).collect()
}
