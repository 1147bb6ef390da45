//! Which node to ask.

use rashomon_targets::{NodeId, Profile, Taker};
use rashomon_workloads::{Op, Place, Rng, Seed};

use super::reply::{Reply, Why};

/// Where requests go. A client library in small: it follows hints, and looks elsewhere when a node
/// does not answer. It never repeats a request that may have had an effect.
pub(crate) struct Router {
    nodes: Vec<NodeId>,
    /// Who takes what changes something, and who takes what changes nothing.
    writes: Taker,
    reads: Taker,
    /// The node that each slot takes to be primary.
    believed: Vec<NodeId>,
    /// How many nodes each slot that moves with every operation has been to.
    moves: Vec<usize>,
    rng: Rng,
}

impl Router {
    /// A router for `slots` processes at a time.
    pub(crate) fn new(profile: &Profile, nodes: &[NodeId], slots: usize, seed: Seed) -> Self {
        let believed = vec![nodes[0]; slots];
        Self {
            nodes: nodes.to_vec(),
            writes: profile.writes,
            reads: profile.reads,
            believed,
            moves: (0..slots).collect(),
            rng: seed.rng(),
        }
    }

    /// The node that `slot` asks first.
    ///
    /// Even slots stay with a node as long as it answers, odd ones roam: with every client on one
    /// node most anomalies are invisible.
    pub(crate) fn place(&mut self, slot: usize, op: &Op) -> NodeId {
        match op.place {
            Place::Node(number) | Place::Local(number) => {
                return self.nodes[usize::from(number) - 1];
            }
            Place::Roam => return self.next(slot, op),
            Place::Any => {}
        }
        let roams = slot % 2 == 1;
        let own = self.nodes[slot / 2 % self.nodes.len()];
        match self.taker(op) {
            Taker::Anyone if roams => self.anyone(),
            Taker::Anyone => own,
            Taker::Replicas => self.replica(slot),
            // Roaming clients ask around for the primary now and then.
            Taker::Primary if roams && self.rng.below(4) == 0 => self.anyone(),
            Taker::Primary => self.believed[slot],
        }
    }

    /// The node to ask instead, if `reply` says for certain that nothing happened and names one.
    pub(crate) fn redirect(&mut self, slot: usize, asked: NodeId, reply: &Reply) -> Option<NodeId> {
        match reply {
            Reply::Refused { why: Why::NotPrimary, hint } => {
                let hint = hint.filter(|hint| *hint != asked && self.nodes.contains(hint));
                if let Some(node) = hint {
                    self.believed[slot] = node;
                }
                hint
            }
            Reply::Refused { why: Why::Unreached | Why::Unsent(_), .. } | Reply::Lost(_) => {
                self.give_up_on(slot, asked);
                None
            }
            Reply::Done(_) | Reply::Refused { .. } | Reply::Unsure(_) => None,
        }
    }

    /// Learns that `node` did not answer `slot`.
    pub(crate) fn give_up_on(&mut self, slot: usize, node: NodeId) {
        if self.believed[slot] == node {
            let at = self.nodes.iter().position(|&n| n == node).unwrap_or(0);
            self.believed[slot] = self.nodes[(at + 1) % self.nodes.len()];
        }
    }

    /// Who takes such an operation.
    fn taker(&self, op: &Op) -> Taker {
        if op.action.is_read() { self.reads } else { self.writes }
    }

    /// The node after the one that `slot` was at, of those that take such an operation.
    fn next(&mut self, slot: usize, op: &Op) -> NodeId {
        let primary = self.believed[slot];
        let taker = self.taker(op);
        if taker == Taker::Primary {
            return primary;
        }
        let is_asked = |node: &NodeId| taker == Taker::Anyone || *node != primary;
        let nodes: Vec<NodeId> = self.nodes.iter().copied().filter(is_asked).collect();
        self.moves[slot] += 1;
        nodes.get(self.moves[slot] % nodes.len().max(1)).copied().unwrap_or(primary)
    }

    fn anyone(&mut self) -> NodeId {
        self.nodes[self.rng.index(self.nodes.len())]
    }

    fn replica(&mut self, slot: usize) -> NodeId {
        let primary = self.believed[slot];
        let others = self.nodes.len() - 1;
        if others == 0 {
            return primary;
        }
        let pick = if slot % 2 == 1 { self.rng.index(others) } else { slot / 2 % others };
        *self.nodes.iter().filter(|&&n| n != primary).nth(pick).unwrap_or(&primary)
    }
}
