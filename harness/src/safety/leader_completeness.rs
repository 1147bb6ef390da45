//! A leader has every entry that was committed in an earlier epoch.
//!
//! What a node applies while it is in an epoch was committed in that epoch or before. A leader whose log ends
//! before such an entry, or in an earlier epoch than the entry's, does not have it: epochs only grow along a
//! log. A leader of an earlier epoch, who learns late that it was elected, need not have it.

use std::collections::BTreeMap;

use rashomon_targets::{NodeId, TraceEvent};

/// The furthest entry that was applied.
#[derive(Clone, Copy, Debug)]
struct Furthest {
    index: u64,
    /// The epoch in which it was made.
    epoch: u64,
    by: NodeId,
}

/// The furthest entry that nodes applied while they were in each epoch.
#[derive(Debug, Default)]
pub(super) struct LeaderCompleteness {
    applied: BTreeMap<u64, Furthest>,
}

impl LeaderCompleteness {
    /// `within` is the epoch that the node is in.
    pub(super) fn hear(
        &mut self,
        (node, within): (NodeId, u64),
        event: &TraceEvent,
    ) -> Option<String> {
        match *event {
            TraceEvent::Applied { index, epoch } | TraceEvent::Installed { index, epoch } => {
                let now = Furthest { index, epoch, by: node };
                let furthest = self.applied.entry(within).or_insert(now);
                if index > furthest.index {
                    *furthest = now;
                }
                None
            }
            TraceEvent::Leads { epoch, last: (index, made) } => {
                let earlier = self.applied.range(..epoch).map(|(_, furthest)| *furthest);
                let needed = earlier.max_by_key(|furthest| furthest.index)?;
                (index < needed.index || made < needed.epoch).then(|| {
                    format!(
                        "{node} leads epoch {epoch} with a log that ends at place {index} in epoch \
                         {made}, and {} had applied the entry at place {} of epoch {}",
                        needed.by, needed.index, needed.epoch
                    )
                })
            }
            TraceEvent::Counts { .. }
            | TraceEvent::Follows { .. }
            | TraceEvent::Forgot { .. }
            | TraceEvent::Holds { .. } => None,
        }
    }
}
