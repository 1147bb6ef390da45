//! What a leader does with other leaders: ships updates, and takes those that are shipped to it.

use super::bugs::{HOLDS_IGNORED, NOT_FORWARDED, SHIPS_BEFORE_FSYNC};
use super::node::Out;
use super::{Message, MultiLeader, Update, VersionVector};
use crate::NodeId;

/// Updates in one message: a leader that was away catches up in steps.
const BATCH: usize = 512;

impl MultiLeader {
    /// Sends every peer what is new since the last message to it.
    pub(super) fn ship_news(&mut self, out: &mut Out<'_>) {
        let peers: Vec<NodeId> = self.peers.keys().copied().collect();
        for peer in peers {
            let updates = self.unsent(peer);
            if !updates.is_empty() {
                self.ship(peer, updates, out);
            }
        }
    }

    /// Sends again what was not acknowledged; asks a peer that has said nothing yet what it holds.
    pub(super) fn ship_again(&mut self, out: &mut Out<'_>) {
        let peers: Vec<NodeId> =
            self.peers.keys().copied().filter(|&peer| !self.holds_all(peer)).collect();
        for node in peers {
            if let Some(peer) = self.peers.get_mut(&node) {
                peer.sent = peer.holds.clone().unwrap_or_default();
            }
            let updates = self.unsent(node);
            self.ship(node, updates, out);
        }
    }

    pub(super) fn on_ship(&mut self, from: NodeId, updates: &[Update], out: &mut Out<'_>) {
        let mut news = false;
        for update in updates {
            news |= self.take(update, out);
        }
        out.send(from, Message::Holds { held: self.state.held().into_iter().collect() });
        if news && self.config.topology.forwards() && !self.bugs.hit(NOT_FORWARDED) {
            self.ship_news(out);
        }
    }

    pub(super) fn on_holds(&mut self, from: NodeId, held: &[(NodeId, u64)], out: &mut Out<'_>) {
        let Some(peer) = self.peers.get_mut(&from) else { return };
        if peer.holds.is_some() && self.bugs.hit(HOLDS_IGNORED) {
            return;
        }
        raise(peer.holds.get_or_insert_default(), held);
        raise(&mut peer.sent, held);
        let updates = self.unsent(from);
        if !updates.is_empty() && !self.on_the_way(from) {
            self.ship(from, updates, out);
        }
    }

    /// Whether something was sent to `peer` that it has not acknowledged.
    fn on_the_way(&self, peer: NodeId) -> bool {
        self.peers.get(&peer).is_some_and(|peer| {
            let holds = |origin| peer.holds.as_ref().map_or(0, |held| upto(held, origin));
            peer.sent.iter().any(|(&origin, &sent)| sent > holds(origin))
        })
    }

    fn ship(&mut self, to: NodeId, updates: Vec<Update>, out: &mut Out<'_>) {
        if let Some(peer) = self.peers.get_mut(&to) {
            for update in &updates {
                peer.sent.insert(update.origin, update.number);
            }
        }
        let message = Message::Ship { updates };
        if !self.is_durable() && self.bugs.hit(SHIPS_BEFORE_FSYNC) {
            return out.send_without_waiting_for_disk(to, message);
        }
        // Waits for the disk: a number must stand for one update for ever.
        out.send(to, message);
    }

    /// The updates that `peer` was not sent yet, at most [`BATCH`]; none as long as nobody knows what
    /// it holds.
    fn unsent(&self, peer: NodeId) -> Vec<Update> {
        let known = self.peers.get(&peer).filter(|peer| peer.holds.is_some());
        let Some(known) = known else { return Vec::new() };
        let mut updates = Vec::new();
        for origin in self.shipped_to(peer) {
            let rest = self.state.after(origin, upto(&known.sent, origin));
            updates.extend(rest.iter().take(BATCH - updates.len()).cloned());
        }
        updates
    }

    /// The origins whose updates go to `peer`: it holds its own.
    fn shipped_to(&self, peer: NodeId) -> Vec<NodeId> {
        if !self.config.topology.forwards() || self.bugs.has(NOT_FORWARDED) {
            return vec![self.me];
        }
        self.state.held().into_keys().filter(|&origin| origin != peer).collect()
    }

    /// Whether `peer` has said that it holds all that goes to it.
    fn holds_all(&self, peer: NodeId) -> bool {
        let Some(held) = self.peers.get(&peer).and_then(|peer| peer.holds.as_ref()) else {
            return false;
        };
        self.shipped_to(peer).iter().all(|&origin| upto(held, origin) >= self.state.of(origin))
    }

    pub(super) fn all_hold_all(&self) -> bool {
        self.peers.keys().all(|&peer| self.holds_all(peer))
    }
}

fn upto(held: &VersionVector, origin: NodeId) -> u64 {
    held.get(&origin).copied().unwrap_or(0)
}

/// Takes the higher number of each origin.
fn raise(held: &mut VersionVector, other: &[(NodeId, u64)]) {
    for &(origin, number) in other {
        let mine = held.entry(origin).or_default();
        *mine = (*mine).max(number);
    }
}
