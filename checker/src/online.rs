//! Judging a history while it is still being written, so that a run can stop at its first
//! violation.
//!
//! Linearizability is local and closed under prefixes: each key is judged apart, and what is wrong
//! with the beginning of its history stays wrong whatever follows. Operations in flight are taken
//! as indeterminate.
//!
//! | key | method | told | memory |
//! |---|---|---|---|
//! | a register, no value written while it may still be read, no `cas` | zones | at the very event | O(in flight + what reads in flight may return + lost writes) |
//! | anything else | its history so far, judged again and again | soon after | its history |
//!
//! The second method is there if the monitor may keep what it sees: see [`Monitor::new`] and
//! [`Monitor::bounded`]. Its work is bounded by a rule of payment. Each event pays for judging
//! eight operations; of the keys with something new, the one that has waited longest is judged as
//! soon as its whole length is paid for. So an operation is judged sixteen times at most, on
//! average, and a key that is the only one is judged again when it has grown by a sixteenth.
//!
//! What cannot be judged while the run goes on is said ([`Monitor::undecided`]) and left to the
//! check at the end; so is a key whose judgement spent its budget, because a longer history of it
//! will spend no less. No violation being found is no verdict.

mod beginning;
mod evidence;
mod flights;
mod prefix;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod zones;

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use self::beginning::Boundary;
use self::flights::{FlightStep, Flights};
use self::prefix::Prefix;
use self::zones::{ClosedZone, LiveZones, ZoneFound};
use crate::history::heap;
use crate::linearizability::{Options, deed};
use crate::{
    Anomaly, AnomalyClass, Clock, Event, History, HistoryError, ModelKind, OpIndex, Outcome,
    Position, ProcessId, Value, WitnessOp,
};

/// For how many operations each event pays.
const WAGE: usize = 8;
/// How many values that can no longer be read are remembered, to explain what is wrong with a read
/// of one.
const REMEMBERED: usize = 256;

/// Judges a history while it is being written.
///
/// ```
/// use rashomon_checker::online::Monitor;
/// use rashomon_checker::{Event, EventKind, ModelKind, ProcessId, Value};
///
/// let mut monitor = Monitor::new(ModelKind::Register, Default::default());
/// let mut event = |index, process, kind, f, value| {
///     monitor.push(&Event::new(index, ProcessId(process), kind, f, value)).map(|found| found.is_some())
/// };
/// event(0, 0, EventKind::Invoke, "write", Value::Int(1))?;
/// event(1, 0, EventKind::Ok, "write", Value::Nil)?;
/// event(2, 1, EventKind::Invoke, "read", Value::Nil)?;
/// assert!(event(3, 1, EventKind::Ok, "read", Value::Int(7))?, "nothing wrote 7");
/// # Ok::<(), rashomon_checker::HistoryError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Monitor {
    model: ModelKind,
    options: Options,
    memory: Memory,
    flights: Flights,
    number_of: FxHashMap<Option<Value>, usize>,
    keys: Vec<Key>,
    /// Values that can no longer be read, with their keys.
    closed: VecDeque<(usize, ClosedZone)>,
    /// Keys to be judged again, the one that has waited longest first.
    waiting: VecDeque<usize>,
    /// Operations whose judging is paid for.
    paid: usize,
    found: Option<Anomaly>,
}

/// What a monitor may keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Memory {
    /// Everything.
    Whole,
    /// No more than is in flight and may still be read.
    Bounded,
}

/// What is known of a key.
#[derive(Clone, Debug)]
struct Key {
    name: Option<Value>,
    method: Method,
    /// All that happened to it, if that may be kept.
    prefix: Option<Box<Prefix>>,
    /// Why the value at the beginning can no longer be read.
    overwritten: Option<ClosedZone>,
    /// Whether something that was closed is no longer remembered.
    has_forgotten: bool,
}

/// How a key is judged.
#[derive(Clone, Debug)]
enum Method {
    Zones(Box<LiveZones>),
    Again(State),
    NotAtAll,
}

/// How far a key is that is judged again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing is new since it was judged.
    Judged,
    /// It is to be judged again.
    Waiting,
}

impl Monitor {
    /// A monitor that keeps the history, so that it can judge every model. Each judgement of a key
    /// has the whole budget of `options`.
    pub fn new(model: ModelKind, options: Options) -> Self {
        Self::with(model, options, Memory::Whole)
    }

    /// A monitor that keeps no more than is in flight and may still be read: good for registers
    /// whose writes are unique, however long the run. All else is [`undecided`](Self::undecided).
    pub fn bounded(model: ModelKind) -> Self {
        Self::with(model, Options::default(), Memory::Bounded)
    }

    fn with(model: ModelKind, options: Options, memory: Memory) -> Self {
        Self {
            model,
            options,
            memory,
            flights: Flights::default(),
            number_of: FxHashMap::default(),
            keys: Vec::new(),
            closed: VecDeque::new(),
            waiting: VecDeque::new(),
            paid: 0,
            found: None,
        }
    }

