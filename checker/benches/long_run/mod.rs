//! The history of a long run that might have been, as JSON lines.

use std::io::Write;

use rashomon_checker::formats::json;
use rashomon_checker::{Event, EventKind, ProcessId, Time, Value};

/// What to write.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// How many operations.
    pub(crate) operations: u64,
    /// On how many registers.
    pub(crate) keys: u64,
    /// How many clients, on all of them.
    pub(crate) processes: u64,
    /// What all chance follows from.
    pub(crate) seed: u64,
    /// Texts of this length are written; numbers, if 0.
    pub(crate) value_bytes: usize,
    /// Whether one read in the middle returns what was overwritten.
    pub(crate) stale: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            operations: 1_000_000,
            keys: 1000,
            processes: 20,
            seed: 1,
            value_bytes: 0,
            stale: false,
        }
    }
}

/// A write that took effect, and where it began and ended.
#[derive(Clone, Copy, Debug, Default)]
struct Written {
    value: u64,
    invoked: u64,
    completed: Option<u64>,
}

#[derive(Clone, Debug, Default)]
struct Register {
    next: u64,
    now: Written,
    before: Written,
}

#[derive(Clone, Copy, Debug)]
struct Flight {
    key: usize,
    /// What is written, if it is a write.
    write: Option<u64>,
    invoked: u64,
    /// Whether it has taken effect, and what it saw.
    effect: Option<u64>,
}

#[derive(Debug)]
struct Client {
    process: u32,
    flight: Option<Flight>,
}

/// A stream of chance, as in the checker's own generators.
#[derive(Debug)]
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound).expect("sizes are 64 bits wide")
    }
}

struct Run<'a> {
    wanted: &'a Wanted,
    chance: Chance,
    registers: Vec<Register>,
    keys: Vec<Value>,
    begun: u64,
    next_index: u64,
    next_process: u32,
    is_spoiled: bool,
    event: Event,
    line: String,
}

impl Run<'_> {
    fn value(&self, number: u64) -> Value {
        match self.wanted.value_bytes {
            0 => Value::Int(number.cast_signed()),
            width => Value::str(&format!("{number:0width$}")),
        }
    }

    fn tell(
        &mut self,
        out: &mut impl Write,
        (process, kind, is_write): (u32, EventKind, bool),
        key: usize,
        value: Value,
    ) -> std::io::Result<()> {
        self.line.clear();
        self.event.index = self.next_index;
        self.event.time = Time(self.next_index * 10_007);
        self.event.process = ProcessId(process);
        self.event.kind = kind;
        self.event.f = if is_write { "write".into() } else { "read".into() };
        self.event.key = Some(self.keys[key].clone()).filter(|_| self.wanted.keys > 1);
        self.event.value = value;
        json::push_event(&mut self.line, &self.event);
        if !self.line.ends_with('\n') {
            self.line.push('\n');
        }
        self.next_index += 1;
        out.write_all(self.line.as_bytes())
    }

    /// Lets one client do its next step.
    fn step(&mut self, client: &mut Client, out: &mut impl Write) -> std::io::Result<()> {
        let process = client.process;
        match client.flight {
            None if self.begun == self.wanted.operations => Ok(()),
            None => {
                let key = self.chance.below(self.wanted.keys);
                let write = (self.chance.below(2) == 0).then(|| {
                    self.registers[key].next += 1;
                    self.registers[key].next
                });
                client.flight = Some(Flight { key, write, invoked: self.next_index, effect: None });
                self.begun += 1;
                let value = write.map_or(Value::Nil, |number| self.value(number));
                self.tell(out, (process, EventKind::Invoke, write.is_some()), key, value)
            }
            Some(ref mut flight) if flight.effect.is_none() => {
                let register = &mut self.registers[flight.key];
                if let Some(value) = flight.write {
                    register.before = register.now;
                    register.now = Written { value, invoked: flight.invoked, completed: None };
                }
                flight.effect = Some(register.now.value);
                Ok(())
            }
            Some(flight) => {
                client.flight = None;
                let is_lost = self.chance.below(1000) == 0;
                if is_lost {
                    client.process = self.next_process;
                    self.next_process += 1;
                }
                let kind = if is_lost { EventKind::Info } else { EventKind::Ok };
                let value = self.seen(&flight, is_lost);
                self.tell(out, (process, kind, flight.write.is_some()), flight.key, value)
            }
        }
    }

    /// What an operation that has taken effect returns.
    fn seen(&mut self, flight: &Flight, is_lost: bool) -> Value {
        let register = &mut self.registers[flight.key];
        let (now, before) = (register.now, register.before);
        if let Some(value) = flight.write {
            if now.value == value && !is_lost {
                register.now.completed = Some(self.next_index);
            } else if before.value == value && !is_lost {
                register.before.completed = Some(self.next_index);
            }
            return self.value(value);
        }
        let seen = flight.effect.expect("it has taken effect");
        let is_overwritten = before.completed.is_some_and(|end| end < now.invoked)
            && now.completed.is_some_and(|end| end < flight.invoked);
        let is_due = self.wanted.stale && self.begun > self.wanted.operations / 2;
        if is_due && !self.is_spoiled && is_overwritten && !is_lost {
            self.is_spoiled = true;
            return self.value(before.value);
        }
        if is_lost || seen == 0 { Value::Nil } else { self.value(seen) }
    }
}

/// Registers, each value written once, half of the operations reads; one operation in a thousand
/// loses its return. All is linearizable, unless a stale read is wanted.
pub(crate) fn write(wanted: &Wanted, out: &mut impl Write) -> std::io::Result<()> {
    let mut clients: Vec<Client> = (0u32..)
        .zip(0..wanted.processes)
        .map(|(process, _)| Client { process, flight: None })
        .collect();
    let mut run = Run {
        wanted,
        chance: Chance(wanted.seed),
        registers: (0..wanted.keys).map(|_| Register::default()).collect(),
        keys: (0..wanted.keys).map(|key| Value::str(&format!("k{key}"))).collect(),
        begun: 0,
        next_index: 0,
        next_process: u32::try_from(clients.len()).expect("a few processes"),
        is_spoiled: false,
        event: Event::new(0, ProcessId(0), EventKind::Invoke, "read", Value::Nil),
        line: String::new(),
    };
    json::write_header(&mut *out)?;
    while run.begun < wanted.operations || clients.iter().any(|it| it.flight.is_some()) {
        let who = run.chance.below(wanted.processes);
        run.step(&mut clients[who], out)?;
    }
    out.flush()
}
