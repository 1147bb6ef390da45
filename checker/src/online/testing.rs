//! Histories to try a monitor on.

use crate::agreement::Chance;
use crate::{Event, EventKind, ProcessId, Time, Value};

/// How to make a history of a register.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) operations: usize,
    pub(crate) processes: usize,
    /// The number of writes after which values repeat.
    pub(crate) pool: i64,
    /// One read in `wrong` returns a wrong value.
    pub(crate) wrong: usize,
    /// One operation in `lost` is lost.
    pub(crate) lost: usize,
    /// One lost operation in `silent` stays in flight to the end.
    pub(crate) silent: usize,
}

impl Run {
    /// One of some dozens of operations.
    pub(crate) fn drawn(chance: &mut Chance) -> Self {
        Self {
            operations: 10 + chance.below(50),
            processes: 1 + chance.below(6),
            pool: [3, 6, 12, 1000][chance.below(4)],
            wrong: [30, 100, 10_000][chance.below(3)],
            lost: 13,
            silent: 3,
        }
    }
}

/// A register's history. Values return after a while, lost and failed
/// operations are among them, and now and then a read returns what it should not.
pub(crate) fn register_history(run: Run, chance: &mut Chance) -> Vec<Event> {
    struct Flight {
        process: u32,
        argument: Option<i64>,
        effect: Option<Value>,
    }
    let Run { operations, processes, pool, wrong, lost, silent } = run;
    let mut past = vec![Value::Nil];
    let mut free: Vec<u32> = (0..u32::try_from(processes).unwrap()).collect();
    let (mut fresh, mut next) = (100, 0);
    let mut flights: Vec<Flight> = Vec::new();
    let mut events: Vec<Event> = Vec::new();
    let push = |events: &mut Vec<Event>, flight: &Flight, kind, value: Value| {
        let f = if flight.argument.is_some() { "write" } else { "read" };
        let index = events.len() as u64;
        let time = Time(index * 1_000_000);
        let event = Event::new(index, ProcessId(flight.process), kind, f, value);
        events.push(Event { time, ..event });
    };
    let mut begun = 0;
    while begun < operations || !flights.is_empty() {
        if begun < operations && !free.is_empty() && chance.one_in(2) {
            let process = free.remove(chance.below(free.len()));
            let argument = chance.one_in(2).then(|| {
                next += 1;
                next % pool
            });
            let flight = Flight { process, argument, effect: None };
            let value = argument.map_or(Value::Nil, Value::Int);
            push(&mut events, &flight, EventKind::Invoke, value);
            flights.push(flight);
            begun += 1;
            continue;
        }
        if flights.is_empty() {
            continue;
        }
        let at = chance.below(flights.len());
        if flights[at].effect.is_none() && !chance.one_in(lost) {
            let flight = &mut flights[at];
            flight.effect = Some(match flight.argument {
                Some(value) => {
                    past.push(Value::Int(value));
                    Value::Nil
                }
                None if chance.one_in(wrong) => {
                    let back = 1 + chance.below(past.len().min(8));
                    if chance.one_in(6) { Value::Int(5) } else { past[past.len() - back].clone() }
                }
                None => past[past.len() - 1].clone(),
            });
        }
        if chance.one_in(2) {
            continue;
        }
        let flight = flights.remove(at);
        let (kind, value) = match &flight.effect {
            // What it says of itself may be wrong, too.
            Some(_) if chance.one_in(wrong) => (EventKind::Fail, Value::Nil),
            Some(value) if !chance.one_in(lost) => (EventKind::Ok, value.clone()),
            None if chance.one_in(2) => (EventKind::Fail, Value::Nil),
            _ => (EventKind::Info, Value::Nil),
        };
        if kind != EventKind::Info || !chance.one_in(silent) {
            push(&mut events, &flight, kind, value);
        }
        free.push(if kind == EventKind::Info { fresh } else { flight.process });
        fresh += u32::from(kind == EventKind::Info);
    }
    events
}
