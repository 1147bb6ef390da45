//! A coordinator's side: one operation, from the client's request to its answer.
//!
//! ```text
//! read             query r ─ join ─┬─────────────────── answer (─ repair)
//!                                  └ write back w ────── answer      with write-back, if too few hold it
//! write            version = clock ── store w ────────── answer
//! write, ABD       query r ─ version = highest + 1 ─ store w ─ answer
//! ```

use super::bugs::{
    ASYNC_WRITE_BACK, CLOCK_BACKWARDS, CONTEXT_OF_ONE_REPLICA, NO_WRITE_BACK,
    READ_EXPOSES_UNDURABLE, W1_COUNTED_AS_QUORUM,
};
use super::family::offers;
use super::node::{Out, Timer};
use super::operation::{Coordinated, DEADLINE, Phase, RETRY_EVERY, join, note};
use super::{Conflict, Item, Leaderless, Message, OperationId, PnCounter, Share, Version};
use crate::{Answer, FailCode, KvOp, NodeId, Now, ReadLevel, Request, RequestId, Response, Value};
use std::collections::BTreeSet;

impl Leaderless {
    pub(super) fn coordinate(
        &mut self,
        now: Now,
        id: RequestId,
        request: Request,
        out: &mut Out<'_>,
    ) {
        let Request { op, read, tokens, .. } = request;
        let offers = offers(self.config);
        let Some(key) = op.key().filter(|_| offers.contains(&op.operation())).cloned() else {
            return out.reply_without_waiting_for_disk(id, Answer::fail(FailCode::Unsupported));
        };
        let context = tokens.context.as_ref().map(|token| token.0.parse());
        let Ok(context) = context.transpose().map(Option::unwrap_or_default) else {
            return out.reply_without_waiting_for_disk(id, Answer::fail(FailCode::BadToken));
        };
        if op.is_read() && read == ReadLevel::Local {
            if !self.replicas(&key).contains(&self.me) {
                return out.reply_without_waiting_for_disk(id, Answer::fail(FailCode::NotReplica));
            }
            return out.reply(id, response(self.store.get(&key), &op));
        }
        self.next_operation += 1;
        let number = self.next_operation;
        let is_put = matches!(op, KvOp::Put { .. } | KvOp::Assign { .. });
        let is_removal = matches!(op, KvOp::Remove { .. }); // It must observe what it removes.
        let asks_first = op.is_read() || is_removal || (self.config.write_back && is_put);
        let coordinated = Coordinated {
            replicas: self.replicas(&key),
            op,
            context,
            key,
            client: Some(id),
            deadline: now.monotonic + DEADLINE,
            phase: Phase::Querying { answers: Vec::with_capacity(usize::from(self.config.n)) },
        };
        self.operations.insert(number, coordinated);
        if asks_first {
            self.query(now, number, out);
        } else {
            self.write(now, number, None, out);
        }
        if self.operations.contains(number) {
            out.set_timer(Timer::Operation(number), RETRY_EVERY);
        }
    }

    /// What messages call an operation of this node.
    fn operation_id(&self, number: u64) -> OperationId {
        OperationId { incarnation: self.incarnation, number }
    }

    /// Asks every replica of the key that has not answered yet.
    fn query(&mut self, now: Now, number: u64, out: &mut Out<'_>) {
        let operation_id = self.operation_id(number);
        let Some(operation) = self.operations.get_mut(number) else { return };
        let Phase::Querying { answers } = &mut operation.phase else { return };
        let mut own = false;
        for &node in &operation.replicas {
            if answers.iter().any(|(from, _)| *from == node) {
                continue;
            }
            if node == self.me {
                own = true;
            } else {
                let key = operation.key.clone();
                let message = Message::Query { operation: operation_id, key };
                out.send_without_waiting_for_disk(node, message);
            }
        }
        if own {
            let item = self.store.get(&operation.key).cloned();
            self.on_queried(now, self.me, number, item, out);
        }
    }

    pub(super) fn on_queried(
        &mut self,
        now: Now,
        from: NodeId,
        number: u64,
        item: Option<Item>,
        out: &mut Out<'_>,
    ) {
        let (replicas, quorum) = (usize::from(self.config.n), usize::from(self.config.r));
        let Some(operation) = self.operations.get_mut(number) else { return };
        let Phase::Querying { answers } = &mut operation.phase else { return };
        self.seen = self.seen.max(item.as_ref().map_or(0, Item::counter));
        note(answers, from, item);
        if answers.len() < quorum {
            return;
        }
        let Some(client) = operation.client else {
            return; // A late answer to a read that goes on to repair.
        };
        let joined = join(answers);
        if !operation.op.is_read() {
            return self.write(now, number, joined.as_ref(), out);
        }
        let mut response = response(joined.as_ref(), &operation.op);
        let holders = answers.iter().filter(|(_, held)| *held == joined).count();
        let meets_every_later_quorum = holders + quorum > replicas;
        if let Some(item) = joined
            && self.config.write_back
            && !meets_every_later_quorum
            && !self.bugs.hit(NO_WRITE_BACK)
        {
            if self.bugs.hit(ASYNC_WRITE_BACK) {
                operation.client = None;
                out.reply(client, response.clone());
            }
            return self.store_on_quorum(number, item, response.answer, out);
        }
        operation.client = None;
        if self.bugs.has(CONTEXT_OF_ONE_REPLICA)
            && let Some((_, of_one)) = answers.first()
            && let of_one = Item::tokens(of_one.as_ref())
            && of_one != response.tokens
            && self.bugs.hit(CONTEXT_OF_ONE_REPLICA)
        {
            response.tokens = of_one;
        }
        if self.durable < self.persisted && self.bugs.hit(READ_EXPOSES_UNDURABLE) {
            out.reply_without_waiting_for_disk(client, response);
        } else {
            out.reply(client, response);
        }
        if !self.config.read_repair {
            self.operations.remove(number);
        }
        // Else its timer mends who lags, in the background, once late answers have come in.
    }

