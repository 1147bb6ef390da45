//! The simulated world: network, disks, clocks and crashes in one queue, in one thread.
//!
//! Discrete-event simulation: everything that will happen lies in one queue ordered by (time, number),
//! the number being the order of scheduling, so that nothing is left to hashing or to the
//! allocator. Same configuration and seed: same history, byte for byte.
//!
//! What the world does to a node, and no more, is what can happen to a real process:
//!
//! - A message takes a random time with a heavy tail, so messages overtake each other.
//! - A record becomes durable when a disk write that covers it ends. A crash keeps a random prefix
//!   of what was not durable, or nothing of it, and drops every effect held for durability.
//! - A paused node's inputs wait and come in order when it continues; its timers come late.
//! - Client links are clean: a short delay, no faults. Delays there would hide anomalies.

mod calls;
pub(crate) mod delays;
mod disks;
mod links;
mod network;
mod node;
mod probe;
mod queue;
#[cfg(test)]
mod round_trip;
mod talk;

use std::collections::BTreeMap;

use rashomon_checker::Time;
use rashomon_results::{Loss, Occurrence};
use rashomon_targets::{
    Admin, Caller, Effect, Input, InputOf, Moment, Node, NodeId, Order, Request, RequestId,
    Response, Tokens,
};
use rashomon_workloads::{Op, Rng, Seed};
use serde::Serialize;

#[cfg(test)]
use crate::allocations::uncounted;
use crate::client::{self, Sessions};
use crate::fault::{DirectedLink, LinkOutcome, NumberedCopy, Passage};
use crate::frame;
use crate::safety::{Breach, Oracles};
use crate::trace::Tracer;
use crate::world::{
    Administered, Breakdown, CallId, Client, Happening, Killed, Launcher, Reply, Talk, Why, World,
};
use calls::{Call, Calls};
use delays::{client_delay, sync_time};
use network::Network;
use node::SimulatedNode;
use queue::Queue;
#[cfg(test)]
use round_trip::comes_back_from_bytes;

/// Something that will happen.
enum Event<M, T> {
    /// A message reaches a node, or a fault on its way.
    Deliver { from: NodeId, to: NodeId, message: NumberedCopy<M> },
    /// A client's request reaches a node.
    Ask { call: CallId, to: NodeId, request: Request },
    /// A node takes an input that is its own: a timer, or news from its disk.
    Own { node: NodeId, incarnation: u64, input: Input<M, T> },
    /// A client gets its reply.
    Reply { call: CallId, reply: Reply },
}

/// A cluster in one thread.
pub(crate) struct Simulation<N: Node> {
    config: N::Config,
    now: u64,
    queue: Queue<Event<N::Message, N::Timer>>,
    nodes: Vec<SimulatedNode<N>>,
    network: Network<N::Message>,
    clients: Rng,
    disks: Rng,
    calls: Calls,
    sessions: Sessions,
    /// What a node has to have done; kept so that it is allocated once.
    orders: Vec<Order<N>>,
    /// Is shown all that happens.
    trace: Tracer,
    oracles: Oracles,
    /// What nodes send each other, while they are overheard.
    talks: Option<BTreeMap<DirectedLink, Talk>>,
    /// Nodes that are watched for records that are not durable, and whether one of them holds some.
    watched: Vec<NodeId>,
    noticed: bool,
}

impl<N: Node> Simulation<N> {
    /// As [`traced`](Self::traced), with nobody to look.
    #[cfg(test)]
    pub(crate) fn new(config: N::Config, nodes: u16, seed: Seed) -> Self {
        Self::traced(config, nodes, seed, Tracer::default())
    }

