//! The run loop: one thread that asks, records, hurts and waits. The same for both drivers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rashomon_checker::{Event, ProcessId, Time};
use rashomon_results::StoreError;
use rashomon_targets::{NodeId, Status};
use rashomon_workloads::{Context, Generator, Next, Op, Workload};

use crate::client::{self, Completion, Router};
use crate::plan::{Efficacy, FaultSpan, Plan};
use crate::recorder::{Recorder, Sighting, Tally};
use crate::world::{CallId, Happening, Reply, World, primary};

/// A process waits so long for an answer.
const PATIENCE: u64 = 1_000_000_000;
/// A process that was turned away waits so long before it asks again.
const REST: u64 = 20_000_000;
/// How often a settling cluster is looked at.
const LOOK_EVERY: u64 = 20_000_000;
/// A cluster that has not settled after so long will not be waited for.
const SETTLE_WITHIN: u64 = 15_000_000_000;
/// Whom a request may be passed on to, at most.
const REDIRECTS: u8 = 2;

/// What a run looks like from outside while it goes on.
pub(crate) trait Watcher {
    /// Something was recorded.
    fn recorded(&mut self, _event: &Event) {}
    /// Time has passed.
    fn tick(&mut self, _now: Time, _tally: Tally, _phase: Stage, _active: &[&FaultSpan]) {}
    /// A fault began or ended.
    fn fault(&mut self, _now: Time, _span: &FaultSpan, _on: Option<NodeId>, _begins: bool) {}
    /// Whether to stop the load and go on to the verdict.
    fn wants_stop(&mut self) -> bool {
        false
    }
}

/// A watcher that looks away.
pub(crate) struct Unwatched;

impl Watcher for Unwatched {}

/// Which part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Operations and faults.
    Load,
    /// Faults are over; the cluster comes to rest.
    Settle,
    /// Every replica is read.
    FinalReads,
}

impl Stage {
    /// The word for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Settle => "settle",
            Self::FinalReads => "final reads",
        }
    }
}

/// What a fault span did, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SpanOutcome {
    /// As planned.
    pub(crate) span: FaultSpan,
    /// Who was primary when it struck, where the target has one.
    pub(crate) primary: Option<NodeId>,
    /// When it struck; `None` if the load ended before.
    pub(crate) struck: Option<Time>,
    /// When it healed.
    pub(crate) healed: Option<Time>,
    /// What it did.
    pub(crate) efficacy: Efficacy,
}

/// What the loop has to say at the end, apart from the history.
#[derive(Clone, Debug)]
pub(crate) struct Driven {
    /// What each span did.
    pub(crate) spans: Vec<SpanOutcome>,
    /// Whether the cluster came to rest after the faults.
    pub(crate) settled: bool,
    /// Final reads of copies that should be there and gave no answer, in words.
    pub(crate) unread: Vec<String>,
    /// What was found wrong while it went on, if that was looked for.
    pub(crate) sighting: Option<Sighting>,
    /// When the load was stopped for that.
    pub(crate) stopped: Option<Time>,
    /// When the last of it was done.
    pub(crate) end: Time,
}

/// An operation in flight.
struct Flight {
    slot: usize,
    op: Op,
    node: NodeId,
    deadline: Time,
    redirects: u8,
}

/// A run under way.
pub(crate) struct Drive<'a, W: World> {
    pub(crate) world: &'a mut W,
    pub(crate) recorder: &'a mut Recorder,
    pub(crate) router: Router,
    pub(crate) watcher: &'a mut dyn Watcher,
    is_set: bool,
    names: Vec<Arc<str>>,
    members: Vec<NodeId>,
    /// The process in each slot; it changes when one retires.
    processes: Vec<ProcessId>,
    /// Free processes, ascending.
    free: Vec<ProcessId>,
    /// Processes that were turned away, and until when they rest.
    resting: BTreeSet<(Time, ProcessId)>,
    flights: BTreeMap<CallId, Flight>,
    /// When to give up on whom.
    deadlines: BTreeSet<(Time, CallId)>,
    next_call: u64,
    spans: Vec<SpanOutcome>,
    last_primary: Option<NodeId>,
    unread: Vec<String>,
    /// Whether the load is to end before its time.
    is_cut: bool,
    /// When something wrong was seen, if the load was stopped for that.
    stopped: Option<Time>,
}