    /// Ends a read: sends what it learnt to those who lacked it.
    fn repair(&mut self, number: u64, out: &mut Out<'_>) {
        let Some(operation) = self.operations.remove(number) else { return };
        let Phase::Querying { answers } = operation.phase else { return };
        let Some(joined) = join(&answers) else { return };
        for (node, held) in answers {
            if held.as_ref() == Some(&joined) {
                continue;
            }
            if node == self.me {
                self.hold(operation.key.clone(), joined.clone(), out);
            } else {
                let (key, item) = (operation.key.clone(), joined.clone());
                out.send(node, Message::Store { operation: None, key, item });
            }
        }
    }

    /// Makes the version or the element, and has a write quorum hold it.
    fn write(&mut self, now: Now, number: u64, seen: Option<&Item>, out: &mut Out<'_>) {
        let Some(operation) = self.operations.get(number) else { return };
        let item = match operation.op {
            KvOp::Assign { value, .. } if self.config.conflict == Conflict::Siblings => {
                let (key, context) = (operation.key.clone(), operation.context.clone());
                Item::Siblings(self.sibling(&key, value, context))
            }
            KvOp::Put { value, .. } | KvOp::Assign { value, .. } => self.register(now, value, seen),
            KvOp::Add { element, .. } => Item::Set(BTreeSet::from([element])),
            KvOp::Insert { element, .. } => {
                let key = operation.key.clone();
                Item::OrSet(self.addition(&key, element))
            }
            KvOp::Remove { element, .. } => {
                let observed = match seen {
                    Some(Item::OrSet(set)) => set.remove(element),
                    _ => None,
                };
                let Some(removal) = observed else { return self.removes_nothing(number, out) };
                Item::OrSet(removal)
            }
            KvOp::Increment { by, .. } => {
                let share = self
                    .shares
                    .entry(operation.key.clone())
                    .or_insert_with(|| Share::new(self.me, self.incarnation));
                share.add(by);
                Item::Counter(PnCounter::of(*share))
            }
            // Reads write nothing, and the others are not offered.
            KvOp::Get { .. }
            | KvOp::Elements { .. }
            | KvOp::Count { .. }
            | KvOp::Values { .. }
            | KvOp::Members { .. }
            | KvOp::Cas { .. }
            | KvOp::Append { .. }
            | KvOp::Items { .. }
            | KvOp::Enqueue { .. }
            | KvOp::Dequeue { .. }
            | KvOp::Acquire { .. }
            | KvOp::Release { .. }
            | KvOp::Transaction { .. } => return,
        };
        self.store_on_quorum(number, item, Answer::done(), out);
    }

    /// Ends a removal of what no replica that was asked holds.
    fn removes_nothing(&mut self, number: u64, out: &mut Out<'_>) {
        let client = self.operations.remove(number).and_then(|operation| operation.client);
        if let Some(client) = client {
            out.reply_without_waiting_for_disk(client, Answer::fail(FailCode::NotObserved));
        }
    }

    /// A write of a register, whose version is the latest by clock, or above what a quorum has seen.
    fn register(&mut self, now: Now, value: Value, seen: Option<&Item>) -> Item {
        let base = match seen {
            Some(Item::Register { version, .. }) => version.counter + 1,
            Some(Item::Set(_) | Item::Counter(_) | Item::Siblings(_) | Item::OrSet(_)) | None => {
                if self.config.write_back {
                    1
                } else {
                    self.time_stamp(now)
                }
            }
        };
        // Two writes of one coordinator never share a version.
        self.issued = base.max(self.issued + 1);
        let (node, incarnation) = (self.me, self.incarnation);
        Item::Register { version: Version { counter: self.issued, node, incarnation }, value }
    }

    /// The counter of a version that no quorum was asked for.
    fn time_stamp(&mut self, now: Now) -> u64 {
        match self.config.conflict {
            // Dots stand for versions there, and nothing is asked of a clock.
            Conflict::Lww | Conflict::Siblings => now.wall,
            Conflict::Hlc if now.wall <= self.seen && self.bugs.hit(CLOCK_BACKWARDS) => now.wall,
            Conflict::Hlc => now.wall.max(self.seen + 1),
        }
    }

