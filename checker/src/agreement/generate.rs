//! Small random histories: mostly what a correct object might do, then spoiled a little.

use crate::{Event, EventKind, History, ModelKind, ProcessId, Value};

/// A stream of chance that follows from one number. Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators", OOPSLA 2014.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The stream that follows from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    /// A number below `bound`.
    #[expect(clippy::cast_possible_truncation, reason = "the number is below the bound")]
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    /// Whether something that happens once in `odds` times happens.
    pub fn one_in(&mut self, odds: usize) -> bool {
        self.below(odds) == 0
    }

    /// One of these.
    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    /// Puts these into another order; each is as likely.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}

/// An operation in flight.
struct Flight {
    process: u32,
    f: &'static str,
    argument: Value,
    /// What it returned, once it has taken effect.
    effect: Option<Value>,
}

/// A history of two to eight operations that a correct object of this kind might give, with lost
/// and failed operations; in two of three histories, something is then wrong with it.
///
/// # Panics
///
/// Never: the events are well formed.
pub fn history(model: ModelKind, chance: &mut Chance) -> History {
    History::from_events(events(model, chance)).expect("the events are well formed")
}

/// The events of such a history.
///
/// # Panics
///
/// Never: there are only a few of anything.
pub fn events(model: ModelKind, chance: &mut Chance) -> Vec<Event> {
    let operations = 2 + chance.below(7);
    events_of(model, operations, chance)
}

/// The events of a history of `operations` operations, made in the same way.
pub(crate) fn events_of(model: ModelKind, operations: usize, chance: &mut Chance) -> Vec<Event> {
    let processes = 1 + chance.below(4);
    let unique = chance.one_in(2);
    let says = matches!(model, ModelKind::Set | ModelKind::Mutex) && chance.one_in(2);
    let containers = [ModelKind::Queue, ModelKind::Stack, ModelKind::PriorityQueue];
    let peeks = containers.contains(&model) && chance.one_in(3);
    let mut object = Object { model, held: Vec::new(), next: 1, unique, says, peeks };
    let mut free: Vec<u32> = (0..u32::try_from(processes).expect("a few")).collect();
    let mut fresh = 100;
    let mut begun = 0;
    let mut flights: Vec<Flight> = Vec::new();
    let mut events: Vec<Event> = Vec::new();
    while begun < operations || !flights.is_empty() {
        if begun < operations && !free.is_empty() && (flights.is_empty() || chance.one_in(2)) {
            let process = free.remove(chance.below(free.len()));
            let (f, argument) = object.ask(chance);
            push(&mut events, process, EventKind::Invoke, f, &argument);
            flights.push(Flight { process, f, argument, effect: None });
            begun += 1;
            continue;
        }
        if flights.is_empty() {
            continue;
        }
        let at = chance.below(flights.len());
        if flights[at].effect.is_none() && !chance.one_in(12) {
            let flight = &mut flights[at];
            flight.effect = Some(object.answer(flight.process, flight.f, &flight.argument));
        }
        if chance.one_in(2) {
            continue;
        }
        let flight = flights.remove(at);
        let (kind, value) = match flight.effect {
            Some(value) if !chance.one_in(8) => (EventKind::Ok, value),
            None if chance.one_in(2) => (EventKind::Fail, Value::Nil),
            _ => (EventKind::Info, Value::Nil),
        };
        if kind != EventKind::Info || !chance.one_in(3) {
            push(&mut events, flight.process, kind, flight.f, &value);
        }
        free.push(if kind == EventKind::Info { fresh } else { flight.process });
        fresh += u32::from(kind == EventKind::Info);
    }
    if !chance.one_in(3) {
        spoil(&mut events, chance);
    }
    events
}

fn push(events: &mut Vec<Event>, process: u32, kind: EventKind, f: &str, value: &Value) {
    let index = events.len() as u64;
    events.push(Event::new(index, ProcessId(process), kind, f, value.clone()));
}

/// Makes one thing wrong, grossly or subtly; now and then that changes nothing.
fn spoil(events: &mut [Event], chance: &mut Chance) {
    let returned: Vec<usize> = (0..events.len())
        .filter(|&at| events[at].kind == EventKind::Ok)
        .filter(|&at| &*events[at].f != "cas" || events[at].value != Value::Bool(true))
        .collect();
    let reads: Vec<usize> = returned
        .into_iter()
        .filter(|&at| !changes(&events[at].f) || matches!(events[at].value, Value::Bool(_)))
        .collect();
    match chance.below(10) {
        0 => return move_an_end(events, chance),
        1 if swap_two_changes(events, chance) => return,
        _ => {}
    }
    if reads.is_empty() {
        return;
    }
    let one = reads[chance.below(reads.len())];
    let other = reads[chance.below(reads.len())];
    match chance.below(4) {
        // Two reads swap what they returned, if they are of one kind.
        0 if events[one].f == events[other].f => {
            let value = events[one].value.clone();
            events[one].value = events[other].value.clone();
            events[other].value = value;
        }
        // A read returns what another returned.
        1 if events[one].f == events[other].f => events[one].value = events[other].value.clone(),
        _ => {
            let value = match &events[one].value {
                Value::Bool(told) => Value::Bool(!told),
                Value::Int(number) if chance.one_in(2) => Value::Int(number + 1),
                Value::Int(number) if *number > 1 => Value::Int(number - 1),
                Value::Int(_) if takes(&events[one].f) => Value::Nil,
                Value::List(items) if !items.is_empty() => {
                    let gone = chance.below(items.len());
                    let kept = items.iter().enumerate().filter(|&(place, _)| place != gone);
                    Value::list(kept.map(|(_, item)| item.clone()))
                }
                Value::Str(text) if !text.is_empty() => {
                    let letters = text.chars().count();
                    Value::str(&text.chars().take(letters - 1).collect::<String>())
                }
                same => same.clone(),
            };
            events[one].value = value;
        }
    }
}