    /// The first anomaly found, if there is one.
    pub fn found(&self) -> Option<&Anomaly> {
        self.found.as_ref()
    }

    /// The keys that are left to the check at the end, in the order of their first use.
    pub fn undecided(&self) -> impl Iterator<Item = Option<&Value>> {
        let keys = self.keys.iter().filter(|key| match key.method {
            Method::NotAtAll => true,
            Method::Zones(_) | Method::Again(_) => false,
        });
        keys.map(|key| key.name.as_ref())
    }

    /// How many values are held with their operations. O(keys).
    pub fn held(&self) -> usize {
        let live = self.keys.iter().map(|key| match &key.method {
            Method::Zones(zones) => zones.len(),
            Method::Again(_) | Method::NotAtAll => 0,
        });
        live.sum::<usize>() + self.closed.len()
    }

    /// Takes the next event, and tells the first anomaly once there is one.
    ///
    /// Final reads look at what one replica holds, and are no operations of the object that its
    /// clients see: they are not judged.
    ///
    /// # Errors
    ///
    /// If the event cannot follow those before it; it is as if it had not been pushed.
    pub fn push(&mut self, event: &Event) -> Result<Option<&Anomaly>, HistoryError> {
        let step = self.flights.push(event)?;
        if self.found.is_none() {
            self.keep(event, &step);
            self.take(Boundary::of(event.kind), step);
            self.judge_paid();
        }
        Ok(self.found.as_ref())
    }

