//! A search for an order of all operations, along which each read returns the last write to its key.

use std::collections::HashSet;

use super::order::{ForcedOrder, Registers};
use crate::Budget;
use crate::plant::{Bug, planted};
use crate::weak::Source;

/// What a search comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CutSearched {
    /// There is an order.
    Order,
    /// There is none. Of each session it has looked at what comes before these operations.
    NoOrder(Vec<u32>),
    /// The bytes of the budget are spent.
    OutOfBytes,
    /// The configurations of the budget are spent.
    OutOfSteps,
}

/// The value that a key holds while a read of it is still to come: nothing else is written then.
#[derive(Clone, Copy)]
pub(super) struct Lock {
    /// Reads of it that are not taken.
    pub(super) pending: u32,
    /// What wrote it; none for the initial value.
    pub(super) holder: Option<u32>,
}

/// Why a session cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// This operation must be taken first.
    For(u32),
    /// The value of this key is still to be read, by others.
    Locked(usize),
}

/// A choice between writes, each of which leads to other orders.
struct Frame {
    /// How many operations were taken before.
    taken: usize,
    /// What is not tried, the best last.
    untried: Vec<u32>,
}

pub(super) struct CutSearch<'a> {
    pub(super) of: Registers<'a>,
    order: &'a ForcedOrder<'a>,
    /// Which write to try first where there is a choice: the one with the lowest.
    rank: &'a [u32],
    /// The operation of each session that is next.
    pub(super) next: Vec<u32>,
    pub(super) locks: Vec<Lock>,
    /// What was taken, in order.
    taken: Vec<u32>,
    /// Where each operation stands in that, if it was.
    place: Vec<u32>,
    frames: Vec<Frame>,
    /// Where there was a choice, and none led to an order.
    tried: HashSet<Box<[u32]>>,
    /// Sessions to be looked at.
    ready: Vec<usize>,
    /// Sessions whose next operation is a write that could be taken.
    choices: Vec<usize>,
    /// For each session what waits for its operations; for each key what waits for its lock.
    waiting: Vec<Vec<(u32, usize)>>,
    locked: Vec<Vec<usize>>,
    /// Keys that something may wait for.
    waited: Vec<usize>,
    furthest: Vec<u32>,
}

impl<'a> CutSearch<'a> {
    pub(super) fn new(of: Registers<'a>, order: &'a ForcedOrder<'a>, rank: &'a [u32]) -> Self {
        let count = of.sessions.count();
        let next: Vec<u32> = (0..count).map(|it| of.sessions.ops(it).start).collect();
        let lock = |key| Lock { pending: of_size(of.readers.of_initial(key)), holder: None };
        Self {
            of,
            order,
            rank,
            furthest: next.clone(),
            next,
            locks: (0..of.sessions.keys()).map(lock).collect(),
            taken: Vec::new(),
            place: vec![0; of.session_of.len()],
            frames: Vec::new(),
            tried: HashSet::new(),
            ready: (0..count).rev().collect(),
            choices: Vec::new(),
            waiting: vec![Vec::new(); count],
            locked: vec![Vec::new(); of.sessions.keys()],
            waited: Vec::new(),
        }
    }

    /// Searches with what `spent` leaves of the configurations, and adds to it.
    pub(super) fn run(&mut self, budget: &Budget, spent: &mut u64) -> CutSearched {
        let bytes_each = self.next.len() as u64 * 4 + 64;
        loop {
            let before = self.taken.len();
            self.settle();
            let choices = self.enabled();
            let steps = (self.taken.len() - before + choices.len() / 16 + 1) as u64;
            *spent = spent.saturating_add(steps);
            if *spent > budget.configurations || budget.is_stopped() {
                return CutSearched::OutOfSteps;
            }
            if self.taken.len() == self.of.session_of.len() {
                return CutSearched::Order;
            }
            if let Some(&write) = choices.iter().find(|&&write| self.is_next_to_its_key(write)) {
                self.choose(write);
                continue;
            }
            let level = if choices.is_empty() { self.stuck_since() } else { self.frames.len() };
            let is_new = !choices.is_empty() && self.tried.insert(self.next.clone().into());
            if self.tried.len() as u64 * bytes_each > budget.bytes {
                return CutSearched::OutOfBytes;
            }
            if is_new {
                let untried = self.alternatives(choices);
                self.frames.push(Frame { taken: self.taken.len(), untried });
                self.try_next();
            } else if !self.back(level) {
                return CutSearched::NoOrder(self.region());
            }
        }
    }

