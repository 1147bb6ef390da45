//! Events in, history out.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{
    FLAG_FAIL, FLAG_FINAL, FLAG_OK, History, HistoryError, NO_KEY, NO_NODE, NO_POSITION, NO_TIME,
    ValueId,
};
use crate::intern::Interner;
use crate::{Event, EventKind, OpIndex, Position, ProcessId, Value};

/// Builds a [`History`], one event at a time, in the order in which they happened.
///
/// Constant time an event, amortised. An event that is refused changes nothing.
#[derive(Clone, Debug)]
pub struct HistoryBuilder {
    history: History,
    open: FxHashMap<ProcessId, OpIndex>,
    functions: Interner<Arc<str>>,
    nodes: Interner<Arc<str>>,
    keys: Interner<Value>,
    values: Interner<Value>,
    last_index: Option<u64>,
}

impl Default for HistoryBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl HistoryBuilder {
    /// A history of no events so far.
    pub fn new() -> Self {
        let mut values = Interner::default();
        values.intern(Value::Nil); // The first, hence `ValueId::NIL`.
        Self {
            history: History::default(),
            open: FxHashMap::default(),
            functions: Interner::default(),
            nodes: Interner::default(),
            keys: Interner::default(),
            values,
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
        self.last_index = Some(index);
        self.history.events += 1;
        Ok(())
    }

    /// The history of the events so far, while more are to come. O(n).
    pub fn snapshot(&self) -> History {
        self.clone().finish()
    }

    /// How many operations have begun so far.
    pub fn len(&self) -> usize {
        self.history.len()
    }

    /// Whether none has begun.
    pub fn is_empty(&self) -> bool {
        self.history.is_empty()
    }

    /// The history of the events so far. Operations still in flight are indeterminate.
    pub fn finish(self) -> History {
        let mut history = self.history;
        history.functions = self.functions.into_items();
        history.nodes = self.nodes.into_items();
        history.keys = self.keys.into_items();
        history.values = self.values.into_items();
        history
    }

    fn invoke(&mut self, event: &Event) -> Result<(), HistoryError> {
        let (index, process) = (event.index, event.process);
        if let Some(&pending) = self.open.get(&process) {
            let pending = self.event_index(pending);
            return Err(HistoryError::Overlap { index, pending, process });
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
        let key = event.key.as_ref().map_or(NO_KEY, |key| self.keys.intern(key.clone()));
        let argument = self.value_id(&event.value);
        let position = Position(self.history.events);
        let op = OpIndex(u32::try_from(self.history.len()).expect("fewer than events"));
        self.number(index, position);
        let history = &mut self.history;
        history.process.push(process);
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
        self.open.insert(process, op);
        let open = u32::try_from(self.open.len()).expect("fewer than events");
        history.peak_concurrency = history.peak_concurrency.max(open);
        Ok(())
    }

    fn complete(&mut self, event: &Event) -> Result<(), HistoryError> {
        let (index, process) = (event.index, event.process);
        let Some(&op) = self.open.get(&process) else {
            return Err(HistoryError::Orphan { index, process });
        };
        let at = op.get();
        let invoked = self.functions.get(u32::from(self.history.f[at]));
        if **invoked != *event.f {
            let (invoked, completed) = (invoked.clone(), event.f.clone());
            return Err(HistoryError::OtherFunction { index, process, invoked, completed });
        }
        let key = self.history.key[at];
        if let Some(completed) = &event.key
            && (key == NO_KEY || self.keys.get(key) != completed)
        {
            return Err(HistoryError::OtherKey { index, process, completed: completed.clone() });
        }
        let ret = self.value_id(&event.value);
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
        self.open.remove(&process);
        Ok(())
    }

    fn value_id(&mut self, value: &Value) -> ValueId {
        ValueId::inline(value).unwrap_or_else(|| ValueId(self.values.intern(value.clone())))
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
