//! A run's operations and faults, in its trace.

use rashomon_checker::{Event, EventKind, Time, Value};
use rashomon_results::Occurrence;

use crate::run::drive::{SpanOutcome, Watcher};
use crate::trace::Tracer;

/// Takes note of what it sees of a run, and lets another see it.
pub(super) struct TracedRun<'a> {
    pub(super) trace: &'a Tracer,
    pub(super) watcher: &'a mut dyn Watcher,
}

impl Watcher for TracedRun<'_> {
    fn behind(&mut self) -> Option<&mut dyn Watcher> {
        Some(self.watcher)
    }

    fn recorded(&mut self, event: &Event) {
        self.trace.note(event.time.0, || {
            let (index, process) = (event.index, u64::from(event.process.0));
            let node = event.node.as_deref().unwrap_or_default().to_owned();
            let what = words(event);
            match event.kind {
                EventKind::Invoke => Occurrence::Invoked { index, process, node, what },
                EventKind::Ok | EventKind::Fail | EventKind::Info => {
                    Occurrence::Completed { index, process, node, what }
                }
            }
        });
        self.watcher.recorded(event);
    }

    fn fault_began(&mut self, now: Time, span: &SpanOutcome) {
        self.trace.note(now.0, || Occurrence::Struck {
            span: span.span.id,
            what: span.span.fault.to_string(),
            on: span.on.iter().map(ToString::to_string).collect(),
        });
        self.watcher.fault_began(now, span);
    }

    fn fault_healed(&mut self, now: Time, span: &SpanOutcome) {
        self.trace.note(now.0, || Occurrence::Healed { span: span.span.id });
        self.watcher.fault_healed(now, span);
    }
}

/// `write k1 5`, `ok 5`, `fail cas-mismatch`.
fn words(event: &Event) -> String {
    let first = match event.kind {
        EventKind::Invoke => &*event.f,
        EventKind::Ok => "ok",
        EventKind::Fail => "fail",
        EventKind::Info => "info",
    };
    let is_invocation = event.kind == EventKind::Invoke;
    let rest = match &event.error {
        Some(error) => [None, Some(error)],
        None => [event.key.as_ref().filter(|_| is_invocation), Some(&event.value)],
    };
    let mut words = first.to_owned();
    for value in
        rest.into_iter().flatten().filter(|value| !(is_invocation && **value == Value::Nil))
    {
        words.push(' ');
        match value {
            Value::Str(text) => words.push_str(text),
            value => words.push_str(&value.to_string()),
        }
    }
    words
}
