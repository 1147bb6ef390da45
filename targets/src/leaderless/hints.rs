//! Hinted handoff: another node keeps what a replica could not be given, and gives it later.
//!
//! After Dynamo (`DeCandia` et al., SOSP 2007). Where a replica has not acknowledged a write in time,
//! the coordinator has a node that holds no copy of the key keep the item as a *hint*, for its *home*,
//! the replica. The keeper offers the hint to its home until the home has acknowledged it.
//!
//! With strict quorums a hint is no copy: it counts for no write. With sloppy quorums it counts, so
//! writes go on where replicas are out of reach, and a read quorum may miss them.
//!
//! A keeper does not note on disk that a hint was taken. After a restart it offers it once more, which
//! does no harm.

use super::bugs::{HINT_COUNTS_IN_STRICT, HINT_OFFERED_ONCE};
use super::hinted::remember;
use super::node::{Out, Timer};
use super::operation::{DEADLINE, Phase, RETRY_EVERY};
use super::{Hints, Item, Leaderless, Message, OperationId, Record};
use crate::{Key, Nanos, NodeId, Now};

/// How often a keeper offers its hints.
const OFFER_EVERY: Nanos = 200_000_000;

impl Leaderless {
    /// Offers the hints that the disk kept.
    pub(super) fn start_handoff(&self, out: &mut Out<'_>) {
        if !self.hints.is_empty() {
            out.set_timer(Timer::Handoff, OFFER_EVERY);
        }
    }

    /// Has other nodes keep the item of an operation for each replica that has not acknowledged it.
    pub(super) fn send_hints(&mut self, now: Now, number: u64, out: &mut Out<'_>) {
        if self.config.hints == Hints::None {
            return;
        }
        let Some(operation) = self.operations.get(number) else { return };
        let Phase::Storing { item, acks, .. } = &operation.phase else { return };
        let keepers = self.keepers(&operation.key);
        let begun = operation.deadline.saturating_sub(DEADLINE);
        // Another keeper at each attempt: the one before may be out of reach, too.
        let attempt = now.monotonic.saturating_sub(begun) / RETRY_EVERY;
        let (item, key) = (item.clone(), operation.key.clone());
        let missing =
            operation.replicas.iter().enumerate().filter(|(_, node)| !acks.contains(node));
        let hints: Vec<(NodeId, NodeId)> = missing
            .filter_map(|(at, &home)| {
                let turn = usize::try_from(attempt).unwrap_or(0) + at;
                Some((home, *keepers.get(turn % keepers.len().max(1))?))
            })
            .collect();
        for (home, keeper) in hints {
            let (key, item) = (key.clone(), item.clone());
            if keeper == self.me {
                self.keep(home, key, item, out);
                self.own_copy(number, out);
            } else {
                let operation = OperationId { incarnation: self.incarnation, number };
                let message = Message::Hint { operation, home, key, item };
                out.send_without_waiting_for_disk(keeper, message);
            }
        }
    }

    pub(super) fn on_hint(
        &mut self,
        from: NodeId,
        operation: OperationId,
        home: NodeId,
        (key, item): (Key, Item),
        out: &mut Out<'_>,
    ) {
        self.keep(home, key, item, out);
        out.send(from, Message::Stored { operation });
    }

    /// Keeps an item for its home, in memory and on disk.
    fn keep(&mut self, home: NodeId, key: Key, item: Item, out: &mut Out<'_>) {
        if self.hints.is_empty() {
            out.set_timer(Timer::Handoff, OFFER_EVERY);
        }
        self.seen = self.seen.max(item.counter());
        if remember(&mut self.hints, (home, key.clone()), &item) {
            self.persisted = out.persist(Record { key, item, hint_for: Some(home) });
        }
    }

    /// Offers every hint to its home.
    pub(super) fn hand_off(&mut self, out: &mut Out<'_>) {
        self.offered.clear();
        for ((home, key), item) in &self.hints {
            self.next_operation += 1;
            let number = self.next_operation;
            self.offered.insert(number, (*home, key.clone(), item.clone()));
            let operation = Some(OperationId { incarnation: self.incarnation, number });
            let (key, item) = (key.clone(), item.clone());
            out.send(*home, Message::Store { operation, key, item });
        }
        if !self.hints.is_empty() && self.bugs.hit(HINT_OFFERED_ONCE) {
            self.hints.clear();
        }
        if !self.hints.is_empty() {
            out.set_timer(Timer::Handoff, OFFER_EVERY);
        }
    }

    /// The home has what it was offered; `false` if `number` is no offer.
    pub(super) fn was_taken(&mut self, number: u64) -> bool {
        let Some((home, key, item)) = self.offered.remove(&number) else { return false };
        let hint = (home, key);
        if self.hints.get(&hint) == Some(&item) {
            self.hints.remove(&hint); // Else something was added since.
        }
        true
    }

    /// How many of those that acknowledged an operation count for its write quorum.
    pub(super) fn counted(&mut self, number: u64) -> usize {
        let Some(operation) = self.operations.get(number) else { return 0 };
        let Phase::Storing { acks, .. } = &operation.phase else { return 0 };
        let copies = acks.iter().filter(|node| operation.replicas.contains(node)).count();
        let all = acks.len();
        let would_decide = (copies + 1..=all).contains(&usize::from(self.config.w));
        let hints_count = self.config.hints == Hints::Counted
            || (would_decide && self.bugs.hit(HINT_COUNTS_IN_STRICT));
        if hints_count { all } else { copies }
    }

    /// The nodes that hold no copy of `key`, in the order in which they keep hints for it.
    fn keepers(&self, key: &Key) -> Vec<NodeId> {
        let replicas = self.replicas(key);
        let first = self.members.iter().position(|node| Some(node) == replicas.last()).unwrap_or(0);
        let round = self.members.iter().cycle().skip(first + 1).take(self.members.len());
        round.copied().filter(|node| !replicas.contains(node)).collect()
    }
}
