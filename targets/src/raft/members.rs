//! Who the members are, as the log says (thesis, chapter 4).
//!
//! An entry that names the members holds from when it is in a log, committed or not. A log that loses it goes
//! back to what held before.

use super::Log;
use crate::NodeId;

/// The members, as one node knows them.
#[derive(Clone, Debug)]
pub(super) struct Members {
    /// As the cluster was started.
    first: Vec<NodeId>,
    /// As the entries say that are applied, in ascending order.
    applied: Vec<NodeId>,
    /// As the last entry says that names them and is not applied: where it is, and the list.
    latest: Option<(u64, Vec<NodeId>)>,
}

impl Members {
    /// Of a node that has applied `log` up to `applied`, and what a snapshot says of that time.
    pub(super) fn new(
        first: Vec<NodeId>,
        snapshot: Option<Vec<NodeId>>,
        (log, applied): (&Log, u64),
    ) -> Self {
        let latest = log.members_after(applied);
        Self { applied: snapshot.unwrap_or_else(|| first.clone()), first, latest }
    }

    /// Who votes.
    pub(super) fn in_force(&self) -> &[NodeId] {
        self.latest.as_ref().map_or(&self.applied, |(_, members)| members)
    }

    /// Who is a member for certain.
    pub(super) fn applied(&self) -> &[NodeId] {
        &self.applied
    }

    /// Whether this node votes.
    pub(super) fn has(&self, node: NodeId) -> bool {
        self.in_force().contains(&node)
    }

    /// Whether this node may have to lead: as long as its removal is not committed, nobody else may be able to
    /// (thesis, section 4.2.2).
    pub(super) fn may_need(&self, node: NodeId) -> bool {
        self.has(node) || self.applied.contains(&node)
    }

    /// Whether a node was one when the cluster was started. No others can be reached.
    pub(super) fn is_known(&self, node: NodeId) -> bool {
        self.first.contains(&node)
    }

    /// Whether the last change may yet be undone.
    pub(super) fn is_changing(&self) -> bool {
        self.latest.is_some()
    }

    /// An entry that names them is in the log.
    pub(super) fn append(&mut self, index: u64, members: &[NodeId]) {
        self.latest = Some((index, members.to_vec()));
    }

    /// An entry that names them is applied.
    pub(super) fn apply(&mut self, index: u64, members: &[NodeId]) {
        self.applied = members.to_vec();
        self.latest = self.latest.take().filter(|(at, _)| *at > index);
    }

    /// The log has lost what is not in it any more.
    pub(super) fn forget(&mut self, (log, applied): (&Log, u64)) {
        if self.latest.is_some() {
            self.latest = log.members_after(applied);
        }
    }

    /// What a snapshot of that time says.
    pub(super) fn install(&mut self, snapshot: Option<&Vec<NodeId>>, (log, applied): (&Log, u64)) {
        self.applied = snapshot.unwrap_or(&self.first).clone();
        self.latest = log.members_after(applied);
    }

    /// What a snapshot says of them: nothing if they are those of the start.
    pub(super) fn for_snapshot(&self) -> Option<Vec<NodeId>> {
        (self.applied != self.first).then(|| self.applied.clone())
    }

    /// Those in force, and one more.
    pub(super) fn with(&self, node: NodeId) -> Vec<NodeId> {
        let mut members = self.in_force().to_vec();
        let place = members.partition_point(|&other| other < node);
        members.insert(place, node);
        members
    }

    /// Those in force, but for one.
    pub(super) fn without(&self, node: NodeId) -> Vec<NodeId> {
        self.in_force().iter().copied().filter(|&other| other != node).collect()
    }
}
