//! Events in, history out.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::held::{Held, OP_WEIGHT};
use super::rest::{Completed, Rest};
use super::{
    FLAG_FAIL, FLAG_FINAL, FLAG_OK, History, HistoryError, KeyRange, NO_KEY, NO_NODE, NO_POSITION,
    NO_TIME, OutcomeCounts, Shapes, Tally, ValueId,
};
use crate::intern::Interner;
use crate::{Event, EventKind, OpIndex, Position, ProcessId, Value};

/// Builds a [`History`], one event at a time, in the order in which they happened.
///
/// Constant time an event, amortised. An event that is refused changes nothing.
///
/// One made by [`of_keys`](Self::of_keys) holds the operations on some keys only, and checks and
/// counts the others. What it holds has the positions that it has in the whole history.
#[derive(Clone, Debug)]
pub struct HistoryBuilder {
    pub(super) history: History,
    pub(super) keys: Interner<Value>,
    pub(super) values: Interner<Value>,
    pub(super) open: FxHashMap<ProcessId, Open>,
    pub(super) held: Held,
    pub(super) range: KeyRange,
    pub(super) rest: Rest,
    functions: Interner<Arc<str>>,
    nodes: Interner<Arc<str>>,
    process_names: FxHashMap<ProcessId, Arc<str>>,
    /// How the operations of each function ended, those not held too.
    counts: Vec<OutcomeCounts>,
    /// What sorts of values they carried.
    shapes: Vec<Shapes>,
    operations: u32,
    finals: u64,
    last_index: Option<u64>,
}

/// An operation in flight.
#[derive(Clone, Copy, Debug)]
pub(super) enum Open {
    Held(OpIndex),
    Passed(PassedOver),
}

/// An operation in flight that is not held.
#[derive(Clone, Copy, Debug)]
pub(super) struct PassedOver {
    f: u16,
    /// Whether it would be held, had it come earlier.
    is_late: bool,
    is_final: bool,
    /// The file's number of its invocation.
    index: u64,
}

impl Default for HistoryBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl HistoryBuilder {
    /// A history of no events so far.
    pub fn new() -> Self {
        Self::of_keys(KeyRange::ALL)
    }

    /// A history of no events so far, to hold the operations on these keys only.
    pub fn of_keys(range: KeyRange) -> Self {
        let mut values = Interner::default();
        values.intern(Value::Nil); // The first: it gets `ValueId::NIL`.
        Self {
            history: History::default(),
            keys: Interner::default(),
            values,
            open: FxHashMap::default(),
            held: Held::default(),
            range,
            rest: Rest::default(),
            functions: Interner::default(),
            nodes: Interner::default(),
            process_names: FxHashMap::default(),
            counts: Vec::new(),
            shapes: Vec::new(),
            operations: 0,
            finals: 0,
            last_index: None,
        }
    }

    /// Adds the next event.
    ///
    /// An invocation by a process whose last op ended in `info` is accepted: that op stays open
    /// for ever, and a well-made harness would have retired the process.
    ///
    /// # Errors
    ///
    /// If the event cannot follow those before it; nothing is changed then.
    pub fn push(&mut self, event: &Event) -> Result<(), HistoryError> {
        let index = event.index;
        if let Some(previous) = self.last_index.filter(|&previous| previous >= index) {
            return Err(HistoryError::Unordered { index, previous });
        }
        if self.history.events == NO_POSITION - 1 {
            return Err(HistoryError::TooLarge { index, what: "events" });
        }
        match event.kind {
            EventKind::Invoke => self.invoke(event)?,
            EventKind::Ok | EventKind::Fail | EventKind::Info => self.complete(event)?,
        }
        self.rest.number(Position(self.history.events), index);
        self.last_index = Some(index);
        self.history.events += 1;
        Ok(())
    }

    /// The history of the events so far, while more are to come. O(n).
    pub fn snapshot(&self) -> History {
        self.clone().finish()
    }

    /// Shows the history of what is held, while more is to come. Tables are copied for that, but
    /// not the columns.
    pub fn show<T>(&mut self, look: impl FnOnce(&History) -> T) -> T {
        let history = &mut self.history;
        history.functions = self.functions.items().to_vec();
        history.nodes = self.nodes.items().to_vec();
        history.process_names = Arc::new(self.process_names.clone());
        history.keys = self.keys.items().to_vec();
        history.values = Arc::new(self.values.items().to_vec());
        let seen = look(history);
        (history.keys, history.values) = (Vec::new(), Arc::default());
        history.process_names = Arc::default();
        seen
    }

    /// Where the last event is in the whole history, and the last invocation among the operations.
    pub fn last(&self) -> (Position, OpIndex) {
        let operation = OpIndex(self.operations.saturating_sub(1));
        (Position(self.history.events.saturating_sub(1)), operation)
    }

