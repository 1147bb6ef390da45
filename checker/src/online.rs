//! Judging a history while it is still being written, so that a run can stop at its first
//! violation.
//!
//! Linearizability is closed under prefixes: what is wrong with the beginning of a history stays
//! wrong whatever follows. So the beginning is judged now and then, with operations in flight taken
//! as indeterminate, each time it has grown by an eighth. The work in all is then at most nine times
//! that of judging the whole once, and a violation is seen before the history has grown by more
//! than an eighth beyond it.
//!
//! Memory is that of the history: this bounds time, not space.

use crate::linearizability::{self, Options};
use crate::{Anomaly, Event, History, HistoryBuilder, HistoryError, ModelKind};

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
    builder: HistoryBuilder,
    /// Completions since the last judgement.
    fresh: usize,
    found: Option<Anomaly>,
}

impl Monitor {
    /// A monitor that has seen nothing. Each judgement has the whole budget of `options`.
    pub fn new(model: ModelKind, options: Options) -> Self {
        Self { model, options, builder: HistoryBuilder::new(), fresh: 0, found: None }
    }

    /// Takes the next event, and tells the first anomaly once there is one.
    ///
    /// # Errors
    ///
    /// If the event cannot follow those before it; it is as if it had not been pushed.
    pub fn push(&mut self, event: &Event) -> Result<Option<&Anomaly>, HistoryError> {
        self.builder.push(event)?;
        self.fresh += usize::from(event.kind != crate::EventKind::Invoke);
        if self.found.is_none() && self.fresh > self.builder.len() / 8 {
            self.judge();
        }
        Ok(self.found.as_ref())
    }

    /// Judges all events so far, and tells the first anomaly if there is one.
    pub fn judge(&mut self) -> Option<&Anomaly> {
        if self.found.is_none() && self.fresh > 0 {
            self.fresh = 0;
            let history = self.builder.snapshot();
            let report = linearizability::check(&history, self.model, &self.options);
            self.found = report.verdict.anomalies().next().cloned();
        }
        self.found.as_ref()
    }

    /// The history of all events so far.
    pub fn into_history(self) -> History {
        self.builder.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::{Chance, events};

    #[test]
    fn what_is_found_online_is_what_is_found_in_the_end() {
        for seed in 0..3_000 {
            let mut monitor = Monitor::new(ModelKind::CasRegister, Options::default());
            for event in events(ModelKind::CasRegister, &mut Chance::new(seed)) {
                monitor.push(&event).unwrap();
            }
            let online = monitor.judge().is_some();
            let history = monitor.into_history();
            let report =
                linearizability::check(&history, ModelKind::CasRegister, &Options::default());
            assert_eq!(online, report.verdict.is_invalid(), "seed {seed}");
        }
    }
}
