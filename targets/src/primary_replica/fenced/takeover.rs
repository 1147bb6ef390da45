//! How a node comes to be primary: a majority promises its epoch, and it takes the longest log of theirs.

use std::collections::{BTreeMap, BTreeSet};

use super::super::PrimaryReads;
use super::super::bugs::{LEASE_GRANT_FORGOTTEN, PROMOTE_ANY_REPLICA};
use super::Message;
use super::candidate::Takeover;
use super::node::{Authority, Duty, Fenced, GRANT, Out};
use crate::raft::{Command, Entry, Lead, Place};
use crate::{NodeId, Now, TraceEvent};

/// Most entries in one message.
pub(super) const BATCH_ENTRIES: usize = 256;

impl Fenced {
    /// A replica that misses its primary asks who would follow it, if nobody else says who is to.
    pub(super) fn maybe_ask(&mut self, now: Now, out: &mut Out<'_>) {
        if !matches!(self.authority, Authority::Replicas) || now.monotonic < self.deadline {
            return;
        }
        self.wait_anew(now, out);
        self.primary = None;
        self.duty = Duty::Ask(BTreeSet::from([self.me]));
        let epoch = self.own_epoch();
        for node in self.others() {
            out.send_without_waiting_for_disk(node, Message::Ask { epoch });
        }
        self.count_would(now, out);
    }

    /// The next epoch that only this node uses.
    fn own_epoch(&self) -> u64 {
        let nodes = self.members.len() as u64;
        let rank = self.members.iter().position(|&node| node == self.me).unwrap_or(0) as u64;
        (self.epoch / nodes + 1) * nodes + rank
    }

    pub(super) fn on_ask(&mut self, now: Now, from: NodeId, epoch: u64, out: &mut Out<'_>) {
        if epoch > self.epoch && !self.follows_another(now, from) {
            out.send_without_waiting_for_disk(from, Message::Would { epoch });
        }
    }

    pub(super) fn on_would(&mut self, now: Now, from: NodeId, epoch: u64, out: &mut Out<'_>) {
        let asked = self.own_epoch();
        if let Duty::Ask(would) = &mut self.duty
            && epoch == asked
        {
            would.insert(from);
            self.count_would(now, out);
        }
    }

    fn count_would(&mut self, now: Now, out: &mut Out<'_>) {
        if let Duty::Ask(would) = &self.duty
            && would.len() >= self.majority()
        {
            let epoch = self.own_epoch();
            self.take_over(now, epoch, out);
        }
    }

    /// Whether it promised to follow nobody but another node until later than now: as a replica, or to
    /// itself as the primary.
    fn follows_another(&mut self, now: Now, node: NodeId) -> bool {
        if !matches!(self.authority, Authority::Replicas) {
            return false; // The lock is held by one at a time.
        }
        if matches!(self.duty, Duty::Lead(_)) {
            return self.holds_lease(now);
        }
        if let Some((to, until)) = self.granted {
            return to != Some(node) && now.monotonic < until;
        }
        // Asked only where it matters: a lease may still hold.
        let leases = self.reads == PrimaryReads::Lease;
        let lately = leases && now.monotonic < self.started.saturating_add(GRANT);
        lately && !self.bugs.hit(LEASE_GRANT_FORGOTTEN)
    }

    /// Is to be primary of an epoch: fences off those before.
    pub(in crate::primary_replica) fn take_over(
        &mut self,
        now: Now,
        epoch: u64,
        out: &mut Out<'_>,
    ) {
        if epoch <= self.epoch {
            return; // A later one was shown since.
        }
        self.step_down(now, epoch, None, out);
        // Its own promise is durable before anybody is shown the epoch.
        let own = out.tail();
        let (since, fenced, source) = (now.monotonic, BTreeMap::new(), None);
        self.duty = Duty::TakeOver(Takeover { since, own, fenced, source });
        for node in self.others() {
            out.send(node, Message::Fence { epoch });
        }
    }