    /// Takes reads, and the updates of what all others have read, until there are only choices between
    /// writes. Such an update is the next to its key whatever is chosen.
    fn settle(&mut self) {
        while let Some(session) = self.ready.pop() {
            let end = self.of.sessions.ops(session).end;
            while self.next[session] < end {
                let op = self.next[session];
                match self.wait(op) {
                    Some(wait) => self.note(session, wait),
                    None if self.of.sessions.source(op).is_none() => self.choices.push(session),
                    None => {
                        self.take(op);
                        continue;
                    }
                }
                break;
            }
        }
    }

    /// What must happen before an operation that is the next of its session.
    pub(super) fn wait(&self, op: u32) -> Option<Wait> {
        let is_missing = |it: u32| it >= self.next[self.of.session_of[it as usize] as usize];
        let session = self.of.session_of[op as usize] as usize;
        if let Some(trunk) = self.of.sessions.trunk_of_first(session, op)
            && is_missing(trunk)
        {
            return Some(Wait::For(trunk));
        }
        let source = self.of.sessions.source(op);
        let is_write = self.of.sessions.is_write(op);
        match source {
            Some(Source::Write(write)) if is_missing(write) => return Some(Wait::For(write)),
            Some(_) if !is_write => return None,
            Some(_) | None => {}
        }
        let mut before = self.order.wiring.forced_before(op).iter().map(|it| it.earlier);
        if let Some(missing) = before.find(|&it| is_missing(it)) {
            return Some(Wait::For(missing));
        }
        let key = self.of.sessions.key(op);
        let is_locked = self.locks[key].pending > u32::from(source.is_some());
        (is_locked && !planted(Bug::SequentialForgetLocks)).then_some(Wait::Locked(key))
    }

    fn note(&mut self, session: usize, wait: Wait) {
        match wait {
            Wait::For(op) => {
                self.waiting[self.of.session_of[op as usize] as usize].push((op, session));
            }
            Wait::Locked(key) => {
                self.locked[key].push(session);
                self.waited.push(key);
            }
        }
    }

    /// The writes that could be taken, the best first.
    fn enabled(&mut self) -> Vec<u32> {
        let mut enabled = Vec::new();
        for session in std::mem::take(&mut self.choices) {
            let op = self.next[session];
            if let Some(wait) = self.wait(op) {
                self.note(session, wait);
            } else {
                self.choices.push(session);
                enabled.push(op);
            }
        }
        enabled.sort_unstable_by_key(|&op| (self.rank[op as usize], op));
        enabled
    }

    /// Takes a write of several that could be taken.
    fn choose(&mut self, write: u32) {
        let session = self.of.session_of[write as usize] as usize;
        self.take(write);
        self.choices.retain(|&it| it != session);
        self.ready.push(session);
    }

    fn take(&mut self, op: u32) {
        let session = self.of.session_of[op as usize] as usize;
        self.place[op as usize] = of_size(&self.taken);
        self.taken.push(op);
        self.next[session] += 1;
        self.furthest[session] = self.furthest[session].max(self.next[session]);
        let key = self.of.sessions.key(op);
        if self.of.sessions.is_write(op) {
            let pending = of_size(self.of.readers.of(op));
            self.locks[key] = Lock { pending, holder: Some(op) };
        } else {
            self.locks[key].pending = self.locks[key].pending.saturating_sub(1);
        }
        // The last of the reads may be an update that waits for the others.
        if self.locks[key].pending <= 1 {
            self.ready.append(&mut self.locked[key]);
        }
        let (reached, ready) = (self.next[session], &mut self.ready);
        self.waiting[session].retain(|&(missing, other)| {
            let waits = missing >= reached;
            if !waits {
                ready.push(other);
            }
            waits
        });
    }

