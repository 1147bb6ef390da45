//! The run loop: one thread that invokes operations, records, injects faults and waits. The same
//! for
//! every world.

mod closing;
mod flights;
mod processes;
mod progress;
mod roles;
mod settle;
mod spans;
mod watcher;

use std::sync::Arc;

use rashomon_checker::{ProcessId, Time};
use rashomon_results::StoreError;
use rashomon_targets::{NodeId, Pace};
use rashomon_workloads::{Completion, Context, Generator, Next, Op, Workload};
use serde::{Deserialize, Serialize};

use crate::client::{self, Router};
use crate::fault::Plan;
use crate::run::recorder::{Recorder, Sighting};
use crate::safety::Breach;
use crate::world::{Breakdown, CallId, Happening, Reply, World};
pub(crate) use closing::Closing;
use flights::{Flight, Flights};
use processes::{After, Processes};
use roles::Roles;
use spans::Spans;

pub(crate) use roles::AskedRole;
pub(crate) use spans::SpanOutcome;
pub(crate) use watcher::{Stage, UntilStopped, Watcher};

/// The most redirects that a request follows.
const REDIRECTS: u8 = 2;

/// How the load ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub(crate) enum Ended {
    /// When its time was over.
    InTime,
    /// At the first violation, as `--fail-fast` asks.
    Violation {
        /// When.
        at: Time,
    },
    /// The run was interrupted.
    Interrupted {
        /// When.
        at: Time,
    },
}

/// Whether a cluster came to rest after its faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rest {
    /// It did, at two probes in a row.
    Rested,
    /// It did not within the time allowed.
    NotRested,
    /// It could not be observed: what final reads lack may still have been in transit.
    NotLooked,
}

/// A copy that should exist, whose final read failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unread {
    /// Of what.
    pub(crate) key: String,
    /// Whose copy.
    pub(crate) node: NodeId,
    /// Why there is no answer.
    pub(crate) why: String,
}

/// What a run knows at its end, apart from the history. Judging needs this and the history only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Driven {
    /// What each span did.
    pub(crate) spans: Vec<SpanOutcome>,
    /// Whether the cluster came to rest after the faults.
    pub(crate) rest: Rest,
    /// Final reads that failed, of copies that should exist.
    pub(crate) unread: Vec<Unread>,
    /// Failures that no injected fault explains.
    pub(crate) breakdowns: Vec<Breakdown>,
    /// What nodes told that the safety of a protocol rules out.
    pub(crate) breaches: Vec<Breach>,
    /// The violation found during the run, if the run was judged meanwhile.
    pub(crate) sighting: Option<Sighting>,
    /// How the load ended.
    pub(crate) ended: Ended,
    /// The time at which the run ended.
    pub(crate) end: Time,
    /// How often planted bugs had an effect at the nodes alive at the end; in simulation also in their former lives.
    pub(crate) bug_hits: u64,
}

/// The load and the faults of a cluster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule<'a> {
    /// The faults.
    pub(crate) plan: &'a Plan,
    /// Processes at a time.
    pub(crate) processes: u32,
    /// How long to wait for it.
    pub(crate) pace: Pace,
    /// What comes after the load.
    pub(crate) closing: Closing,
}

/// A run under way.
pub(crate) struct Drive<'a, W: World> {
    world: &'a mut W,
    recorder: &'a mut Recorder,
    router: Router,
    watcher: &'a mut dyn Watcher,
    names: Vec<Arc<str>>,
    members: Vec<NodeId>,
    processes: Processes,
    flights: Flights,
    spans: Spans,
    pace: Pace,
    closing: Closing,
    roles: Roles,
    unread: Vec<Unread>,
    ended: Ended,
}

impl<'a, W: World> Drive<'a, W> {
    /// A run against `world`.
    pub(crate) fn new(
        world: &'a mut W,
        recorder: &'a mut Recorder,
        router: Router,
        watcher: &'a mut dyn Watcher,
        asked: Schedule<'_>,
    ) -> Self {
        let members = world.members();
        Self {
            spans: Spans::of(asked.plan),
            pace: asked.pace,
            closing: asked.closing,
            world,
            recorder,
            router,
            watcher,
            names: members.iter().map(|node| node.to_string().into()).collect(),
            roles: Roles::new(&members),
            members,
            processes: Processes::new(asked.processes),
            flights: Flights::new(asked.processes),
            unread: Vec::new(),
            ended: Ended::InTime,
        }
    }

