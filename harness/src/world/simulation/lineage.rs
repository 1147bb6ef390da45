//! What each thing in a simulation comes from, so that chance can be asked by name.
//!
//! A cause is a number that follows from what led to a thing, and from nothing else that happens: the slot
//! and the time of an operation, the message, the timer or the record, the life of a node. Without a lineage a
//! simulation draws from its streams; with one that takes notes it draws the same, and notes what it drew by
//! name; with the chance of a scenario it asks that.

use std::collections::{BTreeMap, VecDeque};

use rashomon_targets::{NodeId, PersistId};
use rashomon_workloads::{Rng, Seed};

use crate::chance::{Chance, Decided, Decides, Name};
use crate::fault::{CopyNumber, DirectedLink, Luck, usual_delay};
use crate::world::CallId;

/// Where the chance of a simulation is from.
#[derive(Clone, Debug)]
pub(crate) enum Odds {
    /// Its streams; what they say is noted.
    Streams,
    /// A scenario.
    Scenario(Chance),
}

/// What a thing comes from. 0 where nobody asks.
pub(super) type Cause = Seed;

/// No cause: nobody asks.
pub(super) const NO_CAUSE: Cause = Seed(0);

/// What a node does that waits for its disk: its cause, the next of it, and how many are left.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    cause: Cause,
    next: u64,
    left: usize,
}

/// What is remembered of one node.
#[derive(Clone, Debug, Default)]
struct Remembered {
    /// What waits for its disk, in the order in which it began to.
    held: VecDeque<Waiting>,
    /// Its records that are not durable.
    records: VecDeque<(PersistId, Cause)>,
    /// Inputs that wait until it goes on.
    inputs: VecDeque<Cause>,
}

/// The causes of what is under way, and the chance that is asked by them.
#[derive(Debug)]
pub(super) struct Lineage {
    odds: Odds,
    /// What was decided so far, in the order of asking.
    decided: Vec<(Name, u64)>,
    nodes: Vec<Remembered>,
    calls: BTreeMap<CallId, Cause>,
    messages: BTreeMap<DirectedLink, Vec<Cause>>,
    /// What a node takes in now, and how much it has done for that.
    now: Cause,
    done: u64,
    /// How many numbers it has drawn for that.
    drawn: u64,
}

/// The first number of what waits for a disk, so that it has other names than what does not.
const HELD: u64 = 1 << 32;

impl Lineage {
    pub(super) fn new(odds: Odds, nodes: u16) -> Self {
        Self {
            odds,
            decided: Vec::new(),
            nodes: vec![Remembered::default(); usize::from(nodes)],
            calls: BTreeMap::new(),
            messages: BTreeMap::new(),
            now: NO_CAUSE,
            done: 0,
            drawn: 0,
        }
    }

    /// What was decided so far, by name.
    pub(super) fn into_decided(self) -> Decided {
        self.decided.into_iter().collect()
    }

    /// What the scenario says of a thing with this cause; in a run that takes notes, what `stream` draws.
    /// `draw` is how a scenario draws it.
    pub(super) fn decide(
        &mut self,
        (what, cause): (Decides, Cause),
        draw: impl FnOnce(&mut Rng) -> u64,
        stream: impl FnOnce() -> u64,
    ) -> u64 {
        let name = Name::new(what, cause);
        let value = match &self.odds {
            Odds::Streams => stream(),
            Odds::Scenario(chance) => chance.decide(name, draw),
        };
        self.decided.push((name, value));
        value
    }

    fn node(&mut self, id: NodeId) -> &mut Remembered {
        &mut self.nodes[usize::from(id.0) - 1]
    }

    /// A node takes something in now.
    pub(super) fn begin(&mut self, cause: Cause) {
        (self.now, self.done, self.drawn) = (cause, 0, 0);
    }

    /// Of what a node did for what it took in, this many now wait for its disk.
    pub(super) fn stepped(&mut self, id: NodeId, held: usize) {
        if held > 0 {
            let waiting = Waiting { cause: self.now, next: HELD, left: held };
            self.node(id).held.push_back(waiting);
        }
    }

