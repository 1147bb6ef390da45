//! Who observes a run in progress.

use std::sync::atomic::{AtomicBool, Ordering};

use rashomon_checker::{Event, Time};
use rashomon_workloads::Op;

use super::{AskedRole, SpanOutcome};
use crate::fault::FaultSpan;
use crate::run::recorder::{OperationCounts, Sighting};

/// An observer of a run in progress. What it does nothing about, the one behind it hears.
pub(crate) trait Watcher {
    /// Who else observes the run by way of this one.
    fn behind(&mut self) -> Option<&mut dyn Watcher> {
        None
    }
    /// An operation was invoked at this time in this slot, at the node in this place among the members.
    fn invoked(&mut self, when: (Time, usize), op: &Op, place: usize, stage: Stage) {
        if let Some(behind) = self.behind() {
            behind.invoked(when, op, place, stage);
        }
    }
    /// Something was recorded.
    fn recorded(&mut self, event: &Event) {
        if let Some(behind) = self.behind() {
            behind.recorded(event);
        }
    }
    /// Whether it wants to know what nodes take themselves to be that are asked.
    fn minds_roles(&mut self) -> bool {
        self.behind().is_some_and(<dyn Watcher>::minds_roles)
    }
    /// What this invokes is asked of a node that has this role. Final reads, which are asked of all, are left out.
    fn asked(&mut self, event: &Event, role: AskedRole) {
        if let Some(behind) = self.behind() {
            behind.asked(event, role);
        }
    }
    /// Time has passed.
    fn tick(
        &mut self,
        now: Time,
        tally: OperationCounts,
        stage: Stage,
        in_force: &mut dyn Iterator<Item = &FaultSpan>,
    ) {
        if let Some(behind) = self.behind() {
            behind.tick(now, tally, stage, in_force);
        }
    }
    /// A fault began.
    fn fault_began(&mut self, now: Time, span: &SpanOutcome) {
        if let Some(behind) = self.behind() {
            behind.fault_began(now, span);
        }
    }
    /// A fault ended.
    fn fault_healed(&mut self, now: Time, span: &SpanOutcome) {
        if let Some(behind) = self.behind() {
            behind.fault_healed(now, span);
        }
    }
    /// A violation was found during the load.
    fn sighted(&mut self, sighting: &Sighting) {
        if let Some(behind) = self.behind() {
            behind.sighted(sighting);
        }
    }
    /// Whether to stop the load and proceed to the verdict.
    fn wants_stop(&mut self) -> bool {
        self.behind().is_some_and(<dyn Watcher>::wants_stop)
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