/// Whether an operation of this function returns nothing, or only whether it changed anything.
fn changes(f: &str) -> bool {
    let adds = ["write", "put", "add", "append", "enqueue", "push", "insert", "remove"];
    adds.contains(&f) || matches!(f, "push-front" | "push-back" | "acquire" | "release")
}

fn takes(f: &str) -> bool {
    matches!(f, "dequeue" | "pop" | "pop-front" | "pop-back" | "peek" | "peek-front" | "peek-back")
}

/// An end comes before a beginning that it came after: two operations overlap no more.
fn move_an_end(events: &mut [Event], chance: &mut Chance) {
    let at = chance.below(events.len());
    let [begin, end] = &mut events[at.saturating_sub(1)..][..2] else {
        unreachable!("one operation has two events")
    };
    let apart = begin.process != end.process;
    if apart && begin.kind == EventKind::Invoke && end.kind == EventKind::Ok {
        std::mem::swap(begin, end);
        std::mem::swap(&mut begin.index, &mut end.index);
    }
}

/// Two changes in flight together each change what the other was to. `false` if there are none.
fn swap_two_changes(events: &mut [Event], chance: &mut Chance) -> bool {
    let others = ["add", "remove", "acquire", "release"];
    let swapped = |f: &str| changes(f) && !others.contains(&f);
    let begins: Vec<usize> = (0..events.len())
        .filter(|&at| events[at].kind == EventKind::Invoke && swapped(&events[at].f))
        .collect();
    if begins.len() < 2 {
        return false;
    }
    let which = chance.below(begins.len() - 1);
    let (one, other) = (begins[which], begins[which + 1]);
    let ended = |event: &Event| event.process == events[one].process;
    if events[one].f != events[other].f || events[one + 1..other].iter().any(ended) {
        return false;
    }
    let value = events[one].value.clone();
    events[one].value = events[other].value.clone();
    events[other].value = value;
    true
}

/// A correct object, over plain values.
struct Object {
    model: ModelKind,
    /// What it holds: the one value of a register, the elements of the rest.
    held: Vec<Value>,
    next: i64,
    unique: bool,
    /// Whether what changes something says that it did.
    says: bool,
    peeks: bool,
}

impl Object {
    fn ask(&mut self, chance: &mut Chance) -> (&'static str, Value) {
        let few = i64::try_from(1 + chance.below(3)).expect("a few");
        let fresh = if self.unique { self.next } else { few };
        self.next += 1;
        // One character each, so that texts tell what they were made of.
        let letter = || {
            let letter = u32::try_from(0x61 + fresh).ok().and_then(char::from_u32);
            Value::str(&letter.expect("there are not that many operations").to_string())
        };
        let choice = chance.below(6);
        match (self.model, choice) {
            (ModelKind::Register | ModelKind::CasRegister | ModelKind::Counter, 0..=2)
            | (ModelKind::Set | ModelKind::ListAppend, 0..=1) => ("read", Value::Nil),
            (ModelKind::CasRegister, 3..=4) => {
                let old = match chance.below(4) {
                    0 => Value::Nil,
                    _ if self.unique => Value::Int((self.next - 2).max(1)),
                    _ => Value::Int(i64::try_from(1 + chance.below(3)).expect("a few")),
                };
                ("cas", Value::list([old, Value::Int(fresh)]))
            }
            (ModelKind::Register | ModelKind::CasRegister, _) => ("write", Value::Int(fresh)),
            (ModelKind::Kv, 0..=2) => ("get", Value::Nil),
            (ModelKind::Kv, 3) => ("put", letter()),
            (ModelKind::Kv, _) => ("append", letter()),
            (ModelKind::Set, 2) => ("contains", Value::Int(few)),
            (ModelKind::Set, 3) => ("remove", Value::Int(few)),
            (ModelKind::Counter | ModelKind::Set, _) => ("add", Value::Int(few)),
            (ModelKind::ListAppend, _) => ("append", Value::Int(fresh)),
            (ModelKind::Queue | ModelKind::Stack | ModelKind::PriorityQueue, 0) if self.peeks => {
                ("peek", Value::Nil)
            }
            (ModelKind::Deque, 0) => ("pop-front", Value::Nil),
            (ModelKind::Deque, 1) => ("pop-back", Value::Nil),
            (ModelKind::Deque, 2) if fresh % 2 == 0 => ("peek-front", Value::Nil),
            (ModelKind::Deque, 2) => ("peek-back", Value::Nil),
            (ModelKind::Deque, 3) => ("push-front", Value::Int(fresh)),
            (ModelKind::Deque, _) => ("push-back", Value::Int(fresh)),
            (ModelKind::Mutex, 0..=2) => ("acquire", Value::Nil),
            (ModelKind::Mutex, _) => ("release", Value::Nil),
            (ModelKind::Echo, _) => ("echo", Value::Int(few)),
            (ModelKind::UniqueIds, _) => ("generate", Value::Nil),
            (ModelKind::Queue, 0..=2) => ("dequeue", Value::Nil),
            (ModelKind::Queue, _) => ("enqueue", Value::Int(fresh)),
            (ModelKind::Stack, 0..=2) => ("pop", Value::Nil),
            (ModelKind::Stack, _) => ("push", Value::Int(fresh)),
            (ModelKind::PriorityQueue, 0..=2) => ("delete-min", Value::Nil),
            (ModelKind::PriorityQueue, _) => ("insert", Value::Int(fresh)),
        }
    }

