//! The primary's side: order, ship, commit, acknowledge.

use super::super::bugs::{ACK_BEFORE_FSYNC, ACK_BEFORE_QUORUM, CAS_AT_PROPOSAL};
use super::node::{BATCH_ENTRIES, Out, PEER_GONE_AFTER};
use super::{Entry, Message, Shipping};
use crate::{Answer, FailCode, KvOp, Nanos, NodeId, Now, RequestId, Returned, Role, TraceEvent};

impl Shipping {
    pub(super) fn on_write(&mut self, now: Now, id: RequestId, op: KvOp, out: &mut Out<'_>) {
        if self.committed < self.serve_from {
            return out.reply_without_waiting_for_disk(id, Answer::fail(FailCode::NotReady));
        }
        if self.in_touch(now.monotonic) < self.quorum() {
            // Nothing has been written or sent, so this is a definite failure.
            return out.reply_without_waiting_for_disk(id, Answer::fail(FailCode::NoQuorum));
        }
        let op = match self.compare_early(op) {
            Ok(op) => op,
            Err(answer) => return out.reply(id, answer),
        };
        let alone = self.quorum() == 1;
        self.append(Entry { epoch: self.epoch, op: Some(op) }, out);
        let early = self.bugs.has(ACK_BEFORE_FSYNC) || (!alone && self.bugs.has(ACK_BEFORE_QUORUM));
        if early {
            self.acknowledge_early(id, out);
        } else {
            self.waiting.insert(self.log.len(), id);
        }
    }

    /// The planted bug: a compare-and-set compares with what is applied, and then overwrites.
    fn compare_early(&mut self, op: KvOp) -> Result<KvOp, Answer> {
        if !self.bugs.has(CAS_AT_PROPOSAL) {
            return Ok(op);
        }
        let KvOp::Cas { key, old, new } = op else { return Ok(op) };
        let pending = self.log.after(self.applied).iter().filter_map(|entry| entry.op.as_ref());
        if pending.flat_map(KvOp::keys).any(|it| *it == key) {
            self.bugs.hit(CAS_AT_PROPOSAL);
        }
        let held = self.store.read(&KvOp::Get { key: key.clone() });
        if held == (Answer::Ok { returned: Returned::Value(Some(old)) }) {
            Ok(KvOp::Put { key, value: new })
        } else {
            Err(Answer::fail(FailCode::CasMismatch))
        }
    }

    /// The planted bugs: acknowledges at once, or when only the primary's disk has the entry.
    fn acknowledge_early(&mut self, id: RequestId, out: &mut Out<'_>) {
        // What the operation returns depends on all before it.
        let mut store = self.store.clone();
        let mut answer = Answer::done();
        for op in self.log.after(self.applied).iter().filter_map(|entry| entry.op.as_ref()) {
            answer = store.apply(op);
        }
        if self.bugs.has(ACK_BEFORE_FSYNC) {
            self.bugs.hit(ACK_BEFORE_FSYNC);
            out.reply_without_waiting_for_disk(id, answer);
        } else {
            self.bugs.hit(ACK_BEFORE_QUORUM);
            out.reply(id, answer);
        }
    }

    /// How many disks must hold an entry.
    fn quorum(&self) -> usize {
        self.config.quorum(self.members.len())
    }

    /// The place of a node among the peers, which are few.
    fn place(&self, node: NodeId) -> Option<usize> {
        self.peers.iter().position(|peer| peer.node == node)
    }

    /// How many nodes are alive as far as this one knows, itself included.
    fn in_touch(&self, now: Nanos) -> usize {
        let fresh = |heard: Nanos| now.saturating_sub(heard) < PEER_GONE_AFTER;
        1 + self.peers.iter().filter(|peer| peer.heard.is_some_and(fresh)).count()
    }

    pub(super) fn on_ack(
        &mut self,
        now: Now,
        from: NodeId,
        epoch: u64,
        matched: u64,
        out: &mut Out<'_>,
    ) {
        if self.role != Role::Primary || epoch != self.epoch {
            return; // An answer to an earlier primary.
        }
        let Some(at) = self.place(from) else { return };
        let peer = &mut self.peers[at];
        peer.heard = Some(now.monotonic);
        peer.matched = peer.matched.max(matched);
        peer.next = peer.next.max(peer.matched + 1);
        let behind = peer.next <= self.durable;
        self.commit(out);
        if behind {
            self.ship_to(at, out);
        }
    }