    /// A fresh cluster, all of whose nodes start at time 0, and all of which is shown to `trace`.
    pub(crate) fn traced(config: N::Config, nodes: u16, seed: Seed, trace: Tracer) -> Self {
        let members: Vec<NodeId> = (1..=nodes).map(NodeId).collect();
        let mut simulation = Self {
            config,
            now: 0,
            queue: Queue::new(),
            nodes: members
                .iter()
                .map(|&me| SimulatedNode::new(me, seed.stream("node").nth(u64::from(me.0)).rng()))
                .collect(),
            network: Network::new(nodes, seed.stream("net")),
            clients: seed.stream("clients").rng(),
            disks: seed.stream("disks").rng(),
            calls: Calls::default(),
            sessions: Sessions::default(),
            orders: Vec::new(),
            trace,
            oracles: Oracles::default(),
            talks: None,
            watched: Vec::new(),
            noticed: false,
        };
        for node in members {
            simulation.boot(node);
        }
        simulation
    }

    /// How many events were queued so far.
    #[cfg(test)]
    pub(crate) fn pushed(&self) -> u64 {
        self.queue.pushed()
    }

    /// Whether a node that is watched holds records that are not durable: then none is watched any more.
    fn notices(&mut self) -> bool {
        let noticed = std::mem::take(&mut self.noticed);
        if noticed {
            self.watched.clear();
        }
        noticed
    }

    fn node(&mut self, id: NodeId) -> &mut SimulatedNode<N> {
        &mut self.nodes[usize::from(id.0) - 1]
    }

    fn boot(&mut self, id: NodeId) {
        let members = self.members();
        let config = self.config.clone();
        let moment = self.moment();
        self.node(id).boot(&config, members, moment);
        let life = self.node(id).incarnation;
        self.trace.note(self.now, || Occurrence::Started { node: id.to_string(), life });
        if self.node(id).state.is_some() {
            self.step(id, Input::Start);
        }
    }

    /// Has a node take an input, and does what it asks for.
    fn step(&mut self, id: NodeId, input: InputOf<N>) {
        let moment = self.moment();
        let mut orders = std::mem::take(&mut self.orders);
        self.trace.takes::<N>(self.now, id, &input);
        self.node(id).step(moment, input, &mut orders);
        self.perform_all(id, orders);
    }

    fn moment(&self) -> Moment {
        Moment { elapsed: self.now, date: self.now }
    }

    fn perform_all(&mut self, id: NodeId, mut orders: Vec<Order<N>>) {
        for order in orders.drain(..) {
            self.perform(id, order);
        }
        self.orders = orders;
        self.start_disk_write(id);
    }

    fn perform(&mut self, id: NodeId, order: Order<N>) {
        #[cfg(test)]
        uncounted(|| comes_back_from_bytes::<N>(&order));
        self.trace.wants::<N>(self.now, id, &order);
        match order {
            Effect::Send { to, message } => self.send(id, to, message),
            Effect::Reply { id: request, response } => self.answer(CallId(request.0), response),
            Effect::SetTimer { timer, after } => {
                let incarnation = self.node(id).incarnation;
                let event = Event::Own { node: id, incarnation, input: Input::Timer(timer) };
                self.queue.push_timer(self.now + after, event);
            }
            Effect::Persist { id: record_id, record } => {
                self.node(id).unsynced.push_back((record_id, record));
                self.noticed |= self.watched.contains(&id);
            }
            Effect::Trace(event) => self.oracles.hear(Time(self.now), id, &event),
            Effect::Administered(_) => {} // The shell has taken note of it.
        }
    }

    fn send(&mut self, from: NodeId, to: NodeId, message: N::Message) {
        if usize::from(to.0) > self.nodes.len() {
            return; // No node has that name; nodes name only members.
        }
        self.note_talk((from, to), &message);
        let link = self.network.link(from, to);
        let departure = link.on_send(self.now, || N::purpose(&message));
        self.trace.departs(self.now, (from, to), &departure, || N::describe(&message));
        let (link, damaged_by) = ((from, to), departure.damaged_by);
        let [Some(first), second] = departure.copies else { return };
        if let Some(second) = second {
            self.carry(link, message.clone(), first, damaged_by);
            self.carry(link, message, second, damaged_by);
        } else {
            self.carry(link, message, first, damaged_by);
        }
    }