impl<'a, W: World> Drive<'a, W> {
    /// A run of `processes` at a time against `world`.
    pub(crate) fn new(
        world: &'a mut W,
        recorder: &'a mut Recorder,
        router: Router,
        watcher: &'a mut dyn Watcher,
        plan: &Plan,
        processes: u32,
        is_set: bool,
    ) -> Self {
        let members = world.members();
        let spans = plan.spans.iter().map(|span| SpanOutcome {
            span: span.clone(),
            primary: None,
            struck: None,
            healed: None,
            efficacy: Efficacy::default(),
        });
        Self {
            spans: spans.collect(),
            world,
            recorder,
            router,
            watcher,
            is_set,
            names: members.iter().map(|node| node.to_string().into()).collect(),
            last_primary: members.first().copied(),
            members,
            processes: (0..processes).map(ProcessId).collect(),
            free: (0..processes).map(ProcessId).collect(),
            resting: BTreeSet::new(),
            flights: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            next_call: 0,
            unread: Vec::new(),
            is_cut: false,
            stopped: None,
        }
    }

    /// The whole run: load under faults, healing, rest, and a look at every replica.
    ///
    /// # Errors
    /// If the history cannot be written.
    pub(crate) fn run(mut self, workload: &mut Workload) -> Result<Driven, StoreError> {
        let nodes = u16::try_from(self.members.len()).unwrap_or(u16::MAX);
        self.phase(workload.load(), Stage::Load)?;
        self.heal_all();
        let mut settled = self.settle();
        self.phase(&mut workload.sweep(nodes), Stage::Settle)?;
        settled &= self.settle();
        self.phase(&mut workload.final_reads(nodes), Stage::FinalReads)?;
        for outcome in &mut self.spans {
            outcome.efficacy = self.world.efficacy(outcome.span.id);
        }
        let end = self.world.now();
        let sighting = self.recorder.sighting().cloned();
        let Self { spans, unread, stopped, .. } = self;
        Ok(Driven { spans, settled, unread, sighting, stopped, end })
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
            if let Happening::Replied(call, reply) = self.world.next(now) {
                self.replied(generator, call, reply)?;
                continue;
            }
            self.expire(generator)?;
            self.wake_rested(now);
            done |= stage == Stage::Load && self.is_cut;
            let mut wake = Time(u64::MAX);
            if !done {
                let processes = u32::try_from(self.processes.len()).unwrap_or(u32::MAX);
                match generator.next(&Context { now, free: &self.free, processes }) {
                    Next::Invoke { process, op } => {
                        self.invoke(generator, process, op)?;
                        continue;
                    }
                    Next::Pending(until) => wake = until,
                    Next::Done => done = true,
                }
            }
            if done && self.flights.is_empty() && self.resting.is_empty() {
                return Ok(());
            }
            let rested = self.resting.first().map_or(Time(u64::MAX), |&(until, _)| until);
            wake = wake.min(self.next_deadline()).min(self.next_fault(stage)).min(rested);
            assert!(wake < Time(u64::MAX), "a generator waits, with nothing in flight, for ever");
            self.tick(stage);
            // Never so long that a progress display stands still.
            let wake = wake.min(Time(now.0 + 100_000_000));
            if let Happening::Replied(call, reply) = self.world.next(wake) {
                self.replied(generator, call, reply)?;
            }
        }
    }

    /// Ends load and faults as soon as somebody wants that, or something wrong is seen.
    fn look_for_a_stop(&mut self) {
        if self.is_cut {
            return;
        }
        self.stopped = self.recorder.sighting().map(|sighting| sighting.at);
        if self.stopped.is_some() || self.watcher.wants_stop() {
            self.is_cut = true;
            self.heal_all();
        }
    }

    fn invoke(
        &mut self,
        generator: &mut dyn Generator,
        process: ProcessId,
        op: Op,
    ) -> Result<(), StoreError> {
        let at = self.free.binary_search(&process).expect("generators invoke on free processes");
        self.free.remove(at);
        let slot = self.slot(process);
        let node = self.router.place(slot, &op);
        let now = self.world.now();
        let name = self.name(node);
        let event = self.recorder.invoke(now, process, &op, &name)?;
        self.watcher.recorded(&event);
        generator.observe(&event);
        let call = CallId(self.next_call);
        self.next_call += 1;
        let deadline = Time(now.0 + PATIENCE);
        self.deadlines.insert((deadline, call));
        let request = client::request(&op, self.is_set).expect("workloads ask what targets know");
        self.flights.insert(call, Flight { slot, op, node, deadline, redirects: 0 });
        self.world.submit(call, node, &request);
        Ok(())
    }

    fn replied(
        &mut self,
        generator: &mut dyn Generator,
        call: CallId,
        reply: Reply,
    ) -> Result<(), StoreError> {
        let Some(mut flight) = self.flights.remove(&call) else { return Ok(()) };
        self.deadlines.remove(&(flight.deadline, call));
        let elsewhere = self.router.redirect(flight.slot, flight.node, &reply);
        if let Some(node) = elsewhere
            && flight.redirects < REDIRECTS
            && !flight.op.is_final()
        {
            flight.node = node;
            flight.redirects += 1;
            let request =
                client::request(&flight.op, self.is_set).expect("it was asked once already");
            let again = CallId(self.next_call);
            self.next_call += 1;
            self.deadlines.insert((flight.deadline, again));
            self.flights.insert(again, flight);
            self.world.submit(again, node, &request);
            return Ok(());
        }
        let completion = client::completion(&flight.op, reply);
        self.complete(generator, &flight, completion)
    }

    fn complete(
        &mut self,
        generator: &mut dyn Generator,
        flight: &Flight,
        completion: Completion,
    ) -> Result<(), StoreError> {
        let process = self.processes[flight.slot];
        let retires = matches!(completion, Completion::Info(_));
        let turned_away = matches!(completion, Completion::Fail(_));
        if let Completion::Fail(why) | Completion::Info(why) = &completion
            && flight.op.is_final()
            && why != client::NOT_REPLICA
        {
            let (key, node) = (&flight.op.key, flight.node);
            self.unread.push(format!("the final read of {key} at {node} failed ({why})"));
        }
        let now = self.world.now();
        let name = self.name(flight.node);
        let event = self.recorder.complete(now, process, &flight.op, &name, completion)?;
        self.watcher.recorded(&event);
        generator.observe(&event);
        // Its operation may yet take effect, so a process that does not know can do nothing more.
        let slots = u32::try_from(self.processes.len()).unwrap_or(u32::MAX);
        let next = if retires { ProcessId(process.0 + slots) } else { process };
        self.processes[flight.slot] = next;
        if turned_away {
            self.resting.insert((Time(now.0 + REST), next));
        } else {
            self.set_free(next);
        }
        Ok(())
    }

    fn set_free(&mut self, process: ProcessId) {
        let at = self.free.binary_search(&process).unwrap_or_else(|at| at);
        self.free.insert(at, process);
    }

    fn wake_rested(&mut self, now: Time) {
        while let Some(&(until, process)) = self.resting.first()
            && until <= now
        {
            self.resting.pop_first();
            self.set_free(process);
        }
    }

    /// Gives up on operations whose time is over.
    fn expire(&mut self, generator: &mut dyn Generator) -> Result<(), StoreError> {
        let now = self.world.now();
        while let Some(&(deadline, call)) = self.deadlines.first()
            && deadline <= now
        {
            self.deadlines.pop_first();
            if let Some(flight) = self.flights.remove(&call) {
                self.world.abandon(call);
                self.router.give_up_on(flight.slot, flight.node);
                let completion = client::completion(&flight.op, Reply::Lost("timeout".into()));
                self.complete(generator, &flight, completion)?;
            }
        }
        Ok(())
    }

    fn next_deadline(&self) -> Time {
        self.deadlines.first().map_or(Time(u64::MAX), |&(deadline, _)| deadline)
    }

    fn next_fault(&self, stage: Stage) -> Time {
        if stage != Stage::Load || self.is_cut {
            return Time(u64::MAX);
        }
        let due = self.spans.iter().filter_map(|outcome| match (outcome.struck, outcome.healed) {
            (None, _) => Some(outcome.span.start),
            (Some(_), None) => Some(outcome.span.end()),
            (Some(_), Some(_)) => None,
        });
        due.min().unwrap_or(Time(u64::MAX))
    }

    fn apply_due_faults(&mut self) {
        if self.is_cut {
            return;
        }
        let now = self.world.now();
        for at in 0..self.spans.len() {
            let outcome = &self.spans[at];
            if outcome.struck.is_some() && outcome.healed.is_none() && outcome.span.end() <= now {
                self.heal(at);
            }
        }
        for at in 0..self.spans.len() {
            if self.spans[at].struck.is_none() && self.spans[at].span.start <= now {
                self.strike(at);
            }
        }
    }

    fn strike(&mut self, at: usize) {
        let statuses = self.world.statuses();
        // Where nobody says so, the last one who did.
        self.last_primary = primary(&self.members, &statuses).or(self.last_primary);
        let outcome = &mut self.spans[at];
        outcome.primary = self.last_primary;
        outcome.struck = Some(self.world.now());
        self.world.strike(&outcome.span, outcome.primary);
        self.watcher.fault(self.world.now(), &outcome.span, outcome.primary, true);
    }

    fn heal(&mut self, at: usize) {
        let outcome = &mut self.spans[at];
        self.world.heal(&outcome.span);
        outcome.healed = Some(self.world.now());
        self.watcher.fault(self.world.now(), &outcome.span, outcome.primary, false);
    }

    fn heal_all(&mut self) {
        for at in 0..self.spans.len() {
            if self.spans[at].struck.is_some() && self.spans[at].healed.is_none() {
                self.heal(at);
            }
        }
    }

    /// Waits until every node is up, has nothing under way, and stays so between two looks.
    fn settle(&mut self) -> bool {
        let give_up = self.world.now().0 + SETTLE_WITHIN;
        let mut before: Option<Vec<Status>> = None;
        loop {
            let seen: Option<Vec<Status>> = self.world.statuses().into_iter().collect();
            let rests = seen.as_ref().is_some_and(|seen| seen.iter().all(|status| status.settled));
            if rests && seen == before {
                return true;
            }
            before = seen.filter(|_| rests);
            let now = self.world.now().0;
            if now >= give_up {
                return false;
            }
            self.tick(Stage::Settle);
            while self.world.next(Time(now + LOOK_EVERY)) != Happening::Reached {}
        }
    }

    fn tick(&mut self, stage: Stage) {
        let active: Vec<&FaultSpan> = self
            .spans
            .iter()
            .filter(|outcome| outcome.struck.is_some() && outcome.healed.is_none())
            .map(|outcome| &outcome.span)
            .collect();
        self.watcher.tick(self.world.now(), self.recorder.tally(), stage, &active);
    }

    fn slot(&self, process: ProcessId) -> usize {
        process.0 as usize % self.processes.len()
    }

    fn name(&self, node: NodeId) -> Arc<str> {
        self.names[usize::from(node.0) - 1].clone()
    }
}
