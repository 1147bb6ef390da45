//! Inputs and effects: the whole interface between a node and its driver.

use crate::{Admin, FailCode, NodeId, PersistId, Request, RequestId, Response, TraceEvent};

/// What happens to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input<M, T> {
    /// The first input after a boot: arm timers here.
    Start,
    /// A client asks.
    Request {
        /// The id to give in the reply.
        id: RequestId,
        /// What it asks.
        request: Request,
    },
    /// A message of a peer. It may be late, duplicated or out of order.
    Message {
        /// Who.
        from: NodeId,
        /// What.
        message: M,
    },
    /// A timer that was set is due. May come late, never early. Setting it again does not cancel
    /// the earlier one: nodes ignore a timer that no longer means anything.
    Timer(T),
    /// Every record up to this one now survives a crash.
    Durable(PersistId),
    /// The node's administrator asks. A node that does not report the result, with
    /// [`Outbox::administered`], does not offer the request. Clocks are not among it: the shell sets them.
    Admin(Admin),
}

impl<M, T> Input<M, T> {
    /// The same input for a node inside this one, unless its message or timer is of another.
    pub(crate) fn map<M2, T2>(
        self,
        message: impl FnOnce(M) -> Option<M2>,
        timer: impl FnOnce(T) -> Option<T2>,
    ) -> Option<Input<M2, T2>> {
        Some(match self {
            Self::Start => Input::Start,
            Self::Request { id, request } => Input::Request { id, request },
            Self::Message { from, message: it } => Input::Message { from, message: message(it)? },
            Self::Timer(it) => Input::Timer(timer(it)?),
            Self::Durable(id) => Input::Durable(id),
            Self::Admin(admin) => Input::Admin(admin),
        })
    }
}

/// A request of a node to its driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect<M, R, T> {
    /// Send, with no promise of delivery.
    Send {
        /// The recipient.
        to: NodeId,
        /// What to say.
        message: M,
    },
    /// Answer a client.
    Reply {
        /// The request answered.
        id: RequestId,
        /// What the client receives.
        response: Response,
    },
    /// Deliver `Input::Timer(timer)` at least `after` nanoseconds from now.
    SetTimer {
        /// What to deliver.
        timer: T,
        /// How long to wait, in nanoseconds.
        after: u64,
    },
    /// Append a record to the log on disk.
    Persist {
        /// The record's number.
        id: PersistId,
        /// The record.
        record: R,
    },
    /// What came of the `Input::Admin` that is being handled. The shell takes it out.
    Administered(Result<(), FailCode>),
    /// An event for invariants and drawings. It has no result: a protocol cannot
    /// tell whether it is observed.
    Trace(TraceEvent),
}

impl<M, R, T> Effect<M, R, T> {
    /// The same effect of a node that has this one inside.
    pub(crate) fn map<M2, R2, T2>(
        self,
        message: impl FnOnce(M) -> M2,
        record: impl FnOnce(R) -> R2,
        timer: impl FnOnce(T) -> T2,
    ) -> Effect<M2, R2, T2> {
        match self {
            Self::Send { to, message: it } => Effect::Send { to, message: message(it) },
            Self::Reply { id, response } => Effect::Reply { id, response },
            Self::SetTimer { timer: it, after } => Effect::SetTimer { timer: timer(it), after },
            Self::Persist { id, record: it } => Effect::Persist { id, record: record(it) },
            Self::Administered(result) => Effect::Administered(result),
            Self::Trace(event) => Effect::Trace(event),
        }
    }
}

/// An effect, and the record that must be durable before it may leave the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emit<M, R, T> {
    /// The driver holds the effect until this record is durable. `PersistId(0)`: nothing to wait for.
    pub after: PersistId,
    /// What to do.
    pub effect: Effect<M, R, T>,
}

/// A source of random numbers: uniformly distributed, 64 bits. Owned by the driver.
pub type Chance<'a> = &'a mut dyn FnMut() -> u64;