    fn carry(
        &mut self,
        (from, to): DirectedLink,
        message: N::Message,
        Passage { number, after, flip }: Passage,
        damaged_by: Option<u32>,
    ) {
        if flip.is_some_and(|bit| !is_taken_damaged(&message, bit)) {
            // The receiver's checksum refuses it.
            let why = (Loss::Damaged, damaged_by);
            return self.trace.loses(self.now, (from, to), number, why);
        }
        let message = NumberedCopy { number, message };
        self.queue.push(self.now + after, Event::Deliver { from, to, message });
    }

    fn answer(&mut self, call: CallId, Response { answer, tokens }: Response) {
        if let Some(asked) = self.calls.get_mut(call) {
            if let Some((_, given)) = &mut asked.given {
                *given = tokens;
            }
            let reply = client::reply(asked.kind, answer);
            self.reply_later(call, reply);
        }
    }

    fn reply_later(&mut self, call: CallId, reply: Reply) {
        if let Some(asked) = self.calls.get_mut(call) {
            asked.taken_by = None;
            let after = client_delay(&mut self.clients);
            self.queue.push(self.now + after, Event::Reply { call, reply });
        }
    }

    /// Starts a disk write of all that waits, unless one is under way.
    fn start_disk_write(&mut self, id: NodeId) {
        let now = self.now;
        let incarnation = self.node(id).incarnation;
        let Some(last) = self.node(id).begin_sync() else { return };
        let event = Event::Own { node: id, incarnation, input: Input::Durable(last) };
        let after = sync_time(&mut self.disks) + self.disk_delay(id);
        self.queue.push(now + after, event);
    }

    fn happen(&mut self, event: Event<N::Message, N::Timer>) -> Option<Happening> {
        match event {
            Event::Deliver { from, to, message } => {
                self.deliver(from, to, message);
                None
            }
            Event::Ask { call, to, request } => {
                self.ask(call, to, request);
                None
            }
            Event::Own { node, incarnation, input } => {
                if self.node(node).incarnation == incarnation {
                    self.own(node, input);
                }
                None
            }
            Event::Reply { call, reply } => {
                let asked = self.calls.remove(call)?;
                if let Some((key, given)) = asked.given {
                    self.sessions.keep(asked.caller, key.as_ref(), given);
                }
                Some(Happening::Replied(call, reply))
            }
        }
    }

    fn deliver(&mut self, from: NodeId, to: NodeId, message: NumberedCopy<N::Message>) {
        let number = message.number;
        let outcome = self.network.link(from, to).on_deliver(message, N::purpose);
        self.trace.decided(self.now, (from, to), number, &outcome);
        let LinkOutcome::Arrives(NumberedCopy { message, .. }) = outcome else { return };
        if self.node(to).state.is_none() {
            return self.trace.loses(self.now, (from, to), number, (Loss::Dead, None));
        }
        self.trace.delivers(self.now, (from, to), number);
        self.offer(to, Input::Message { from, message });
    }

    fn ask(&mut self, call: CallId, to: NodeId, request: Request) {
        let node = self.node(to);
        if node.state.is_none() {
            return self.reply_later(call, Reply::refused(Why::Unreached));
        }
        let taken = (to, node.incarnation);
        if let Some(asked) = self.calls.get_mut(call) {
            asked.taken_by = Some(taken);
        }
        self.offer(to, Input::Request { id: RequestId(call.0), request });
    }

    fn own(&mut self, id: NodeId, input: InputOf<N>) {
        if let Input::Durable(last) = input
            && !self.node(id).is_paused
        {
            if let Some(failure) = self.node(id).failure() {
                return self.fail_write(id, last, failure);
            }
            self.node(id).end_sync(last);
        }
        self.offer(id, input);
    }