    /// How many operations are held so far.
    pub fn len(&self) -> usize {
        self.history.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.history.is_empty()
    }

    /// What can be said of all events so far, held or not.
    pub fn tally(&self) -> Tally {
        let named = (0u32..).zip(&self.counts);
        Tally {
            events: u64::from(self.history.events),
            operations: u64::from(self.operations),
            finals: self.finals,
            by_f: named.map(|(f, &counts)| (self.functions.get(f).clone(), counts)).collect(),
            shapes: self.functions.items().iter().cloned().zip(self.shapes.clone()).collect(),
            nodes: self.nodes.len() as u64,
            peak_concurrency: self.history.peak_concurrency,
        }
    }

    /// The functions of all operations so far, held or not, in the order of their first use.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.functions.items().iter().map(|f| &**f)
    }

    /// The history of the events so far. Operations still in flight are indeterminate.
    pub fn finish(self) -> History {
        let mut history = self.history;
        history.functions = self.functions.into_items();
        history.nodes = self.nodes.into_items();
        history.process_names = Arc::new(self.process_names);
        history.keys = self.keys.into_items();
        history.values = Arc::new(self.values.into_items());
        history.rest = Arc::new(self.rest);
        history
    }

    fn invoke(&mut self, event: &Event) -> Result<(), HistoryError> {
        let (index, process) = (event.index, event.process);
        if let Some(open) = self.open.get(&process) {
            let pending = match *open {
                Open::Held(op) => self.event_index(op),
                Open::Passed(passed) => passed.index,
            };
            return Err(HistoryError::Overlap { index, pending, process: event.process_text() });
        }
        let too_large = |what| move |_| HistoryError::TooLarge { index, what };
        let f = u16::try_from(self.functions.intern(event.f.clone()))
            .map_err(too_large("functions"))?;
        let node = match &event.node {
            Some(node) => u16::try_from(self.nodes.intern(node.clone()))
                .ok()
                .filter(|&node| node != NO_NODE)
                .ok_or(HistoryError::TooLarge { index, what: "nodes" })?,
            None => NO_NODE,
        };
        self.counts.resize(self.functions.len(), OutcomeCounts::default());
        self.counts[usize::from(f)].indeterminate += 1;
        self.shapes.resize(self.functions.len(), Shapes::default());
        self.shapes[usize::from(f)].asked(&event.value);
        self.finals += u64::from(event.is_final);
        let is_ours =
            self.range == KeyRange::ALL || self.range.contains(KeyRange::place(event.key.as_ref()));
        let open = if is_ours && !self.held.is_full {
            Open::Held(self.hold(event, f, node))
        } else {
            self.held.late_events += u64::from(is_ours);
            self.held.late_operations += u64::from(is_ours);
            Open::Passed(PassedOver { f, is_late: is_ours, is_final: event.is_final, index })
        };
        if let Some(name) = event.process_name.as_ref() {
            self.name(process, name);
        }
        self.operations += 1;
        self.open.insert(process, open);
        let open = u32::try_from(self.open.len()).expect("fewer than events");
        self.history.peak_concurrency = self.history.peak_concurrency.max(open);
        Ok(())
    }

    fn name(&mut self, process: ProcessId, name: &Arc<str>) {
        if !self.process_names.contains_key(&process) {
            self.held.added(&Value::Str(name.clone()));
            self.process_names.insert(process, name.clone());
        }
    }

    /// Adds an operation to the columns.
    fn hold(&mut self, event: &Event, f: u16, node: u16) -> OpIndex {
        let key = match &event.key {
            None => NO_KEY,
            Some(key) => {
                let before = self.keys.len();
                let number = self.keys.intern(key.clone());
                if self.keys.len() > before {
                    self.held.added(key);
                }
                number
            }
        };
        let argument = self.value_id(&event.value);
        self.held.weigh(key, OP_WEIGHT + super::held::items(&event.value));
        let position = Position(self.history.events);
        let op = OpIndex(u32::try_from(self.history.len()).expect("fewer than events"));
        self.number(event.index, position);
        self.rest.invoked(position, event);
        let history = &mut self.history;
        if op.0 != self.operations || !history.whole.is_empty() {
            history
                .whole
                .extend((u32::try_from(history.whole.len()).expect("fewer")..op.0).map(OpIndex));
            history.whole.push(OpIndex(self.operations));
        }
        history.process.push(event.process);
        history.f.push(f);
        history.key.push(key);
        history.argument.push(argument);
        history.ret.push(ValueId::NIL);
        history.invoked.push(position);
        history.completed.push(NO_POSITION);
        history.invoke_time.push(event.time);
        history.complete_time.push(NO_TIME);
        history.flags.push(if event.is_final { FLAG_FINAL } else { 0 });
        history.node.push(node);
        op
    }

    fn complete(&mut self, event: &Event) -> Result<(), HistoryError> {
        let (index, process) = (event.index, event.process);
        let Some(&open) = self.open.get(&process) else {
            return Err(HistoryError::Orphan { index, process: event.process_text() });
        };
        let (f, was_final) = match open {
            Open::Held(op) => {
                (self.history.f[op.get()], self.history.flags[op.get()] & FLAG_FINAL != 0)
            }
            Open::Passed(passed) => (passed.f, passed.is_final),
        };
        let invoked = self.functions.get(u32::from(f));
        if *invoked != event.f {
            let (invoked, completed) = (invoked.clone(), event.f.clone());
            let process = event.process_text();
            return Err(HistoryError::OtherFunction { index, process, invoked, completed });
        }
        match open {
            Open::Held(op) => self.end(event, op)?,
            Open::Passed(passed) => self.held.late_events += u64::from(passed.is_late),
        }
        self.finals += u64::from(event.is_final && !was_final);
        let counts = &mut self.counts[usize::from(f)];
        counts.indeterminate -= 1;
        match event.kind {
            EventKind::Ok => {
                counts.ok += 1;
                self.shapes[usize::from(f)].returned(&event.value);
            }
            EventKind::Fail => counts.fail += 1,
            EventKind::Info | EventKind::Invoke => counts.indeterminate += 1,
        }
        self.open.remove(&process);
        Ok(())
    }

    /// Ends an operation that is held.
    fn end(&mut self, event: &Event, op: OpIndex) -> Result<(), HistoryError> {
        let at = op.get();
        let key = self.history.key[at];
        if let Some(completed) = &event.key
            && (key == NO_KEY || self.keys.get(key) != completed)
        {
            let (index, process) = (event.index, event.process_text());
            return Err(HistoryError::OtherKey { index, process, completed: completed.clone() });
        }
        if self.held.is_full {
            self.held.late_events += 1;
            return Ok(());
        }
        let ret = match event.kind {
            EventKind::Ok => self.value_id(&event.value),
            EventKind::Fail | EventKind::Info | EventKind::Invoke => ValueId::NIL,
        };
        self.held.weigh(key, super::held::items(&event.value));
        self.note_rest(event, op);
        let history = &mut self.history;
        history.complete_time[at] = event.time;
        match event.kind {
            EventKind::Ok => {
                history.flags[at] |= FLAG_OK;
                history.completed[at] = history.events;
                history.ret[at] = ret;
            }
            EventKind::Fail => {
                history.flags[at] |= FLAG_FAIL;
                history.completed[at] = history.events;
            }
            EventKind::Info => {}
            EventKind::Invoke => unreachable!("invocations do not come here"),
        }
        if event.is_final {
            history.flags[at] |= FLAG_FINAL;
        }
        self.held.ended += 1;
        Ok(())
    }

    /// Notes what a completion says beside the columns, before they have it.
    fn note_rest(&mut self, event: &Event, op: OpIndex) {
        let history = &self.history;
        let at = op.get();
        // One that took effect has a column for what it returned.
        let argument = match (event.kind, history.argument[at]) {
            (EventKind::Ok, _) => Value::Nil,
            (_, id) => id.as_int().unwrap_or_else(|| self.values.get(id.0).clone()),
        };
        let of = Completed {
            invoked: history.invoked[at],
            argument: &argument,
            node: (history.node[at] != NO_NODE).then(|| self.nodes.get(history.node[at].into())),
            has_key: history.key[at] != NO_KEY,
            is_final: history.flags[at] & FLAG_FINAL != 0,
        };
        self.rest.completed(Position(history.events), event, &of);
    }

    fn value_id(&mut self, value: &Value) -> ValueId {
        ValueId::inline(value).unwrap_or_else(|| {
            let before = self.values.len();
            let number = self.values.intern(value.clone());
            if self.values.len() > before {
                self.held.added(value);
            }
            ValueId(number)
        })
    }

    /// Notes the file's number of the next invocation, once numbers and positions part.
    fn number(&mut self, index: u64, position: Position) {
        let history = &mut self.history;
        if !history.event_index.is_empty() {
            history.event_index.push(index);
        } else if index != u64::from(position.0) {
            history.event_index.extend(history.invoked.iter().map(|before| u64::from(before.0)));
            history.event_index.push(index);
        }
    }

    fn event_index(&self, op: OpIndex) -> u64 {
        let position = u64::from(self.history.invoked[op.get()].0);
        self.history.event_index.get(op.get()).copied().unwrap_or(position)
    }
}
