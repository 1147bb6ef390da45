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
mod lineage;
mod links;
mod network;
mod node;
mod probe;
mod queue;
#[cfg(test)]
mod round_trip;
mod service;
mod talk;

use std::collections::BTreeMap;

use rashomon_checker::Time;
use rashomon_results::{Loss, Occurrence};
use rashomon_targets::{Admin, Effect, Input, InputOf, Moment, Node, NodeId, Order, Request};
use rashomon_workloads::{Rng, Seed};

#[cfg(test)]
use crate::allocations::uncounted;
use crate::chance::Decided;
use crate::client::Sessions;
use crate::fault::{DirectedLink, LinkOutcome, NumberedCopy};
use crate::safety::{Breach, Oracles};
use crate::trace::Tracer;
use crate::world::{
    Administered, Breakdown, CallId, Happening, Killed, Launcher, Reply, Talk, World,
};
use calls::Calls;
pub(crate) use lineage::Odds;
use lineage::{Cause, Lineage, NO_CAUSE};
use network::Network;
use node::SimulatedNode;
use queue::Queue;
#[cfg(test)]
use round_trip::comes_back_from_bytes;
use service::Service;

/// Something that will happen.
enum Event<M, T> {
    /// A message reaches a node, or a fault on its way.
    Deliver { from: NodeId, to: NodeId, message: NumberedCopy<M> },
    /// A client's request reaches a node.
    Ask { call: CallId, to: NodeId, request: Request },
    /// A node takes an input that is its own: a timer, or news from its disk.
    Own { node: NodeId, incarnation: u64, input: Input<M, T>, cause: Cause },
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
    /// What things come from, if anybody asks.
    lineage: Option<Box<Lineage>>,
    /// What nodes send each other, while they are overheard.
    talks: Option<BTreeMap<DirectedLink, Talk>>,
    /// How long nodes are busy with what they take in, if they are.
    service: Option<Service>,
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

    /// A fresh cluster, all of whose nodes start at time 0, and all of which is shown to `trace`. Its chance is that of
    /// the seed's streams.
    pub(crate) fn traced(config: N::Config, nodes: u16, seed: Seed, trace: Tracer) -> Self {
        Self::with_odds(config, nodes, seed, trace, None)
    }

    /// The same; with `odds`, chance is asked by name, and what it decides is noted.
    pub(crate) fn with_odds(
        config: N::Config,
        nodes: u16,
        seed: Seed,
        trace: Tracer,
        odds: Option<Odds>,
    ) -> Self {
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
            lineage: odds.map(|odds| Box::new(Lineage::new(odds, nodes))),
            talks: None,
            service: None,
            watched: Vec::new(),
            noticed: false,
        };
        for node in members {
            simulation.boot(node);
        }
        simulation
    }

    /// What chance has decided, by name, if that was noted.
    pub(crate) fn decided(self) -> Decided {
        self.lineage.map_or_else(Decided::new, |lineage| lineage.into_decided())
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
        self.begin(|| Lineage::of_life("boot", id, life));
        if self.node(id).state.is_some() {
            self.step(id, Input::Start);
        }
    }

    /// Has a node take an input, and does what it asks for.
    fn step(&mut self, id: NodeId, input: InputOf<N>) {
        let moment = self.moment();
        let mut orders = std::mem::take(&mut self.orders);
        self.trace.takes::<N>(self.now, id, &input);
        let node = &mut self.nodes[usize::from(id.0) - 1];
        let released = node.step(moment, input, self.lineage.as_deref_mut(), &mut orders);
        self.perform_all(id, orders, released);
    }

    /// What happens from now on comes from this.
    fn begin(&mut self, cause: impl FnOnce() -> Cause) {
        if let Some(lineage) = &mut self.lineage {
            lineage.begin(cause());
        }
    }

    fn moment(&self) -> Moment {
        Moment { elapsed: self.now, date: self.now }
    }

    /// Does these, the first of which had waited for the disk.
    fn perform_all(&mut self, id: NodeId, mut orders: Vec<Order<N>>, released: usize) {
        for (at, order) in orders.drain(..).enumerate() {
            let cause = match &mut self.lineage {
                None => NO_CAUSE,
                Some(lineage) if at < released => lineage.released(id),
                Some(lineage) => lineage.at_once(),
            };
            self.perform(id, order, cause);
        }
        self.orders = orders;
        self.start_disk_write(id);
    }

    fn perform(&mut self, id: NodeId, order: Order<N>, cause: Cause) {
        #[cfg(test)]
        uncounted(|| comes_back_from_bytes::<N>(&order));
        self.trace.wants::<N>(self.now, id, &order);
        match order {
            Effect::Send { to, message } => self.send((id, to), message, cause),
            Effect::Reply { id: request, response } => self.answer(CallId(request.0), response),
            Effect::SetTimer { timer, after } => {
                let incarnation = self.node(id).incarnation;
                let event = Event::Own { node: id, incarnation, input: Input::Timer(timer), cause };
                self.queue.push_timer(self.now + after, event);
            }
            Effect::Persist { id: record_id, record } => {
                self.node(id).unsynced.push_back((record_id, record));
                if let Some(lineage) = &mut self.lineage {
                    lineage.persists(id, record_id, cause);
                }
                self.noticed |= self.watched.contains(&id);
            }
            Effect::Trace(event) => self.oracles.hear(Time(self.now), id, &event),
            Effect::Administered(_) => {} // The shell has taken note of it.
        }
    }

    /// Starts a disk write of all that waits, unless one is under way.
    fn start_disk_write(&mut self, id: NodeId) {
        let now = self.now;
        let incarnation = self.node(id).incarnation;
        let Some(last) = self.node(id).begin_sync() else { return };
        let cause = self.lineage.as_mut().map_or(NO_CAUSE, |lineage| lineage.of_write(id));
        let after = self.sync_time(cause) + self.disk_delay(id);
        let cause = cause.nth(1);
        let event = Event::Own { node: id, incarnation, input: Input::Durable(last), cause };
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
            Event::Own { node, incarnation, input, cause } => {
                if self.node(node).incarnation == incarnation {
                    self.begin(|| cause);
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
        if let Some(lineage) = &mut self.lineage {
            lineage.begin(lineage.of_message((from, to), number));
        }
        self.arrive(to, Input::Message { from, message });
    }

    fn own(&mut self, id: NodeId, input: InputOf<N>) {
        if let Input::Durable(last) = input
            && !self.node(id).is_paused
        {
            if let Some(failure) = self.node(id).failure() {
                return self.fail_write(id, last, failure);
            }
            self.node(id).end_sync(last);
            if let Some(lineage) = &mut self.lineage {
                lineage.wrote(id, last);
            }
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
            if let Some(lineage) = &mut self.lineage {
                lineage.puts_off(id);
            }
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
            if let Some(lineage) = &mut self.lineage {
                let cause = lineage.takes_up(node);
                lineage.begin(cause);
            }
            self.own(node, input);
        }
    }

    fn administer(&mut self, id: NodeId, admin: Admin) -> Administered {
        let moment = self.moment();
        let mut orders = std::mem::take(&mut self.orders);
        self.begin(|| Lineage::of_life("admin", id, moment.elapsed));
        let node = &mut self.nodes[usize::from(id.0) - 1];
        let done = node.administer((moment, admin), self.lineage.as_deref_mut(), &mut orders);
        self.perform_all(id, orders, 0);
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