    /// The whole run: load under faults, healing, rest, and a final read of every replica.
    ///
    /// # Errors
    /// If the history cannot be written.
    pub(crate) fn run(mut self, workload: &mut Workload) -> Result<Driven, StoreError> {
        let nodes = u16::try_from(self.members.len()).unwrap_or(u16::MAX);
        self.phase(workload.load(), Stage::Load)?;
        self.heal_all();
        let (rest, stuck) = match self.closing {
            Closing::FinalReads => self.read_copies(workload, nodes)?,
            Closing::Sweep => {
                self.phase(&mut workload.sweep(nodes), Stage::Settle)?;
                (Rest::NotLooked, None)
            }
            Closing::Nothing => (Rest::NotLooked, None),
        };
        let end = self.world.now();
        if self.ended == Ended::InTime && self.watcher.wants_stop() {
            self.ended = Ended::Interrupted { at: end };
        }
        let looks = self.world.looks();
        Ok(Driven {
            spans: self.spans.into_outcomes(self.world),
            rest,
            unread: self.unread,
            breakdowns: self.world.breakdowns(),
            breaches: self.world.breaches().into_iter().chain(stuck).collect(),
            sighting: self.recorder.sighting().cloned(),
            ended: self.ended,
            end,
            bug_hits: looks.iter().flatten().map(|look| look.bug_hits).sum(),
        })
    }

    /// Drives a generator until it is done and nothing is in flight.
    fn phase(&mut self, generator: &mut dyn Generator, stage: Stage) -> Result<(), StoreError> {
        let mut done = false;
        loop {
            if stage == Stage::Load {
                self.look_for_a_stop();
                self.apply_due_faults();
            }
            let now = self.world.now();
            // Completions first: to take invocations before them would invent concurrency.
            match self.world.next(now) {
                Happening::Replied(call, reply) => {
                    self.replied(generator, call, reply)?;
                    continue;
                }
                Happening::Noticed => {
                    self.spans.notice(self.world.now());
                    continue;
                }
                Happening::Reached => {}
            }
            self.expire(generator)?;
            self.processes.wake(now);
            done |= stage == Stage::Load && self.ended != Ended::InTime;
            let mut wake = None;
            if !done {
                let (free, processes) = (self.processes.free(), self.processes.count());
                match generator.next(&Context { now, free, processes }) {
                    Next::Invoke { process, op } => {
                        self.invoke(process, op, stage)?;
                        continue;
                    }
                    Next::Pending(until) => wake = Some(until),
                    Next::Done => done = true,
                }
            }
            let rested = self.processes.next_rested();
            if done && self.flights.is_empty() && rested.is_none() {
                return Ok(());
            }
            let times = [wake, self.flights.next_deadline(), self.next_fault(stage), rested];
            let wake = times.into_iter().flatten().min().unwrap_or(Time(u64::MAX));
            assert!(wake < Time(u64::MAX), "a generator waits, with nothing in flight, for ever");
            self.tick(stage);
            // Short enough that a progress display keeps moving.
            let wake = wake.min(Time(now.0 + 100_000_000));
            match self.world.next(wake) {
                Happening::Replied(call, reply) => self.replied(generator, call, reply)?,
                Happening::Noticed => self.spans.notice(self.world.now()),
                Happening::Reached => {}
            }
        }
    }

    /// Ends load and faults as soon as the run is interrupted, or a violation is found.
    fn look_for_a_stop(&mut self) {
        if self.ended != Ended::InTime {
            return;
        }
        if let Some(sighting) = self.recorder.sighting() {
            self.watcher.sighted(sighting);
            self.ended = Ended::Violation { at: sighting.at };
        } else if self.watcher.wants_stop() {
            self.ended = Ended::Interrupted { at: self.world.now() };
        }
        if self.ended != Ended::InTime {
            self.heal_all();
        }
    }

    fn invoke(&mut self, process: ProcessId, op: Op, stage: Stage) -> Result<(), StoreError> {
        let slot = self.processes.take(process);
        let node = self.router.place(slot, &op);
        let now = self.world.now();
        let name = &self.names[self.place(node)];
        let event = self.recorder.invoke(now, process, &op, name)?;
        self.watcher.recorded(&event);
        if self.watcher.minds_roles() && !op.is_final() {
            let role = self.roles.of(self.place(node), self.world);
            self.watcher.asked(&event, role);
        }
        self.watcher.invoked((now, slot), &op, self.place(node), stage);
        let deadline = Time(now.0 + self.pace.patience);
        let caller = self.processes.caller(slot);
        self.send(Flight { slot, caller, op, node, deadline, redirects: 0 });
        Ok(())
    }