    /// The cause of the next thing that a node does, of those that waited for its disk.
    pub(super) fn released(&mut self, id: NodeId) -> Cause {
        let held = &mut self.node(id).held;
        let Some(first) = held.front_mut() else { return NO_CAUSE };
        let cause = first.cause.nth(first.next);
        first.next += 1;
        first.left -= 1;
        if first.left == 0 {
            held.pop_front();
        }
        cause
    }

    /// The cause of the next thing that a node does for what it takes in now.
    pub(super) fn at_once(&mut self) -> Cause {
        self.done += 1;
        self.now.nth(self.done)
    }

    /// What a message with this cause meets on its way; `by_itself` in a run that takes notes.
    pub(super) fn luck(&mut self, cause: Cause, by_itself: Luck) -> Luck {
        let fate = self.decide((Decides::Fate, cause), Rng::next_u64, || by_itself.fate.0);
        let draw = |rng: &mut Rng| usual_delay(rng);
        let delay = self.decide((Decides::Delay, cause), draw, || by_itself.delay);
        Luck { fate: Seed(fate), delay }
    }

    /// A number that a node draws.
    pub(super) fn draw(&mut self, stream: impl FnOnce() -> u64) -> u64 {
        self.drawn += 1;
        let cause = self.now.stream("draw").nth(self.drawn);
        self.decide((Decides::Draw, cause), Rng::next_u64, stream)
    }

    /// A client asks.
    pub(super) fn asks(&mut self, call: CallId, now: u64) -> Cause {
        let cause = Seed(0).stream("ask").nth(call.slot() as u64).nth(now);
        self.calls.insert(call, cause);
        cause
    }

    /// What a call comes from.
    pub(super) fn of_call(&self, call: CallId) -> Cause {
        self.calls.get(&call).copied().unwrap_or(NO_CAUSE)
    }

    /// The next message of a link is on its way.
    pub(super) fn sends(&mut self, link: DirectedLink, cause: Cause) {
        self.messages.entry(link).or_default().push(cause);
    }

    /// What a message comes from.
    pub(super) fn of_message(&self, link: DirectedLink, number: CopyNumber) -> Cause {
        let at = usize::try_from(number.message).ok();
        let cause = self.messages.get(&link).zip(at).and_then(|(sent, at)| sent.get(at).copied());
        cause.unwrap_or(NO_CAUSE).nth(u64::from(number.copy))
    }

    /// A node has a record written.
    pub(super) fn persists(&mut self, id: NodeId, record: PersistId, cause: Cause) {
        self.node(id).records.push_back((record, cause));
    }

    /// What the next write of a node's disk comes from: its first record.
    pub(super) fn of_write(&mut self, id: NodeId) -> Cause {
        self.node(id).records.front().map_or(NO_CAUSE, |&(_, cause)| cause)
    }

    /// Records up to `last` are durable.
    pub(super) fn wrote(&mut self, id: NodeId, last: PersistId) {
        let records = &mut self.node(id).records;
        while records.pop_front_if(|(record, _)| *record <= last).is_some() {}
    }

    /// A stopped node takes in later what it would take in now.
    pub(super) fn puts_off(&mut self, id: NodeId) {
        let cause = self.now;
        self.node(id).inputs.push_back(cause);
    }

    /// What a node takes in next, of what was put off.
    pub(super) fn takes_up(&mut self, id: NodeId) -> Cause {
        self.node(id).inputs.pop_front().unwrap_or(NO_CAUSE)
    }

    /// A node has ended, and all that it had under way with it.
    pub(super) fn forgets(&mut self, id: NodeId) {
        *self.node(id) = Remembered::default();
    }

    /// Something happens to a node for the first, second... time: it starts, or is killed.
    pub(super) fn of_life(what: &str, id: NodeId, number: u64) -> Cause {
        Seed(0).stream(what).nth(u64::from(id.0)).nth(number)
    }
}