    /// Whether each other write to the key of `write` that is left comes after it.
    fn is_next_to_its_key(&self, write: u32) -> bool {
        let key = self.of.sessions.key(write);
        self.first_left(key).all(|it| it == write || self.order.clocks.precedes(write, it))
    }

    /// The first write to `key` of each session that is left.
    fn first_left(&self, key: usize) -> impl Iterator<Item = u32> {
        self.of.writers.runs(key).filter_map(move |run| {
            let writes = self.of.writers.writes(run);
            let next = self.next[self.of.writers.session(run)];
            writes.get(writes.partition_point(|&it| it < next)).copied()
        })
    }

    /// Some of the writes `enabled`, one of which comes first in some order if there is one: those to one
    /// key, if no other write can be the next to it. The best last.
    fn alternatives(&self, enabled: Vec<u32>) -> Vec<u32> {
        let precedes = |one, other| self.order.clocks.precedes(one, other);
        let whole = enabled.iter().map(|&op| self.of.sessions.key(op)).find(|&key| {
            let left: Vec<u32> = self.first_left(key).collect();
            let is_late = |op: u32| left.iter().any(|&it| it != op && precedes(it, op));
            left.iter().all(|&op| is_late(op) || enabled.contains(&op))
        });
        let is_one = |op: &u32| whole.is_none_or(|key| self.of.sessions.key(*op) == key);
        enabled.into_iter().rev().filter(is_one).collect()
    }

    /// Tries what is left of the last choice.
    fn try_next(&mut self) {
        let frame = self.frames.last_mut().expect("there is a choice");
        let write = frame.untried.pop().expect("something is left to try");
        self.choose(write);
    }

    /// Takes back what was taken since the last of the first `level` choices that has something untried,
    /// and tries that.
    fn back(&mut self, level: usize) -> bool {
        self.frames.truncate(level);
        while self.frames.last().is_some_and(|it| it.untried.is_empty()) {
            self.frames.pop();
        }
        let Some(frame) = self.frames.last() else { return false };
        let taken = frame.taken;
        while self.taken.len() > taken {
            let op = self.taken.pop().expect("there are more");
            self.next[self.of.session_of[op as usize] as usize] -= 1;
            let lock = &mut self.locks[self.of.sessions.key(op)];
            // What an update wrote has no reads taken any more, and of what it read it was the last read.
            let pending = if self.of.sessions.is_write(op) { 0 } else { lock.pending };
            *lock = match self.of.sessions.source(op) {
                Some(Source::Write(write)) => Lock { pending: pending + 1, holder: Some(write) },
                Some(Source::Initial) => Lock { pending: pending + 1, holder: None },
                None => Lock { pending: 0, holder: None },
            };
        }
        self.waiting.iter_mut().for_each(Vec::clear);
        for key in self.waited.drain(..) {
            self.locked[key].clear();
        }
        self.choices.clear();
        self.ready = (0..self.next.len()).rev().collect();
        self.settle();
        self.try_next();
        true
    }

    /// How many choices there are.
    pub(super) fn frames_count(&self) -> usize {
        self.frames.len()
    }

    /// How many choices were made before `op` was taken, and when it was.
    pub(super) fn level(&self, op: u32) -> usize {
        let place = self.place[op as usize] as usize;
        self.frames.partition_point(|it| it.taken <= place)
    }

    /// Where each session was looked at last, and no further.
    fn region(&self) -> Vec<u32> {
        let end = |(session, &furthest): (usize, &u32)| {
            self.of.sessions.ops(session).end.min(furthest + 1)
        };
        self.furthest.iter().enumerate().map(end).collect()
    }
}

fn of_size(ops: &[u32]) -> u32 {
    u32::try_from(ops.len()).expect("there are at most 2^32 operations")
}
