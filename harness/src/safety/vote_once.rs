//! A node votes for at most one node in an epoch. A vote is one once it is counted: before, it may not be
//! durable, and is not cast.

use std::collections::BTreeMap;

use rashomon_targets::{NodeId, TraceEvent};

/// Who counted the vote of which node in which epoch.
#[derive(Debug, Default)]
pub(super) struct VoteOnce {
    counted: BTreeMap<(u64, NodeId), NodeId>,
}

impl VoteOnce {
    pub(super) fn hear(&mut self, node: NodeId, event: &TraceEvent) -> Option<String> {
        let TraceEvent::Counts { epoch, voter } = *event else { return None };
        let candidate = *self.counted.entry((epoch, voter)).or_insert(node);
        (candidate != node)
            .then(|| format!("{voter} votes for {candidate} and for {node} in epoch {epoch}"))
    }
}