    /// Messages may have been lost.
    pub(super) fn take_over_again(&mut self, out: &mut Out<'_>) {
        let (epoch, others) = (self.epoch, self.others());
        let Duty::TakeOver(takeover) = &self.duty else { return };
        match takeover.source {
            None => {
                for node in others.filter(|node| !takeover.fenced.contains_key(node)) {
                    out.send(node, Message::Fence { epoch });
                }
            }
            Some((node, _)) => out.send(node, Message::Fetch { epoch, after: self.log.last() }),
        }
    }

    pub(super) fn on_fence(&mut self, now: Now, from: NodeId, epoch: u64, out: &mut Out<'_>) {
        let last = self.log.last();
        if epoch < self.epoch {
            return out.send(from, Message::Reject { epoch: self.epoch, shares: last, beat: 0 });
        }
        if self.follows_another(now, from) {
            return; // It asks again.
        }
        if epoch > self.epoch {
            self.step_down(now, epoch, None, out);
        }
        self.grant(now, from);
        self.wait_anew(now, out);
        out.send(from, Message::Fenced { epoch, last });
    }

    /// Its own promise is on disk.
    pub(super) fn fence_itself(&mut self, now: Now, out: &mut Out<'_>) {
        let (me, epoch, last) = (self.me, self.epoch, self.log.last());
        self.on_fenced(now, me, (epoch, last), out);
    }

    pub(super) fn on_fenced(
        &mut self,
        now: Now,
        from: NodeId,
        (epoch, last): (u64, Place),
        out: &mut Out<'_>,
    ) {
        let majority = self.majority();
        let Duty::TakeOver(takeover) = &mut self.duty else { return };
        if epoch != self.epoch || takeover.source.is_some() {
            return;
        }
        takeover.fenced.insert(from, last);
        if takeover.fenced.len() < majority || !takeover.fenced.contains_key(&self.me) {
            return;
        }
        let own = self.log.last();
        let longest = takeover.fenced.iter().max_by_key(|(_, last)| (last.term, last.index));
        let Some((&node, &last)) = longest else { return };
        if last == own || self.bugs.hit(PROMOTE_ANY_REPLICA) {
            return self.lead(now, out);
        }
        takeover.source = Some((node, last));
        out.send(node, Message::Fetch { epoch, after: own });
    }

    pub(super) fn on_fetch(&mut self, from: NodeId, epoch: u64, after: Place, out: &mut Out<'_>) {
        let last = self.log.last();
        if epoch < self.epoch {
            return out.send(from, Message::Reject { epoch: self.epoch, shares: last, beat: 0 });
        }
        let (previous, entries) = if self.shares(after) {
            (after, self.log.after(after.index, BATCH_ENTRIES))
        } else {
            (self.log.up_to(after).unwrap_or_default(), Vec::new())
        };
        out.send(from, Message::Fetched { epoch, previous, entries });
    }

    pub(super) fn on_fetched(
        &mut self,
        now: Now,
        (from, epoch): (NodeId, u64),
        previous: Place,
        entries: Vec<Entry>,
        out: &mut Out<'_>,
    ) {
        let Duty::TakeOver(Takeover { source: Some((node, last)), .. }) = self.duty else { return };
        if from != node || epoch != self.epoch {
            return;
        }
        let after = if self.shares(previous) {
            let end = previous.index + entries.len() as u64;
            self.take(previous, entries, out);
            self.log.place(end).unwrap_or_default()
        } else {
            self.log.up_to(previous).unwrap_or_default()
        };
        if self.shares(last) {
            self.lead(now, out);
        } else {
            out.send(node, Message::Fetch { epoch, after });
        }
    }

    /// Is primary of its epoch, and has every entry that an earlier one may have committed.
    fn lead(&mut self, now: Now, out: &mut Out<'_>) {
        let Place { index, term } = self.log.last();
        out.trace(TraceEvent::Leads { epoch: self.epoch, last: (index, term) });
        self.primary = Some(self.me);
        self.duty = Duty::Lead(Lead::new(self.others(), self.log.last().index, now));
        self.append(Entry { term: self.epoch, command: Command::Begin }, out);
        self.beat(now, out);
    }
}
