//! The recorder: the only writer of histories.
//!
//! It assigns indices and times. An invocation is recorded before it is sent, so that the history
//! on disk never lacks an operation that may have had an effect; completions are taken before new
//! invocations, so that no concurrency is invented.

use std::sync::Arc;

use rashomon_checker::linearizability::Options;
use rashomon_checker::online::Monitor;
use rashomon_checker::{
    Anomaly, Budget, Event, History, HistoryBuilder, ModelKind, ProcessId, Time,
};
use rashomon_results::{HistoryWriter, StoreError};
use rashomon_workloads::{Completion, Op, Words};
use serde::{Deserialize, Serialize};

/// How many operations ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OperationCounts {
    /// Invoked.
    pub(crate) invoked: u64,
    /// Took effect.
    pub(crate) ok: u64,
    /// Did not.
    pub(crate) fail: u64,
    /// Unknown.
    pub(crate) info: u64,
}

/// A violation found during a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sighting {
    /// When it was recorded.
    pub(crate) at: Time,
    /// What.
    pub(crate) anomaly: Anomaly,
}

/// The most configurations that one check may visit during a run, because the load waits for it. A
/// check
/// that needs more is left to the end.
const CONFIGURATIONS: u64 = 50_000;

/// Writes events down as they happen.
pub(crate) struct Recorder {
    words: Words,
    builder: HistoryBuilder,
    file: Option<HistoryWriter>,
    /// Judges events as they are recorded, if violations are to be found during the run.
    monitor: Option<Monitor>,
    sighting: Option<Sighting>,
    next_index: u64,
    tally: OperationCounts,
}

impl Recorder {
    /// Records in memory, and to `file` if there is one.
    pub(crate) fn new(file: Option<HistoryWriter>) -> Self {
        Self {
            words: Words::default(),
            builder: HistoryBuilder::new(),
            file,
            monitor: None,
            sighting: None,
            next_index: 0,
            tally: OperationCounts::default(),
        }
    }

    /// Judges what is recorded from now on, as it is recorded. It changes nothing about it.
    pub(crate) fn watch(&mut self, model: ModelKind) {
        let budget = Budget { configurations: CONFIGURATIONS, ..Budget::default() };
        self.monitor = Some(Monitor::new(model, Options { budget, ..Options::default() }));
    }

    /// The first violation found.
    pub(crate) fn sighting(&self) -> Option<&Sighting> {
        self.sighting.as_ref()
    }

    /// Records that `process` asks `node` for `op`.
    ///
    /// # Errors
    /// If the file cannot be written; what was recorded before is on disk.
    pub(crate) fn invoke(
        &mut self,
        time: Time,
        process: ProcessId,
        op: &Op,
        node: &Arc<str>,
    ) -> Result<Event, StoreError> {
        self.tally.invoked += 1;
        let event = self.words.invocation(process, op);
        self.record(event, time, node)
    }

    /// Records how an operation ended.
    ///
    /// # Errors
    /// As [`invoke`](Self::invoke).
    pub(crate) fn complete(
        &mut self,
        time: Time,
        process: ProcessId,
        op: &Op,
        node: &Arc<str>,
        completion: &Completion,
    ) -> Result<Event, StoreError> {
        match completion {
            Completion::Ok(_) => self.tally.ok += 1,
            Completion::Fail(_) => self.tally.fail += 1,
            Completion::Info(_) => self.tally.info += 1,
        }
        let event = self.words.completion(process, op, completion);
        self.record(event, time, node)
    }

    fn record(
        &mut self,
        mut event: Event,
        time: Time,
        node: &Arc<str>,
    ) -> Result<Event, StoreError> {
        event.index = self.next_index;
        event.time = time;
        event.node = Some(node.clone());
        self.next_index += 1;
        if let Some(file) = &mut self.file {
            file.write(&event)?;
        }
        self.builder.push(&event).expect("the process table keeps histories well formed");
        if self.sighting.is_none()
            && let Some(monitor) = &mut self.monitor
        {
            let found = monitor.push(&event).expect("it is as well formed for the monitor");
            let at = event.time;
            self.sighting = found.map(|anomaly| Sighting { at, anomaly: anomaly.clone() });
        }
        Ok(event)
    }

    /// How many operations ended how, so far.
    pub(crate) fn tally(&self) -> OperationCounts {
        self.tally
    }

    /// The history.
    ///
    /// # Errors
    /// If the end of the file cannot be written.
    pub(crate) fn finish(self) -> Result<History, StoreError> {
        if let Some(file) = self.file {
            file.finish()?;
        }
        Ok(self.builder.finish())
    }
}
