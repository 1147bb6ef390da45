//! What cannot be held, judged while it passes by.

use crate::groups::Streamed;
use crate::history::heap;
use crate::online::Monitor;
use crate::{Event, EventKind, HistoryBuilder, KeyRange, ModelKind};

/// Judges events that pass by, as long as that takes little memory.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    model: ModelKind,
    monitor: Monitor,
    range: KeyRange,
    /// The most it may take.
    bytes_max: u64,
    /// The most that it can have grown since it was last known to take less.
    grown: u64,
}

/// Bytes that an event adds at most, its values apart.
const EVENT_BYTES: u64 = 1 << 10;

impl Stream {
    /// A stream that goes on where the builder, which holds operations on these keys alone, was
    /// closed. Nothing if that takes too much, or if there is no judging such operations.
    pub(super) fn after(
        builder: &mut HistoryBuilder,
        range: KeyRange,
        model: ModelKind,
        bytes_max: u64,
    ) -> Option<Self> {
        let mut monitor = Monitor::bounded(model);
        builder.show(|held| monitor.begin_with(held));
        Self { model, monitor, range, bytes_max, grown: bytes_max }.unless_spent()
    }

    /// Takes the event that the builder took last. Nothing if it can go on no longer.
    pub(super) fn push(mut self, event: &Event, builder: &HistoryBuilder) -> Option<Self> {
        if self.monitor.found().is_some() {
            return Some(self);
        }
        let is_ours = match event.kind {
            EventKind::Invoke => self.range.contains(KeyRange::place(event.key.as_ref())),
            EventKind::Ok | EventKind::Fail | EventKind::Info => {
                self.monitor.is_in_flight(event.process)
            }
        };
        if !is_ours {
            return Some(self);
        }
        let (at, op) = builder.last();
        self.monitor.push_at(event, at, op).ok()?;
        self.grown += EVENT_BYTES + heap(&event.value) as u64;
        self.unless_spent()
    }

    /// The same, unless it takes too much or has given up.
    fn unless_spent(mut self) -> Option<Self> {
        if self.grown >= self.bytes_max / 8 {
            self.grown = 0;
            let is_small = self.monitor.bytes() as u64 <= self.bytes_max / 8 * 7;
            let is_able = self.monitor.undecided().next().is_none();
            return (is_small && is_able).then_some(self);
        }
        Some(self)
    }

    /// What came of it, if anything did.
    pub(super) fn finish(self) -> Option<Streamed> {
        if let Some(anomaly) = self.monitor.found() {
            return Some(Streamed::Anomaly(self.model, Box::new(anomaly.clone())));
        }
        let is_decided = self.monitor.undecided().next().is_none();
        is_decided.then_some(Streamed::Consistent(self.model))
    }
}
