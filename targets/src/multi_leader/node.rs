//! The state machine: what a leader does with requests of clients.

use std::collections::BTreeMap;

use super::bugs::ACK_BEFORE_FSYNC;
use super::config::OFFERS;
use super::downstream::Downstream;
use super::state::State;
use super::{Config, Message, Update};
use crate::{
    Answer, Boot, Bugs, FailCode, Input, Nanos, Node, NodeId, Now, Outbox, PersistId, PlantedBug,
    Purpose, Request, RequestId, Role, Status,
};

/// How often a leader ships again what was not acknowledged.
pub(super) const TICK_EVERY: Nanos = 50_000_000;

/// Where a leader puts its effects.
pub(super) type Out<'a> = Outbox<'a, Message, Update, Timer>;

/// What a leader has itself woken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// To ship again.
    Tick,
}

/// A leader among leaders.
#[derive(Clone, Debug)]
pub struct MultiLeader {
    pub(super) config: Config,
    pub(super) bugs: Bugs,
    pub(super) me: NodeId,
    pub(super) state: State,
    /// Those that this leader ships to.
    pub(super) peers: BTreeMap<NodeId, Downstream>,
    persisted: PersistId,
    durable: PersistId,
}

impl Node for MultiLeader {
    type Message = Message;
    type Record = Update;
    type Timer = Timer;
    type Config = (Config, Vec<PlantedBug>);

    fn recover(
        config: &Self::Config,
        boot: Boot,
        records: impl IntoIterator<Item = Update>,
    ) -> Self {
        let (config, bugs) = config.clone();
        let mut bugs = Bugs::new(bugs);
        let mut state = State::default();
        for update in records {
            state.take(&update, &mut bugs);
        }
        let peers = config.topology.ships_to(boot.me, &boot.members);
        Self {
            config,
            bugs,
            me: boot.me,
            state,
            peers: peers.into_iter().map(|node| (node, Downstream::default())).collect(),
            persisted: PersistId(0),
            durable: PersistId(0),
        }
    }

    fn handle(&mut self, now: Now, input: Input<Message, Timer>, out: &mut Out<'_>) {
        match input {
            Input::Start | Input::Timer(Timer::Tick) => {
                self.ship_again(out);
                out.set_timer(Timer::Tick, TICK_EVERY);
            }
            Input::Request { id, request } => self.on_request(now, id, &request, out),
            Input::Durable(id) => self.durable = id,
            Input::Admin(_) => {} // It has no primary to step down, and no log to compact.
            Input::Message { from, message } => match message {
                Message::Ship { updates } => self.on_ship(from, &updates, out),
                Message::Holds { held } => self.on_holds(from, &held, out),
            },
        }
    }

    fn status(&self) -> Status {
        Status {
            role: Role::Peer,
            epoch: 0,
            settled: self.is_durable() && self.all_hold_all(),
            digest: self.state.digest(),
            bug_hits: self.bugs.hits(),
            members: None,
        }
    }

    fn describe(message: &Message) -> String {
        message.to_string()
    }

    fn purpose(message: &Message) -> Purpose {
        message.purpose()
    }
}

impl MultiLeader {
    fn on_request(&mut self, now: Now, id: RequestId, request: &Request, out: &mut Out<'_>) {
        let op = &request.op;
        if op.is_read() {
            // Waits for the disk: what is shown must not vanish in a crash.
            return out.reply(id, self.state.read(op));
        }
        if !OFFERS.contains(&op.operation()) {
            return out.reply_without_waiting_for_disk(id, Answer::fail(FailCode::Unsupported));
        }
        let update = Update {
            origin: self.me,
            number: self.state.of(self.me) + 1,
            // Two writes of one leader never have one stamp, even if its clock stands or goes back.
            stamp: now.wall.max(self.state.last_stamp(self.me) + 1),
            op: op.clone(),
        };
        self.take(&update, out);
        if self.bugs.hit(ACK_BEFORE_FSYNC) {
            out.reply_without_waiting_for_disk(id, Answer::done());
        } else {
            out.reply(id, Answer::done());
        }
        self.ship_news(out);
    }

    /// Whether its disk has all that it holds.
    pub(super) fn is_durable(&self) -> bool {
        self.durable == self.persisted
    }

    /// Applies an update and has it persisted if it is the next of its origin; else `false`.
    pub(super) fn take(&mut self, update: &Update, out: &mut Out<'_>) -> bool {
        let is_next = self.state.take(update, &mut self.bugs);
        if is_next {
            self.persisted = out.persist(update.clone());
        }
        is_next
    }
}

#[cfg(test)]
mod tests;
