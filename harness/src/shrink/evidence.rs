//! What of a scenario its failure is made of.

use std::collections::{BTreeMap, BTreeSet};

use rashomon_checker::{OpIndex, Time};

use super::failure::{Failure, Shown};
use crate::execute::Finished;
use crate::run::drive::Closing;
use crate::scenario::Scenario;

/// What shows a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Evidence {
    /// The operations of the scenario that show it, by their places.
    pub(super) ops: BTreeSet<usize>,
    /// What must come after the operations for it to show.
    pub(super) closing: Closing,
    /// When the first of what shows it began.
    pub(super) from: Time,
    /// When the last of it had ended: nothing later is a cause of it.
    pub(super) to: Time,
}

impl Evidence {
    /// That of a run of this scenario; nothing if it does not fail so.
    pub(super) fn of(failure: &Failure, scenario: &Scenario, run: &Finished) -> Option<Self> {
        let anomaly = match failure.shown_by(&run.judgement)? {
            Shown::Anomaly(anomaly) => anomaly,
            Shown::Breach(breach) => {
                let load = scenario.operations.last().map_or(Time(0), |last| last.at);
                let is_later = breach.at > load.max(scenario.plan.end());
                let closing = match scenario.closing {
                    Closing::FinalReads | Closing::Sweep if is_later => Closing::FinalReads,
                    _ => Closing::Nothing,
                };
                let (from, to) = (breach.at, breach.at);
                return Some(Self { ops: BTreeSet::new(), closing, from, to });
            }
        };
        let places = places(scenario, run);
        let (mut ops, mut closing) = (BTreeSet::new(), Closing::Nothing);
        let (mut from, mut to) = (Time(u64::MAX), Time(0));
        for op in &anomaly.witness.operations {
            match places.get(&op.index).filter(|_| !op.is_final) {
                Some(&place) => {
                    ops.insert(place);
                    from = from.min(op.invoke_time);
                    to = to.max(op.complete_time.unwrap_or(op.invoke_time));
                }
                None => closing = Closing::FinalReads,
            }
        }
        Some(Self { ops, closing, from, to })
    }
}

/// Which operations of a history are which of its scenario: those of a slot are invoked in their order. The first
/// operations of a history are those of its load.
fn places(scenario: &Scenario, run: &Finished) -> BTreeMap<OpIndex, usize> {
    let mut in_slots: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (place, op) in scenario.operations.iter().enumerate().rev() {
        in_slots.entry(op.slot).or_default().push(place);
    }
    let processes = scenario.settings.processes.max(1);
    let mut places = BTreeMap::new();
    for operation in run.history.iter().take(scenario.operations.len()) {
        let slot = operation.process.0 % processes;
        if let Some(place) = in_slots.get_mut(&slot).and_then(Vec::pop) {
            places.insert(operation.index, place);
        }
    }
    places
}