    fn send(&mut self, flight: Flight) {
        let call = self.flights.name_call(flight.slot);
        self.world.submit(call, flight.caller, flight.node, &flight.op);
        self.flights.start(call, flight);
    }

    fn replied(
        &mut self,
        generator: &mut dyn Generator,
        call: CallId,
        reply: Reply,
    ) -> Result<(), StoreError> {
        let Some(mut flight) = self.flights.land(call) else { return Ok(()) };
        let elsewhere = self.router.redirect(flight.slot, flight.node, &reply);
        if let Some(node) = elsewhere
            && flight.redirects < REDIRECTS
            && !flight.op.is_final()
        {
            flight.node = node;
            flight.redirects += 1;
            self.send(flight);
            return Ok(());
        }
        let completion = client::completion(&flight.op.action, reply);
        self.complete(generator, &flight, &completion)
    }

    fn complete(
        &mut self,
        generator: &mut dyn Generator,
        flight: &Flight,
        completion: &Completion,
    ) -> Result<(), StoreError> {
        let process = self.processes.in_slot(flight.slot);
        let after = match completion {
            Completion::Ok(_) => After::Free,
            Completion::Fail(_) => After::Rests,
            Completion::Info(_) => After::Retires,
        };
        if let Completion::Fail(why) | Completion::Info(why) = completion
            && flight.op.is_final()
            && !client::is_not_replica(why)
            && let Some(key) = flight.op.action.key()
        {
            let (key, node) = (key.to_string(), flight.node);
            self.unread.push(Unread { key, node, why: why.clone() });
        }
        let now = self.world.now();
        let name = &self.names[self.place(flight.node)];
        let event = self.recorder.complete(now, process, &flight.op, name, completion)?;
        self.watcher.recorded(&event);
        generator.observe(&flight.op, completion);
        self.processes.done(flight.slot, now, after);
        Ok(())
    }

    /// Abandons operations whose deadline has passed.
    fn expire(&mut self, generator: &mut dyn Generator) -> Result<(), StoreError> {
        let now = self.world.now();
        while let Some((call, flight)) = self.flights.overdue(now) {
            self.world.abandon(call);
            self.router.give_up_on(flight.slot, flight.node);
            let completion = client::completion(&flight.op.action, Reply::Lost("timeout".into()));
            self.complete(generator, &flight, &completion)?;
        }
        Ok(())
    }

    fn next_fault(&self, stage: Stage) -> Option<Time> {
        let goes_on = stage == Stage::Load && self.ended == Ended::InTime;
        if goes_on { self.spans.next() } else { None }
    }

    fn apply_due_faults(&mut self) {
        if self.ended != Ended::InTime {
            return;
        }
        let now = self.world.now();
        if self.spans.next().is_none_or(|next| next > now) {
            return;
        }
        while let Some(at) = self.spans.next_over(now) {
            self.heal(at);
        }
        while let Some(at) = self.spans.next_turn(now) {
            self.spans.turn(at, self.world);
        }
        while let Some(at) = self.spans.next_due(now) {
            self.strike(at);
        }
        self.spans.tend_if_due(self.world);
    }

    fn strike(&mut self, at: usize) {
        if !self.spans.has_looked(at) {
            self.roles.look_for_primaries(&self.members, self.world);
        }
        if self.spans.waits(at, self.world, self.roles.primaries()) {
            return;
        }
        self.spans.strike(at, self.world, self.roles.primaries());
        self.spans.note_before(at, self.recorder.tally());
        self.watcher.fault_began(self.world.now(), self.spans.get(at));
    }

    fn heal(&mut self, at: usize) {
        self.spans.heal(at, self.world);
        self.spans.note_after(at, self.recorder.tally());
        self.watcher.fault_healed(self.world.now(), self.spans.get(at));
    }

    fn heal_all(&mut self) {
        while let Some(at) = self.spans.next_over(Time(u64::MAX)) {
            self.heal(at);
        }
    }

    fn tick(&mut self, stage: Stage) {
        let (now, tally) = (self.world.now(), self.recorder.tally());
        self.watcher.tick(now, tally, stage, &mut self.spans.in_force());
    }

    /// The place of a node among the members.
    fn place(&self, node: NodeId) -> usize {
        self.members.binary_search(&node).expect("members are asked, and nobody else")
    }
}

#[cfg(test)]
mod tests;