    /// Takes an event that has this place in the whole history, and whose operation has that one
    /// if it begins with it. As [`push`](Self::push) otherwise.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn push_at(
        &mut self,
        event: &Event,
        at: Position,
        op: OpIndex,
    ) -> Result<Option<&Anomaly>, HistoryError> {
        self.flights.skip_to(at, op);
        self.push(event)
    }

    /// Takes the beginning of a history, or of a part of it, that was held until now. This must be
    /// a [bounded](Self::bounded) monitor that has been told of nothing else. O(n log n).
    ///
    /// # Panics
    ///
    /// If it is another.
    pub fn begin_with(&mut self, beginning: &History) {
        assert!(self.memory == Memory::Bounded && self.keys.is_empty(), "it is at its beginning");
        for index in beginning.indices() {
            let op = beginning.operation(index);
            if op.outcome == Outcome::Indeterminate && op.complete_time.is_none() {
                let op =
                    WitnessOp { index: beginning.place_in_whole(index), ..WitnessOp::new(&op) };
                self.flights.resume(op);
            }
        }
        for (moment, step) in beginning::steps(beginning) {
            if self.found.is_some() {
                return;
            }
            self.take(moment, step);
        }
    }

    /// Whether a process has something in flight.
    pub fn is_in_flight(&self, process: ProcessId) -> bool {
        self.flights.has(process)
    }

    /// Bytes held, by count. O(what is held).
    pub fn bytes(&self) -> usize {
        let keys = self.keys.iter().map(|key| {
            size_of::<Key>()
                + key.name.as_ref().map_or(0, heap)
                + match &key.method {
                    Method::Zones(zones) => zones.bytes(),
                    Method::Again(_) | Method::NotAtAll => 0,
                }
        });
        let each = size_of::<ClosedZone>() + 6 * size_of::<WitnessOp>();
        let closed = self.closed.iter().map(|(_, closed)| each + heap(&closed.value));
        let flights = 2 * size_of::<WitnessOp>() * self.flights.len();
        keys.sum::<usize>() + closed.sum::<usize>() + flights
    }

    /// Judges whatever waits to be judged, and tells the first anomaly if there is one.
    pub fn judge(&mut self) -> Option<&Anomaly> {
        while self.found.is_none()
            && let Some(number) = self.waiting.pop_front()
        {
            self.judge_again(number);
        }
        self.found.as_ref()
    }

    /// Keeps an event, if that may be done.
    fn keep(&mut self, event: &Event, step: &FlightStep) {
        if step.is_final || self.memory == Memory::Bounded {
            return;
        }
        let number = self.key(&step.op);
        let key = &mut self.keys[number];
        if let Some(prefix) = &mut key.prefix
            && prefix.push(event, step.op.index, step.at).is_err()
        {
            key.prefix = None; // It has grown too large for a history.
        }
    }

    fn take(&mut self, moment: Boundary, step: FlightStep) {
        let is_new = moment == Boundary::Begun;
        if step.is_final {
            return;
        }
        let number = self.key(&step.op);
        let key = &mut self.keys[number];
        let zones = match &mut key.method {
            Method::Zones(zones) => zones,
            Method::Again(State::Waiting) | Method::NotAtAll => return,
            Method::Again(state) => {
                if !is_new {
                    *state = State::Waiting;
                    self.waiting.push_back(number);
                }
                return;
            }
        };
        let mut closed = Vec::new();
        let done = if is_new {
            zones.invoke(&step.op).map(|()| ZoneFound::Nothing)
        } else if step.op.is_final {
            return self.fall_back(number); // Its beginning did not say so.
        } else {
            zones.complete(step.op, step.at, &mut closed)
        };
        match done {
            Ok(ZoneFound::Nothing) => {}
            Ok(ZoneFound::Clash(operations)) => {
                let found = evidence::explain(self.model, operations, &self.options);
                self.found = Some(found.expect("they have no order"));
            }
            Ok(ZoneFound::NotHeld(read)) => self.found = Some(self.not_held(number, &read)),
            Err(zones::Declined) => self.fall_back(number),
        }
        for closed in closed {
            self.remember(number, closed);
        }
    }

    /// The number of the key that `op` is about.
    fn key(&mut self, op: &WitnessOp) -> usize {
        if let Some(&number) = self.number_of.get(&op.key) {
            return number;
        }
        let number = self.keys.len();
        let is_register = matches!(self.model, ModelKind::Register | ModelKind::CasRegister);
        let prefix = (self.memory == Memory::Whole).then(Box::default);
        let method = match (is_register, &prefix) {
            (true, _) => Method::Zones(Box::new(LiveZones::new())),
            (false, Some(_)) => Method::Again(State::Judged),
            (false, None) => Method::NotAtAll,
        };
        self.keys.push(Key {
            name: op.key.clone(),
            method,
            prefix,
            overwritten: None,
            has_forgotten: false,
        });
        self.number_of.insert(op.key.clone(), number);
        number
    }

    /// Judges a key by its whole history from now on, if that was kept.
    fn fall_back(&mut self, number: usize) {
        let key = &mut self.keys[number];
        key.method = Method::NotAtAll;
        if key.prefix.is_some() {
            key.method = Method::Again(State::Waiting);
            self.waiting.push_back(number);
        }
        key.overwritten = None;
        self.closed.retain(|&(of, _)| of != number);
    }

    /// Keeps what shows that a value can no longer be read, for a while.
    fn remember(&mut self, number: usize, closed: ClosedZone) {
        if closed.value == Value::Nil {
            self.keys[number].overwritten = Some(closed);
            return;
        }
        self.closed.push_back((number, closed));
        if self.closed.len() > REMEMBERED {
            let oldest = self.closed.pop_front();
            let (number, _) = oldest.expect("there are some");
            self.keys[number].has_forgotten = true;
        }
    }

    /// What is wrong with a read of a value that could not be read any more, or never could.
    fn not_held(&self, number: usize, read: &WitnessOp) -> Anomaly {
        let key = &self.keys[number];
        let value = read.outcome.ok().expect("it returned");
        let remembered = self.closed.iter().filter(|(of, _)| *of == number);
        let remembered = remembered.map(|(_, closed)| closed).chain(&key.overwritten);
        let known: Vec<&ClosedZone> = remembered.filter(|closed| closed.value == *value).collect();
        let because = known.iter().flat_map(|closed| &closed.because).cloned();
        let operations: Vec<WitnessOp> = because.chain([read.clone()]).collect();
        let told = evidence::explain(self.model, operations, &self.options);
        let told = told.filter(|_| !known.is_empty() || !key.has_forgotten);
        told.unwrap_or_else(|| {
            let alone = evidence::explain(self.model, vec![read.clone()], &self.options);
            let alone = alone.expect("it returned what is not there at the beginning");
            let (process, did) = (read.who(), deed(read));
            let when = Clock::of([read]).ended(read).expect("it returned");
            let summary = format!(
                "{process} {did} at {when}, but {value} had been overwritten before that read \
                 began (the operation that did so is no longer kept), or was never written"
            );
            Anomaly { class: AnomalyClass::NonLinearizable, summary, ..alone }
        })
    }

    /// Judges keys as far as that is paid for.
    fn judge_paid(&mut self) {
        self.paid += WAGE;
        while let Some(&number) = self.waiting.front()
            && self.found.is_none()
        {
            let price = self.keys[number].prefix.as_ref().map_or(0, |prefix| prefix.len());
            if self.paid < price {
                return;
            }
            self.paid -= price;
            self.waiting.pop_front();
            self.judge_again(number);
        }
        self.paid = 0;
    }

    fn judge_again(&mut self, number: usize) {
        let key = &mut self.keys[number];
        let judged = key.prefix.as_ref().map(|prefix| prefix.judge(self.model, &self.options));
        if let Some(Ok(found)) = judged {
            key.method = Method::Again(State::Judged);
            self.found = found;
        } else {
            key.method = Method::NotAtAll;
            key.prefix = None;
        }
    }
}
