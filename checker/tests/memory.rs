//! A search takes no more memory than its budget allows.
//!
//! One test, alone in its process: all that is allocated meanwhile is counted.

#[path = "../benches/peak/mod.rs"]
mod peak;

use rashomon_checker::linearizability::{self, Options};
use rashomon_checker::{
    Budget, Doubt, Event, EventKind, History, ModelKind, ProcessId, Value, Verdict,
};

#[global_allocator]
static ALLOCATOR: peak::Counted = peak::Counted;

/// Numbers that look like chance.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 33) % bound
    }
}

/// What a client asks, how that changes the object, and what it returns.
type Client = fn(&mut Chance, &mut Vec<i64>) -> (&'static str, Value, Value);

/// Half puts of one of three elements, half takes, after a hundred puts.
fn queue(chance: &mut Chance, held: &mut Vec<i64>) -> (&'static str, Value, Value) {
    if held.len() < 100 || chance.below(2) == 0 {
        let element = chance.below(3).cast_signed();
        held.push(element);
        ("enqueue", Value::Int(element), Value::Nil)
    } else {
        ("dequeue", Value::Nil, Value::Int(held.remove(0)))
    }
}

/// A third each of reads, writes and swaps, of five values.
fn register(chance: &mut Chance, held: &mut Vec<i64>) -> (&'static str, Value, Value) {
    let now = held.pop();
    let fresh = chance.below(5).cast_signed();
    held.extend(now);
    match (chance.below(3), now) {
        (0, now) => ("read", Value::Nil, now.map_or(Value::Nil, Value::Int)),
        (1, Some(now)) => {
            *held = vec![fresh];
            ("cas", Value::list([Value::Int(now), Value::Int(fresh)]), Value::Nil)
        }
        _ => {
            *held = vec![fresh];
            ("write", Value::Int(fresh), Value::Nil)
        }
    }
}

/// Operations take effect as they begin or as they end, and `open` of them are open at a time. Every
/// hundredth that returns something returns something else.
fn history(client: Client, operations: usize, open: usize) -> History {
    let (mut chance, mut held) = (Chance(1), Vec::new());
    let mut events: Vec<Event> = Vec::new();
    let mut flights: Vec<(u32, &str, Value)> = Vec::new();
    let mut free: Vec<u32> = (0..).take(open).collect();
    let (mut begun, mut returned) = (0, 0);
    while begun < operations || !flights.is_empty() {
        let index = events.len() as u64;
        if begun < operations && !free.is_empty() && chance.below(3) > 0 {
            let process = free.swap_remove(pick(&mut chance, free.len()));
            let (f, argument, mut ret) = client(&mut chance, &mut held);
            if let Value::Int(number) = ret {
                returned += 1;
                ret = Value::Int(if returned % 100 == 0 { (number + 1) % 3 } else { number });
            }
            events.push(Event::new(index, ProcessId(process), EventKind::Invoke, f, argument));
            flights.push((process, f, ret));
            begun += 1;
        } else if !flights.is_empty() {
            let (process, f, ret) = flights.swap_remove(pick(&mut chance, flights.len()));
            events.push(Event::new(index, ProcessId(process), EventKind::Ok, f, ret));
            free.push(process);
        }
    }
    History::from_events(events).expect("they are a history")
}

fn pick(chance: &mut Chance, of: usize) -> usize {
    usize::try_from(chance.below(of as u64)).expect("it is less than a length")
}

#[test]
fn a_search_takes_no_more_memory_than_its_budget() {
    let mut spent = 0;
    for (client, model, operations, open) in [
        (queue as Client, ModelKind::Queue, 2_000, 6),
        (queue, ModelKind::Queue, 10_000, 3),
        (register, ModelKind::CasRegister, 3_000, 25),
        (register, ModelKind::CasRegister, 400, 70),
        (register, ModelKind::CasRegister, 20_000, 12),
    ] {
        let history = history(client, operations, open);
        for bytes in [1 << 20, 8 << 20, 64 << 20] {
            let budget = Budget { bytes, ..Budget::default() };
            let options = Options { budget, ..Options::default() };
            let mut verdict = None;
            let peak = peak::of(|| {
                verdict = Some(linearizability::check(&history, model, &options).verdict);
            });
            let verdict = verdict.unwrap();
            // What holds the operations themselves is not the search's.
            let limit = bytes + 500 * history.len() as u64;
            let told = format!("{model}, {open} open, {bytes} bytes: {peak}, {}", verdict.name());
            println!("{told}");
            assert!(peak as u64 <= limit, "{told}");
            let Verdict::Unknown { doubt: Doubt::BudgetSpent { bytes: held, .. }, .. } = verdict
            else {
                continue;
            };
            spent += usize::from(held > bytes);
        }
    }
    assert!(spent > 3, "{spent} of the budgets were spent");
}
