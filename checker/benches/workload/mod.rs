//! Histories to measure with: clients of a correct object, and perhaps one wrong read.

use rashomon_checker::{Event, EventKind, History, ProcessId, Time, Value};

/// What the clients do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Object {
    /// Half writes, each of a value of its own.
    Register,
    /// A third each of reads, writes and swaps; every value written is new, and three
    /// swaps of four are of the value there. The others fail, and say no more.
    CasOfNew,
    /// A third each of reads, writes and swaps, of five values.
    CasOfFive,
    /// Half appends of a word of its own, half reads of the whole text.
    Text,
    /// Half changes of a text, each with one of some words, and half reads of the whole.
    Words {
        /// How many words there are.
        words: u64,
        /// How many changes of a hundred are puts; the others are appends.
        puts: u64,
    },
}

/// What a history is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Workload {
    /// What the clients do.
    pub(crate) object: Object,
    /// How many of them there are, on each key.
    pub(crate) clients: u32,
    /// How many operations there are on each key.
    pub(crate) operations: u32,
    /// How many keys there are.
    pub(crate) keys: u32,
    /// How many of a thousand writes are never answered.
    pub(crate) crashed_per_mille: u32,
    /// Whether one read, nine tenths along, is wrong.
    pub(crate) is_bad: bool,
    /// What all chance follows from.
    pub(crate) seed: u64,
}

struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Exponentially distributed, a million on average: by inversion, on a table of halvings.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it need not be exact"
    )]
    fn duration(&mut self) -> u64 {
        let uniform = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        (-(1.0 - uniform).ln() * 1e6) as u64 + 1
    }
}

struct Op {
    client: u32,
    begins: u64,
    effect: u64,
    ends: u64,
    f: &'static str,
    argument: Value,
    ret: Value,
    crashed: bool,
}

/// The history of a workload.
pub(crate) fn history(workload: &Workload) -> History {
    let mut chance = Chance(workload.seed);
    let mut events: Vec<(u64, Event)> = Vec::new();
    for key in 0..workload.keys {
        let mut ops = schedule(workload, &mut chance);
        ops.sort_by_key(|op| op.effect);
        run(workload, &mut ops, &mut chance);
        let mut process: Vec<u32> =
            (0..workload.clients).map(|client| key * workload.clients + client).collect();
        let mut fresh = (workload.keys + key * workload.operations) * workload.clients;
        ops.sort_by_key(|op| op.begins);
        for op in ops {
            let it = &mut process[op.client as usize];
            let event = |at, kind, value: &Value| {
                let event = Event {
                    time: Time(at),
                    key: (workload.keys > 1).then(|| Value::Int(i64::from(key))),
                    ..Event::new(0, ProcessId(*it), kind, op.f, value.clone())
                };
                (at, event)
            };
            events.push(event(op.begins, EventKind::Invoke, &op.argument));
            if op.crashed {
                *it = fresh;
                fresh += 1;
            } else {
                let failed = workload.object == Object::CasOfNew && op.ret == Value::Bool(false);
                let kind = if failed { EventKind::Fail } else { EventKind::Ok };
                events.push(event(op.ends, kind, &op.ret));
            }
        }
    }
    // A client's op ends before its next one begins, even at the same moment.
    events.sort_by_key(|(at, event)| (*at, event.kind == EventKind::Invoke));
    let numbered = (0..).zip(events).map(|(index, (_, event))| Event { index, ..event });
    History::from_events(numbered).expect("clients do one thing at a time")
}