    fn answer(&mut self, process: u32, f: &str, argument: &Value) -> Value {
        let place = self.held.iter().position(|held| held == argument);
        match self.model {
            ModelKind::Deque => return self.answer_of_deque(f, argument),
            ModelKind::Mutex => return self.answer_of_mutex(process, f),
            _ => {}
        }
        let says = self.says;
        let told = |changed| if says { Value::Bool(changed) } else { Value::Nil };
        match f {
            "read" => match self.model {
                ModelKind::Register | ModelKind::CasRegister => {
                    self.held.first().cloned().unwrap_or_default()
                }
                ModelKind::Counter => Value::Int(self.held.iter().filter_map(Value::as_int).sum()),
                _ => Value::list(self.held.iter().cloned()),
            },
            "get" => Value::str(&self.held.iter().filter_map(Value::as_str).collect::<String>()),
            "write" | "put" => {
                self.held = vec![argument.clone()];
                Value::Nil
            }
            "cas" => {
                let pair = argument.as_list().expect("a cas has a pair");
                let swaps = self.held.first().cloned().unwrap_or_default() == pair[0];
                if swaps {
                    self.held = vec![pair[1].clone()];
                }
                Value::Bool(swaps)
            }
            "contains" => Value::Bool(place.is_some()),
            "echo" => argument.clone(),
            "generate" => {
                self.held.push(Value::Nil);
                Value::Int(i64::try_from(self.held.len()).expect("a few"))
            }
            "remove" => {
                self.held.retain(|held| held != argument);
                told(place.is_some())
            }
            "peek" => self.next().map_or(Value::Nil, |at| self.held[at].clone()),
            "dequeue" | "pop" | "delete-min" if self.held.is_empty() => Value::Nil,
            "dequeue" => self.held.remove(0),
            "pop" => self.held.pop().expect("it is not empty"),
            "delete-min" => {
                let least = self.next();
                self.held.remove(least.expect("it is not empty"))
            }
            "add" if self.model == ModelKind::Set => {
                if place.is_none() {
                    self.held.push(argument.clone());
                }
                told(place.is_none())
            }
            _ => {
                self.held.push(argument.clone());
                Value::Nil
            }
        }
    }

    /// Which element comes out next.
    fn next(&self) -> Option<usize> {
        match self.model {
            ModelKind::Stack => self.held.len().checked_sub(1),
            ModelKind::PriorityQueue => (0..self.held.len()).min_by_key(|&at| &self.held[at]),
            _ => (!self.held.is_empty()).then_some(0),
        }
    }

    fn answer_of_deque(&mut self, f: &str, argument: &Value) -> Value {
        let last = self.held.len().saturating_sub(1);
        match f {
            "push-front" => self.held.insert(0, argument.clone()),
            "push-back" => self.held.push(argument.clone()),
            _ if self.held.is_empty() => {}
            "pop-front" => return self.held.remove(0),
            "pop-back" => return self.held.remove(last),
            "peek-front" => return self.held[0].clone(),
            _ => return self.held[last].clone(),
        }
        Value::Nil
    }

    /// Refusals say so.
    fn answer_of_mutex(&mut self, process: u32, f: &str) -> Value {
        let process = Value::Int(i64::from(process));
        let fits =
            if f == "acquire" { self.held.is_empty() } else { self.held == [process.clone()] };
        if fits {
            self.held = if f == "acquire" { vec![process] } else { Vec::new() };
        }
        if fits && !self.says { Value::Nil } else { Value::Bool(fits) }
    }
}
