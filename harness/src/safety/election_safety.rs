//! At most one node leads an epoch.

use std::collections::BTreeMap;

use rashomon_targets::{NodeId, TraceEvent};

/// Who has led which epoch.
#[derive(Debug, Default)]
pub(super) struct ElectionSafety {
    leaders: BTreeMap<u64, NodeId>,
}

impl ElectionSafety {
    pub(super) fn hear(&mut self, node: NodeId, event: &TraceEvent) -> Option<String> {
        let TraceEvent::Leads { epoch, .. } = *event else { return None };
        let leader = *self.leaders.entry(epoch).or_insert(node);
        (leader != node).then(|| format!("{leader} leads epoch {epoch}, and so does {node}"))
    }
}