/// Where a node puts its effects.
///
/// [`send`](Self::send) and [`reply`](Self::reply) wait for every record asked for so far: a node
/// that uses the short names never reveals what a crash could make it forget. Effects that
/// depend on no record may leave earlier, and have the longer names.
pub struct Outbox<'a, M, R, T> {
    effects: &'a mut Vec<Emit<M, R, T>>,
    tail: &'a mut PersistId,
    chance: Chance<'a>,
}

impl<'a, M, R, T> Outbox<'a, M, R, T> {
    /// An outbox that appends to `effects` and numbers records after `tail`.
    pub fn new(
        effects: &'a mut Vec<Emit<M, R, T>>,
        tail: &'a mut PersistId,
        chance: Chance<'a>,
    ) -> Self {
        Self { effects, tail, chance }
    }

    /// The last record asked for.
    pub fn tail(&self) -> PersistId {
        *self.tail
    }

    /// A number in `0..below`. Not exactly uniform, which no protocol here minds.
    pub fn random_below(&mut self, below: u64) -> u64 {
        (self.chance)() % below.max(1)
    }

    /// Makes a record survive a crash; `Input::Durable` tells when it does.
    pub fn persist(&mut self, record: R) -> PersistId {
        self.tail.0 += 1;
        let id = *self.tail;
        self.emit(PersistId(0), Effect::Persist { id, record });
        id
    }

    /// Sends once everything persisted so far is durable.
    pub fn send(&mut self, to: NodeId, message: M) {
        self.emit(*self.tail, Effect::Send { to, message });
    }

    /// Sends at once. Only for messages that reveal nothing a crash could undo.
    pub fn send_without_waiting_for_disk(&mut self, to: NodeId, message: M) {
        self.emit(PersistId(0), Effect::Send { to, message });
    }

    /// Answers once everything persisted so far is durable. An answer alone is a response without
    /// tokens.
    pub fn reply(&mut self, id: RequestId, response: impl Into<Response>) {
        self.emit(*self.tail, Effect::Reply { id, response: response.into() });
    }

    /// Answers at once. Only for answers that reveal nothing a crash could undo.
    pub fn reply_without_waiting_for_disk(&mut self, id: RequestId, response: impl Into<Response>) {
        self.emit(PersistId(0), Effect::Reply { id, response: response.into() });
    }

    /// Has `timer` delivered at least `after` nanoseconds from now.
    pub fn set_timer(&mut self, timer: T, after: u64) {
        self.emit(PersistId(0), Effect::SetTimer { timer, after });
    }

    /// Tells the administrator at once that it is done, or why nothing was. Only while an
    /// [`Input::Admin`] is handled.
    pub fn administered(&mut self, result: Result<(), FailCode>) {
        self.emit(PersistId(0), Effect::Administered(result));
    }

    /// Tells an observer outside. Never waits, and nothing comes back.
    pub fn trace(&mut self, event: TraceEvent) {
        self.emit(PersistId(0), Effect::Trace(event));
    }

    /// Has a node inside this one act. What it wants done is wanted of this one, as `wrap` makes it;
    /// `scratch` is empty before and after.
    pub(crate) fn within<M2, R2, T2>(
        &mut self,
        scratch: &mut Vec<Emit<M2, R2, T2>>,
        wrap: impl Fn(Effect<M2, R2, T2>) -> Effect<M, R, T>,
        act: impl FnOnce(&mut Outbox<'_, M2, R2, T2>),
    ) {
        self.within_some(scratch, |effect| Some(wrap(effect)), act);
    }

    /// The same, where the outer node takes some of it for itself.
    pub(crate) fn within_some<M2, R2, T2>(
        &mut self,
        scratch: &mut Vec<Emit<M2, R2, T2>>,
        mut wrap: impl FnMut(Effect<M2, R2, T2>) -> Option<Effect<M, R, T>>,
        act: impl FnOnce(&mut Outbox<'_, M2, R2, T2>),
    ) {
        act(&mut Outbox::new(scratch, self.tail, self.chance));
        let wrapped = scratch
            .drain(..)
            .filter_map(|Emit { after, effect }| wrap(effect).map(|effect| Emit { after, effect }));
        self.effects.extend(wrapped);
    }

    fn emit(&mut self, after: PersistId, effect: Effect<M, R, T>) {
        self.effects.push(Emit { after, effect });
    }
}