    /// Gives a node an input, or keeps it while the node is paused.
    fn offer(&mut self, id: NodeId, input: InputOf<N>) {
        let node = self.node(id);
        if node.state.is_none() {
            return;
        }
        if node.is_paused {
            node.waiting.push_back(input);
            node.stalled += 1;
            return;
        }
        self.step(id, input);
    }
}

impl<N: Node> Launcher for Simulation<N> {
    fn kill(&mut self, node: NodeId) -> Option<Killed> {
        self.node(node).state.as_ref()?;
        Some(Killed { records_lost: self.crash(node) })
    }

    fn launch(&mut self, node: NodeId) {
        self.boot(node);
    }

    fn pause(&mut self, id: NodeId) -> bool {
        let node = self.node(id);
        let runs = node.state.is_some() && !node.is_paused;
        node.is_paused |= runs;
        if runs {
            self.trace.note(self.now, || Occurrence::Paused { node: id.to_string() });
        }
        runs
    }

    fn resume(&mut self, node: NodeId) {
        self.node(node).is_paused = false;
        self.trace.note(self.now, || Occurrence::Resumed { node: node.to_string() });
        while let Some(input) = self.node(node).waiting.pop_front() {
            self.own(node, input);
        }
    }

    fn administer(&mut self, id: NodeId, admin: Admin) -> Administered {
        let moment = self.moment();
        let mut orders = std::mem::take(&mut self.orders);
        let done = self.node(id).administer(moment, admin, &mut orders);
        self.perform_all(id, orders);
        match done {
            None => Administered::Unreached,
            Some(Ok(())) => Administered::Done,
            Some(Err(refused)) => Administered::Refused(refused),
        }
    }

    fn stalled(&self, node: NodeId) -> u64 {
        self.nodes[usize::from(node.0) - 1].stalled
    }
}

impl<N: Node> Client for Simulation<N> {
    fn submit(&mut self, call: CallId, caller: Caller, node: NodeId, op: &Op) {
        let kind = op.action.kind();
        let request = client::request(op, caller, &self.sessions);
        let given = request.as_ref().map(|it| (it.op.key().cloned(), Tokens::default()));
        self.calls.insert(Call { id: call, kind, caller, given, taken_by: None });
        let Some(request) = request else {
            let reply = Reply::refused(Why::NotOffered(kind.to_string()));
            return self.queue.push(self.now, Event::Reply { call, reply });
        };
        let after = client_delay(&mut self.clients);
        self.queue.push(self.now + after, Event::Ask { call, to: node, request });
    }

    fn abandon(&mut self, call: CallId) {
        self.calls.remove(call);
    }
}

impl<N: Node> World for Simulation<N> {
    fn members(&self) -> Vec<NodeId> {
        self.nodes.iter().map(|node| node.id).collect()
    }

    fn now(&self) -> Time {
        Time(self.now)
    }

    fn next(&mut self, until: Time) -> Happening {
        if self.notices() {
            return Happening::Noticed;
        }
        while let Some((time, event)) = self.queue.pop_until(until.0) {
            self.now = self.now.max(time);
            if let Some(happening) = self.happen(event) {
                return happening;
            }
            if self.notices() {
                return Happening::Noticed;
            }
        }
        self.now = self.now.max(until.0);
        Happening::Reached
    }

    fn breakdowns(&mut self) -> Vec<Breakdown> {
        Vec::new() // Simulated nodes break only by faults.
    }

    fn overhear(&mut self, until: Time) -> Option<Vec<Talk>> {
        self.talks = Some(BTreeMap::new());
        while self.next(until) != Happening::Reached {}
        Some(self.talks.take()?.into_values().collect())
    }

    fn breaches(&mut self) -> Vec<Breach> {
        self.oracles.breaches()
    }
}

/// Whether the receiver takes a message that changes by this bit on its way.
fn is_taken_damaged(message: &impl Serialize, bit: u64) -> bool {
    let payload = serde_json::to_vec(message);
    payload.is_ok_and(|payload| frame::is_taken_damaged(&payload, bit))
}
