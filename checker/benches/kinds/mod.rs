//! Histories that are hard to judge: of many clients, few values, or many lost operations.
//!
//! Each is legal by construction: operations take effect one after the other on an object, each at
//! some moment between its beginning and its end. A changed one differs in one return, which then is
//! wrong for a reason that can be told without a search.

mod changes;
mod objects;

use rashomon_checker::{Event, EventKind, History, ModelKind, ProcessId, Time, Value};

pub(crate) use objects::Object;

/// A sort of histories.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// What it is.
    pub(crate) name: &'static str,
    /// What it is judged against.
    pub(crate) model: ModelKind,
    object: Object,
    clients: u32,
    operations: u32,
    /// How many of a hundred operations are never answered.
    crashed: u64,
    /// Of ten legal histories, and of ten changed ones, how many must be decided.
    pub(crate) decided: [usize; 2],
}

/// Whether a history is as it came about, or has one wrong return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    /// As it came about.
    Legal,
    /// With one wrong return.
    Changed,
}

/// Chance that follows from a seed (splitmix64).
pub(crate) struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Between 1 and some millions, small numbers more often: as a wait for the first of rare events.
    fn wait(&mut self) -> u64 {
        let mut wait = 1 + self.below(1_000_000);
        while self.below(8) < 3 && wait < 1 << 24 {
            wait += self.below(1_000_000);
        }
        wait
    }
}

/// An operation, and when it took effect.
#[derive(Clone, Debug)]
pub(crate) struct Op {
    client: u32,
    begins: u64,
    effect: u64,
    /// Never, if it is not answered.
    ends: u64,
    f: &'static str,
    argument: Value,
    ret: Value,
}

const NEVER: u64 = u64::MAX;

impl Kind {
    /// The kinds that the benchmark prints.
    pub(crate) const ALL: [Self; 14] = [
        Self::new("kv, 10 clients, 100 ops", Object::Text, 10, 100, 0, [10, 10]),
        Self::new("kv, 20 clients, 100 ops", Object::Text, 20, 100, 0, [10, 10]),
        Self::new("kv, 30 clients, 100 ops", Object::Text, 30, 100, 0, [10, 10]),
        Self::new("list-append, 10 clients, 100 ops", Object::List, 10, 100, 0, [10, 10]),
        Self::new("list-append, 20 clients, 100 ops", Object::List, 20, 100, 0, [10, 10]),
        Self::new("list-append, 30 clients, 100 ops", Object::List, 30, 100, 0, [10, 10]),
        Self::new("queue of 3 values, 20 clients, 200 ops", Object::Queue, 20, 200, 0, [10, 10]),
        Self::new("stack of 20 values, 10 clients, 300 ops", Object::Stack, 10, 300, 0, [9, 8]),
        Self::new("stack, 20 clients, 2,000 ops, 5 % lost", Object::Fresh, 20, 2_000, 5, [7, 10]),
        Self::new("set of 20, 20 clients, 500 ops, 10 % lost", Object::Set, 20, 500, 10, [10, 10]),
        Self::new("counter of -5..4, 50 clients, 1,000 ops", Object::Small, 50, 1_000, 0, [0, 10]),
        Self::new(
            "counter of +-1000, 50 clients, 1,000 ops",
            Object::Large,
            50,
            1_000,
            0,
            [10, 10],
        ),
        Self::new(
            "register of 50, 50 clients, 1,000 ops",
            Object::Register,
            50,
            1_000,
            0,
            [10, 10],
        ),
        Self::new("cas of 20, 100 clients, 2,000 ops", Object::Cas, 100, 2_000, 0, [10, 0]),
    ];

    const fn new(
        name: &'static str,
        object: Object,
        clients: u32,
        operations: u32,
        crashed: u64,
        decided: [usize; 2],
    ) -> Self {
        Self { name, model: object.model(), object, clients, operations, crashed, decided }
    }

    /// One of them.
    pub(crate) fn history(&self, truth: Truth, seed: u64) -> History {
        let mut chance = Chance(seed);
        let mut ops = self.schedule(&mut chance);
        ops.sort_by_key(|op| op.effect);
        self.object.run(&mut ops, &mut chance);
        if truth == Truth::Changed {
            changes::spoil(self.object, &mut ops, &mut chance);
        }
        ops.sort_by_key(|op| op.begins);
        told(&ops, self.clients)
    }

    fn schedule(&self, chance: &mut Chance) -> Vec<Op> {
        let mut free: Vec<u64> = (0..self.clients).map(|_| chance.wait()).collect();
        let mut ops = Vec::new();
        for _ in 0..self.operations {
            let next = (0..self.clients).min_by_key(|&client| free[client as usize]);
            let client = next.expect("there are clients");
            let begins = free[client as usize];
            let ends = begins + chance.wait();
            let effect = begins + chance.below(ends - begins + 1);
            free[client as usize] = ends + 1;
            let ends = if chance.below(100) < self.crashed { NEVER } else { ends };
            let (f, argument, ret) = ("", Value::Nil, Value::Nil);
            ops.push(Op { client, begins, effect, ends, f, argument, ret });
        }
        ops
    }
}

/// The events, in their order. A client that has no answer is another process from then on.
fn told(ops: &[Op], clients: u32) -> History {
    let mut events: Vec<(u64, Event)> = Vec::new();
    let mut process: Vec<u32> = (0..clients).collect();
    let mut fresh = clients;
    for op in ops {
        let it = &mut process[op.client as usize];
        let mut event = |at, kind, value: &Value| {
            let event = Event::new(0, ProcessId(*it), kind, op.f, value.clone());
            events.push((at, Event { time: Time(at), ..event }));
        };
        event(op.begins, EventKind::Invoke, &op.argument);
        if op.ends == NEVER {
            *it = fresh;
            fresh += 1;
        } else {
            event(op.ends, EventKind::Ok, &op.ret);
        }
    }
    // An operation that ends at the moment another begins overlaps it.
    events.sort_by_key(|(at, event)| (*at, event.kind != EventKind::Invoke));
    let numbered = (0..).zip(events).map(|(index, (_, event))| Event { index, ..event });
    History::from_events(numbered).expect("clients do one thing at a time")
}
