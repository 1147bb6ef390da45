//! Who observes a run in progress.

use std::sync::atomic::{AtomicBool, Ordering};

use rashomon_checker::{Event, Time};
use rashomon_workloads::Op;

use super::{AskedRole, SpanOutcome};
use crate::fault::FaultSpan;
use crate::run::recorder::{OperationCounts, Sighting};

/// An observer of a run in progress.
pub(crate) trait Watcher {
    /// An operation was invoked at this time in this slot, at the node in this place among the members.
    fn invoked(&mut self, _: (Time, usize), _op: &Op, _place: usize, _stage: Stage) {}
    /// Something was recorded.
    fn recorded(&mut self, _event: &Event) {}
    /// Whether it wants to know what nodes take themselves to be that are asked.
    fn minds_roles(&self) -> bool {
        false
    }
    /// What this invokes is asked of a node that has this role. Final reads, which are asked of all, are left out.
    fn asked(&mut self, _event: &Event, _role: AskedRole) {}
    /// Time has passed.
    fn tick(
        &mut self,
        _now: Time,
        _tally: OperationCounts,
        _stage: Stage,
        _in_force: &mut dyn Iterator<Item = &FaultSpan>,
    ) {
    }
    /// A fault began.
    fn fault_began(&mut self, _now: Time, _span: &SpanOutcome) {}
    /// A fault ended.
    fn fault_healed(&mut self, _now: Time, _span: &SpanOutcome) {}
    /// A violation was found during the load.
    fn sighted(&mut self, _sighting: &Sighting) {}
    /// Whether to stop the load and proceed to the verdict.
    fn wants_stop(&mut self) -> bool {
        false
    }
}

/// Shows nothing, and ends a run once this is set.
pub(crate) struct UntilStopped<'a>(pub(crate) &'a AtomicBool);

impl Watcher for UntilStopped<'_> {
    fn wants_stop(&mut self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Which part of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Operations and faults.
    Load,
    /// Faults are over; the cluster comes to rest.
    Settle,
    /// Every replica is read.
    FinalReads,
}

impl Stage {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Settle => "settle",
            Self::FinalReads => "final reads",
        }
    }
}