fn schedule(workload: &Workload, chance: &mut Chance) -> Vec<Op> {
    let mut ops = Vec::new();
    let mut free: Vec<u64> = (0..workload.clients).map(|_| chance.duration()).collect();
    for number in 1..=workload.operations {
        let next = (0..workload.clients).min_by_key(|&client| free[client as usize]);
        let client = next.expect("there are clients");
        let begins = free[client as usize];
        let ends = begins + chance.duration();
        let effect = begins + chance.below(ends - begins + 1);
        free[client as usize] = ends + 1;
        let five = |chance: &mut Chance| Value::Int(chance.below(5).cast_signed());
        let (f, argument) = match (workload.object, chance.below(6)) {
            (Object::Register, 0..3) | (Object::CasOfNew, 0..2) => {
                ("write", Value::Int(i64::from(number)))
            }
            (Object::CasOfNew, 2..4) => {
                ("cas", Value::list([Value::Nil, Value::Int(i64::from(number))]))
            }
            (Object::CasOfFive, 0..2) => ("write", five(chance)),
            (Object::CasOfFive, 2..4) => ("cas", Value::list([five(chance), five(chance)])),
            (Object::Text, 0..3) => ("append", Value::str(&format!("x {client} {number} y"))),
            (Object::Words { words, puts }, 0..3) => {
                let f = if chance.below(100) < puts { "put" } else { "append" };
                (f, Value::str(&format!("x {} y", chance.below(words))))
            }
            (Object::Text | Object::Words { .. }, _) => ("get", Value::Nil),
            _ => ("read", Value::Nil),
        };
        let reads = matches!(f, "read" | "get");
        let crashed = !reads && chance.below(1000) < u64::from(workload.crashed_per_mille);
        ops.push(Op { client, begins, effect, ends, f, argument, ret: Value::Nil, crashed });
    }
    ops
}

/// Lets the operations take effect one after the other, and spoils a read if asked to.
fn run(workload: &Workload, ops: &mut [Op], chance: &mut Chance) {
    let is_text = matches!(workload.object, Object::Text | Object::Words { .. });
    let mut state = if is_text { Value::str("") } else { Value::Nil };
    let mut before: Vec<Value> = Vec::new();
    for op in ops.iter_mut() {
        match (op.f, op.argument.as_list()) {
            ("write" | "put", _) => state = op.argument.clone(),
            ("cas", Some([_, new])) if workload.object == Object::CasOfNew => {
                // Most clients guess right, for they have read just before.
                let swaps = state != Value::Nil && chance.below(4) > 0;
                let old = if swaps { state.clone() } else { Value::Int(-1) };
                let new = new.clone();
                op.argument = Value::list([old, new.clone()]);
                op.ret = Value::Bool(swaps);
                state = if swaps { new } else { state };
            }
            ("cas", Some([old, new])) => {
                let swaps = *old == state;
                op.ret = Value::Bool(swaps);
                state = if swaps { new.clone() } else { state };
            }
            ("append", _) => {
                let text = state.as_str().unwrap_or_default();
                state = Value::str(&[text, op.argument.as_str().unwrap_or_default()].concat());
            }
            _ => op.ret = state.clone(),
        }
        before.push(state.clone());
    }
    if !workload.is_bad {
        return;
    }
    let late = ops.len() * 9 / 10;
    let reads = (late..ops.len()).filter(|&at| matches!(ops[at].f, "read" | "get"));
    if workload.object == Object::CasOfFive {
        // With few values and many clients most could have been read by luck. So a value that next
        // to nothing gave around the time of the read.
        let others = reads.flat_map(|at| (0..5).map(move |value| (at, Value::Int(value))));
        let wrong = others.filter(|(at, value)| ops[*at].ret != *value);
        if let Some((at, value)) = wrong.min_by_key(|(at, value)| givers(ops, &ops[*at], value)) {
            ops[at].ret = value;
        }
        return;
    }
    // A short one, which little else overlaps.
    if let Some(at) = reads.min_by_key(|&at| ops[at].ends - ops[at].begins) {
        let long_ago = at.saturating_sub(workload.clients as usize * 8 + 20);
        ops[at].ret = before[long_ago].clone();
    }
}

/// How many operations may have given `value` during `read` or not long before.
fn givers(ops: &[Op], read: &Op, value: &Value) -> usize {
    const LONG: u64 = 1_500_000;
    let near = ops.iter().filter(|op| op.begins < read.ends && op.ends + LONG > read.begins);
    near.filter(|op| match (op.f, op.argument.as_list()) {
        ("write", _) => op.argument == *value,
        ("cas", Some([_, new])) => new == value,
        _ => false,
    })
    .count()
}
