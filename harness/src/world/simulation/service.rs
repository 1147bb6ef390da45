//! Service times: how long a node is busy with what it takes in. Without them, only disks and links take time, and a
//! cluster of any size does as much as is asked of it.

use rashomon_targets::{InputOf, Node, NodeId};

use super::lineage::NO_CAUSE;
use super::{Event, Simulation};

/// How long nodes are busy.
#[derive(Clone, Debug)]
pub(super) struct Service {
    /// With each message and request, in nanoseconds.
    each: u64,
    /// Until when each node is busy with what has come so far.
    busy_until: Vec<u64>,
}

impl<N: Node> Simulation<N> {
    /// From now on each node is busy for this many nanoseconds with each message and each request, one after another.
    /// Timers and news from its disk cost nothing.
    pub(crate) fn serve_in(&mut self, each: u64) {
        self.service = Some(Service { each, busy_until: vec![0; self.nodes.len()] });
    }

    /// Something comes to a node: a message, or a request. A node that is busy takes it in later.
    pub(super) fn arrive(&mut self, to: NodeId, input: InputOf<N>) {
        let Some(Service { each, busy_until }) = &mut self.service else {
            return self.offer(to, input);
        };
        let busy = &mut busy_until[usize::from(to.0) - 1];
        *busy = self.now.max(*busy) + *each;
        let (at, incarnation) = (*busy, self.node(to).incarnation);
        self.queue.push(at, Event::Own { node: to, incarnation, input, cause: NO_CAUSE });
    }
}
