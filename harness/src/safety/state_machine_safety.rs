//! No two nodes apply different entries at one place of the log. An entry is known by its place and epoch,
//! as one node leads an epoch.

use rashomon_targets::{NodeId, TraceEvent};

/// The epoch of the entry at each place that is known, and the first node that applied it.
#[derive(Debug, Default)]
pub(super) struct StateMachineSafety {
    applied: Vec<Option<(u64, NodeId)>>,
}

impl StateMachineSafety {
    pub(super) fn hear(&mut self, node: NodeId, event: &TraceEvent) -> Option<String> {
        // What is installed is what the entry at its end, and those before it, made.
        let (TraceEvent::Applied { index, epoch } | TraceEvent::Installed { index, epoch }) =
            *event
        else {
            return None;
        };
        let place = usize::try_from(index).ok()?;
        if place >= self.applied.len() {
            self.applied.resize(place + 1, None);
        }
        let (first, by) = *self.applied[place].get_or_insert((epoch, node));
        (first != epoch).then(|| {
            format!(
                "at place {index} of the log {by} applied an entry of epoch {first}, and {node} one of \
                 epoch {epoch}"
            )
        })
    }
}
