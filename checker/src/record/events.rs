//! Recording operations that take time and may be cancelled, as tasks of an asynchronous test do.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::{Event, EventKind, History, HistoryError, ProcessId, Time, Value};

/// Records a history: which process invoked what, and how that ended. Cheap to clone, and shared by all tasks.
///
/// Order is all that matters, so there is no clock: the time of an event is its number.
///
/// ```
/// use rashomon_checker::record::EventRecorder;
/// use rashomon_checker::transactions::{self, part};
/// use rashomon_checker::{Budget, Consistency};
///
/// let recorder = EventRecorder::new();
/// let mut one = recorder.process();
/// let mut other = recorder.process();
/// // Each misses what the other writes: write skew.
/// let here = one.invoke("txn", [part::read("x"), part::write("y", 1)]);
/// let there = other.invoke("txn", [part::read("y"), part::write("x", 1)]);
/// here.ok([part::was("x", ()), part::write("y", 1)]);
/// there.ok([part::was("y", ()), part::write("x", 1)]);
/// let report = transactions::check(&recorder.history()?, &Budget::default()).unwrap();
/// assert!(report.holds(Consistency::SnapshotIsolation));
/// assert!(!report.holds(Consistency::Serializable));
/// # Ok::<(), rashomon_checker::HistoryError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct EventRecorder {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    events: Mutex<Vec<Event>>,
    processes: AtomicU32,
}

/// A process of a recorder: it invokes one operation at a time.
#[derive(Debug)]
pub struct EventProcess {
    shared: Arc<Shared>,
    process: ProcessId,
}

/// An operation that has been invoked and has not ended. One that is dropped may have taken effect or not.
#[derive(Debug)]
#[must_use = "an operation of which no end is recorded may have taken effect or not"]
pub struct Invocation<'p> {
    process: &'p mut EventProcess,
    f: Arc<str>,
    argument: Value,
    is_open: bool,
}

impl EventRecorder {
    /// A recorder of nothing so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// A new process, `p0`, `p1` and so on: a client, a task.
    pub fn process(&self) -> EventProcess {
        EventProcess { shared: self.shared.clone(), process: self.shared.process() }
    }

    /// What has been recorded so far. Operations that have not ended may take effect later. O(n).
    ///
    /// # Errors
    ///
    /// If there are more events than a history can have.
    pub fn history(&self) -> Result<History, HistoryError> {
        let events = self.shared.events.lock().unwrap_or_else(PoisonError::into_inner);
        History::from_events(events.iter().cloned())
    }
}

impl Shared {
    fn process(&self) -> ProcessId {
        ProcessId(self.processes.fetch_add(1, Ordering::Relaxed))
    }

    fn push(&self, process: ProcessId, kind: EventKind, f: &Arc<str>, value: Value) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let index = events.len() as u64;
        let event = Event::new(index, process, kind, f, value);
        events.push(Event { time: Time(index), ..event });
    }
}

impl EventProcess {
    /// Invokes `f` with an argument: a value, or the parts of a transaction. Do it before the request is sent.
    pub fn invoke(&mut self, f: &str, argument: impl Into<Value>) -> Invocation<'_> {
        let (f, argument) = (Arc::from(f), argument.into());
        self.shared.push(self.process, EventKind::Invoke, &f, argument.clone());
        Invocation { process: self, f, argument, is_open: true }
    }
}

impl Invocation<'_> {
    /// It took effect, and returned this. Record it after the response has come.
    pub fn ok(mut self, returned: impl Into<Value>) {
        self.end(EventKind::Ok, returned.into());
    }

    /// It certainly took no effect, and never will.
    pub fn fail(mut self) {
        let argument = self.argument.clone();
        self.end(EventKind::Fail, argument);
    }

    /// It may have taken effect, or may yet do so: a time-out, a broken connection. What the process invokes
    /// from then on is another process's.
    pub fn info(self) {}

    fn end(&mut self, kind: EventKind, value: Value) {
        self.is_open = false;
        self.process.shared.push(self.process.process, kind, &self.f, value);
    }
}

impl Drop for Invocation<'_> {
    fn drop(&mut self) {
        if self.is_open {
            let argument = std::mem::replace(&mut self.argument, Value::Nil);
            self.end(EventKind::Info, argument);
            self.process.process = self.process.shared.process();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;

    #[test]
    fn an_operation_that_is_dropped_may_have_taken_effect_and_its_process_goes_on_under_another_name()
     {
        let recorder = EventRecorder::new();
        let mut process = recorder.process();
        drop(process.invoke("write", 1));
        process.invoke("read", ()).ok(1);
        process.invoke("write", 2).fail();
        let history = recorder.history().unwrap();
        let ended: Vec<_> = history.iter().map(|op| (op.process.0, op.outcome.clone())).collect();
        assert_eq!(ended[0].0, 0);
        assert!(matches!(ended[0].1, Outcome::Indeterminate), "{ended:?}");
        assert_eq!((ended[1].0, ended[2].0), (1, 1));
        assert!(matches!(ended[2].1, Outcome::Fail), "{ended:?}");
    }

    #[test]
    fn processes_of_several_threads_are_recorded_in_one_order() {
        let recorder = EventRecorder::new();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let mut process = recorder.process();
                scope.spawn(move || (0..100).for_each(|it| process.invoke("write", it).ok(())));
            }
        });
        assert_eq!(recorder.history().unwrap().len(), 400);
    }
}