    fn store_on_quorum(&mut self, number: u64, item: Item, answer: Answer, out: &mut Out<'_>) {
        let Some(operation) = self.operations.get_mut(number) else { return };
        let own = operation.replicas.contains(&self.me);
        let key = operation.key.clone();
        let acks = Vec::with_capacity(usize::from(self.config.n));
        operation.phase = Phase::Storing { item: item.clone(), answer, acks, own: None };
        if own {
            self.hold(key, item, out);
            self.own_copy(number, out);
        }
        self.send_stores(number, out);
        if own && self.durable >= out.tail() {
            self.on_stored(self.me, number, out); // It was held, and durable, already.
        }
    }

    /// Notes that this node's copy or hint counts once all that it has persisted is durable.
    pub(super) fn own_copy(&mut self, number: u64, out: &Out<'_>) {
        if let Some(Coordinated { phase: Phase::Storing { own: own @ None, .. }, .. }) =
            self.operations.get_mut(number)
        {
            *own = Some(out.tail());
            self.own_copies.push_back((out.tail(), number));
        }
    }

    /// Sends the item to every replica that has not acknowledged it yet.
    fn send_stores(&self, number: u64, out: &mut Out<'_>) {
        let Some(operation) = self.operations.get(number) else { return };
        let Phase::Storing { item, acks, .. } = &operation.phase else { return };
        for &node in &operation.replicas {
            if node != self.me && !acks.contains(&node) {
                let (key, item) = (operation.key.clone(), item.clone());
                // Depends on no record of this node: the version is unique whether or not its own
                // copy survives.
                let operation = Some(self.operation_id(number));
                let message = Message::Store { operation, key, item };
                out.send_without_waiting_for_disk(node, message);
            }
        }
    }

    pub(super) fn on_stored(&mut self, from: NodeId, number: u64, out: &mut Out<'_>) {
        if self.was_taken(number) {
            return;
        }
        let Some(operation) = self.operations.get_mut(number) else { return };
        let Phase::Storing { acks, .. } = &mut operation.phase else { return };
        if !acks.contains(&from) {
            acks.push(from);
        }
        let (counted, asked) = (self.counted(number), usize::from(self.config.w));
        let enough = counted >= asked || (counted > 0 && self.bugs.hit(W1_COUNTED_AS_QUORUM));
        let Some(operation) = self.operations.get_mut(number) else { return };
        let Phase::Storing { answer, acks, .. } = &operation.phase else { return };
        if enough && let Some(client) = operation.client.take() {
            // Enough disks have it, whether or not this node's is one of them.
            out.reply_without_waiting_for_disk(client, answer.clone());
        }
        if operation.replicas.iter().all(|node| acks.contains(node)) {
            self.operations.remove(number);
        }
    }

    /// Counts this node's own copies that have become durable.
    pub(super) fn own_records_durable(&mut self, out: &mut Out<'_>) {
        let durable = self.durable;
        let count = self.own_copies.partition_point(|(record, _)| *record <= durable);
        // In the order in which the operations began.
        let mut ready: Vec<u64> =
            self.own_copies.drain(..count).map(|(_, number)| number).collect();
        ready.sort_unstable();
        for number in ready {
            let is_counted = self.operations.get(number).is_none_or(|it| match &it.phase {
                Phase::Storing { acks, .. } => acks.contains(&self.me),
                Phase::Querying { .. } => true,
            });
            if !is_counted {
                self.on_stored(self.me, number, out);
            }
        }
    }

    /// Asks again, or gives up.
    pub(super) fn on_timer(&mut self, now: Now, number: u64, out: &mut Out<'_>) {
        let Some(operation) = self.operations.get(number) else { return };
        if operation.client.is_none() && matches!(operation.phase, Phase::Querying { .. }) {
            return self.repair(number, out);
        }
        if now.monotonic >= operation.deadline {
            return self.give_up(number, out);
        }
        match operation.phase {
            Phase::Querying { .. } => self.query(now, number, out),
            Phase::Storing { .. } => {
                self.send_stores(number, out);
                self.send_hints(now, number, out);
            }
        }
        out.set_timer(Timer::Operation(number), RETRY_EVERY);
    }

    fn give_up(&mut self, number: u64, out: &mut Out<'_>) {
        let Some(operation) = self.operations.get_mut(number) else { return };
        let client = operation.client.take();
        match operation.phase {
            // Nothing was sent that could have an effect.
            Phase::Querying { .. } => {
                if let Some(client) = client {
                    out.reply_without_waiting_for_disk(client, Answer::fail(FailCode::NoQuorum));
                }
                self.operations.remove(number);
            }
            Phase::Storing { .. } => {
                if let Some(client) = client {
                    let reason = "too few acknowledgements in time".to_owned();
                    out.reply_without_waiting_for_disk(client, Answer::Indeterminate { reason });
                }
                self.operations.remove(number);
            }
        }
    }
}

/// What a client that reads `item` receives.
fn response(item: Option<&Item>, op: &KvOp) -> Response {
    let answer = Answer::Ok { returned: Item::returned(item, op) };
    Response { answer, tokens: Item::tokens(item) }
}