    pub(super) fn on_reject(
        &mut self,
        now: Now,
        from: NodeId,
        epoch: u64,
        len: u64,
        out: &mut Out<'_>,
    ) {
        if epoch > self.epoch {
            return self.step_down(now, epoch, None, out);
        }
        if self.role != Role::Primary || epoch != self.epoch {
            return;
        }
        let Some(at) = self.place(from) else { return };
        let peer = &mut self.peers[at];
        peer.heard = Some(now.monotonic);
        // A late rejection may speak of a time before the last acknowledgement.
        let next = len.max(peer.matched) + 1;
        if next < peer.next {
            peer.next = next;
            self.ship_to(at, out);
        }
    }

    /// Commits what enough disks hold. The primary's own disk is always one of them: a primary
    /// that restarts without an entry it acknowledged would overwrite it everywhere.
    pub(super) fn commit(&mut self, out: &mut Out<'_>) {
        self.committed = self.committed.max(self.held_by_quorum().min(self.durable));
        self.apply(self.committed, out);
    }

    /// The greatest number of entries that a quorum of disks holds.
    fn held_by_quorum(&self) -> u64 {
        // Nodes are few, and this is asked at each acknowledgement: no list is made to be sorted.
        let disks = || self.peers.iter().map(|peer| peer.matched).chain([self.durable]);
        let is_held = |len: &u64| disks().filter(|held| held >= len).count() >= self.quorum();
        disks().filter(is_held).max().unwrap_or(0)
    }

    /// Sends what is durable here and has not been sent yet.
    pub(super) fn ship(&mut self, out: &mut Out<'_>) {
        for at in 0..self.peers.len() {
            if self.peers[at].next <= self.durable {
                self.ship_to(at, out);
            }
        }
    }

    /// Says who is primary, and what comes next. A replica that misses something before that says so.
    pub(super) fn announce(&mut self, out: &mut Out<'_>) {
        for at in 0..self.peers.len() {
            self.ship_to(at, out);
        }
    }

    /// `at`: the place of the recipient among the peers.
    fn ship_to(&mut self, at: usize, out: &mut Out<'_>) {
        let peer = &mut self.peers[at];
        let node = peer.node;
        let previous = (peer.next - 1).min(self.log.len());
        // Entries that this node could still forget are not shown to others.
        let ready = usize::try_from(self.durable.saturating_sub(previous)).unwrap_or(usize::MAX);
        let mut entries = self.log.after(previous);
        entries = &entries[..entries.len().min(ready).min(BATCH_ENTRIES)];
        peer.next = previous + entries.len() as u64 + 1;
        let message = Message::Append {
            epoch: self.epoch,
            previous,
            previous_epoch: self.log.epoch_at(previous).unwrap_or(0),
            entries: entries.to_vec(),
        };
        if self.durable_record >= self.epoch_record {
            out.send_without_waiting_for_disk(node, message);
        } else {
            out.send(node, message); // Nobody may hear of an epoch that this node could forget.
        }
    }

    /// Becomes primary with the log it happens to have. Asks nobody: that is what is naive.
    pub(super) fn promote(&mut self, out: &mut Out<'_>) {
        let nodes = self.members.len() as u64;
        let rank = self.members.iter().position(|&node| node == self.me).unwrap_or(0) as u64;
        // Epochs of different nodes never collide: each node uses one residue.
        self.epoch = (self.epoch / nodes + 1) * nodes + rank;
        self.role = Role::Primary;
        self.primary = Some(self.me);
        self.persist_epoch(out);
        out.trace(TraceEvent::Leads { epoch: self.epoch, last: self.log.last() });
        self.committed = self.applied;
        self.serve_from = self.log.len();
        for peer in &mut self.peers {
            peer.matched = 0;
            peer.next = self.log.len() + 1;
        }
        // Marks the epoch, so that a longer log of an earlier epoch is recognised and cut.
        self.append(Entry { epoch: self.epoch, op: None }, out);
    }

    /// Follows a later epoch. Waiting clients get the reply that the outcome is unknown.
    pub(super) fn step_down(
        &mut self,
        now: Now,
        epoch: u64,
        primary: Option<NodeId>,
        out: &mut Out<'_>,
    ) {
        self.epoch = epoch;
        self.persist_epoch(out);
        self.role = Role::Replica;
        self.primary = primary;
        self.follows = false;
        self.heard_primary = now.monotonic;
        self.draw_patience(out);
        for (_, request) in std::mem::take(&mut self.waiting) {
            let reason = "another primary took over".to_owned();
            out.reply_without_waiting_for_disk(request, Answer::Indeterminate { reason });
        }
        out.trace(TraceEvent::Follows { epoch, leader: primary });
        self.apply_durable(out);
    }
}
