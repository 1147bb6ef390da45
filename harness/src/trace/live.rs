//! The trace of a world whose time passes by itself.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};
use rashomon_results::{Loss, Occurrence, TraceLine};

use super::Tracer;
use crate::fault::{CopyNumber, Departure, DirectedLink, LinkOutcome};

/// Nanoseconds of a clock that all processes of this machine share, and that nobody sets.
pub(super) fn machine_time() -> u64 {
    let time = clock_gettime(ClockId::CLOCK_MONOTONIC).expect("every Unix has this clock");
    u64::try_from(Duration::from(time).as_nanos()).unwrap_or(u64::MAX)
}

/// A tracer with the time of a run. It is the clock of its world, too, so that what the harness does
/// and what nodes tell stand in one order.
#[derive(Clone, Debug, Default)]
pub(crate) struct LiveTracer {
    tracer: Tracer,
    /// When the run began, once it has.
    began: Arc<OnceLock<u64>>,
}

impl LiveTracer {
    /// Before the run begins.
    pub(crate) fn new(tracer: Tracer) -> Self {
        Self { tracer, began: Arc::default() }
    }

    /// The run begins now.
    pub(crate) fn begin(&self) {
        self.began.get_or_init(machine_time);
    }

    /// The time of the run at a time of the machine; 0 before it has begun.
    fn at(&self, machine: u64) -> u64 {
        self.began.get().map_or(0, |began| machine.saturating_sub(*began))
    }

    /// Whether anybody looks.
    pub(crate) fn is_on(&self) -> bool {
        self.tracer.is_on()
    }

    /// Takes a line that a node has written, if it is one of a trace.
    ///
    /// # Errors
    /// If it is not.
    pub(crate) fn relay(&self, said: &[u8]) -> Result<(), serde_json::Error> {
        let TraceLine { time, occurrence } = serde_json::from_slice(said)?;
        self.tracer.note(self.at(time), || occurrence);
        Ok(())
    }

    /// The time of the run; 0 before it has begun.
    pub(crate) fn now(&self) -> u64 {
        self.at(machine_time())
    }

    /// As [`Tracer::note`], at a time of the run.
    pub(crate) fn note_at(&self, time: u64, occurrence: impl FnOnce() -> Occurrence) {
        self.tracer.note(time, occurrence);
    }

    /// As [`Tracer::note`], now.
    pub(crate) fn note(&self, occurrence: impl FnOnce() -> Occurrence) {
        self.tracer.note(self.now(), occurrence);
    }

    /// As [`Tracer::departs`], now.
    pub(crate) fn departs(
        &self,
        link: DirectedLink,
        departure: &Departure,
        what: impl FnOnce() -> String,
    ) {
        self.tracer.departs(self.now(), link, departure, what);
    }

    /// As [`Tracer::decided`], now.
    pub(crate) fn decided<M>(
        &self,
        link: DirectedLink,
        number: CopyNumber,
        outcome: &LinkOutcome<M>,
    ) {
        self.tracer.decided(self.now(), link, number, outcome);
    }

    /// As [`Tracer::delivers`], at a time of the run.
    pub(crate) fn delivers_at(&self, time: u64, link: DirectedLink, number: CopyNumber) {
        self.tracer.delivers(time, link, number);
    }

    /// As [`Tracer::loses`], now.
    pub(crate) fn loses(&self, link: DirectedLink, number: CopyNumber, why: (Loss, Option<u32>)) {
        self.tracer.loses(self.now(), link, number, why);
    }

    /// As [`Tracer::releases`], now.
    pub(crate) fn releases(&self, link: DirectedLink, number: CopyNumber, span: u32) {
        self.tracer.releases(self.now(), link, number, span);
    }
}
