//! What becomes of concurrent writes of one register: whether a reader sees both, or one of them is gone.

use rashomon_checker::{EventKind, History, Invariant, Value, invariants};

use super::{each, workload};
use crate::availability::is_read;
use crate::campaign::SeedRange;
use crate::execute::{self, Keep};
use crate::fault::Plan;
use crate::judge::Requirement;
use crate::run::drive::{Rest, Watcher};
use crate::settings::{Driver, Settings};
use crate::subject::Subject;

/// What became of concurrent writes, in runs without faults that came to rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Siblings {
    /// Writes that did not fail.
    pub(crate) writes: u64,
    /// Those of them that were acknowledged and that no other had seen, and that were gone in the end.
    pub(crate) discarded: u64,
    /// Reads that returned.
    pub(crate) reads: u64,
    /// Those that returned several values.
    pub(crate) conflicting: u64,
    /// The most values of one read.
    pub(crate) most: u64,
    /// The command that makes the first of these runs again.
    pub(crate) again: String,
}

/// Writes in place of what was read, as carts are kept.
pub(super) fn measure(
    target: &Subject,
    seeds: SeedRange,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Option<Siblings>> {
    let kinds = crate::settings::fitting(target).into_iter();
    let mut kinds = kinds.filter(|kind| kind.invariants().contains(&Invariant::MvRegister));
    let Some(kind) = kinds.next().filter(|kind| workload(target, kind.name()).is_some()) else {
        return Ok(None);
    };
    let mut found = Siblings::default();
    for seed in each(seeds) {
        let mut settings = Settings::new(target.clone(), kind, Driver::Simulation, seed);
        settings.faults = Vec::new();
        let plan = Plan::default();
        let nothing = Requirement::nothing();
        let run = execute::execute_asking(&nothing, &settings, &plan, Keep::default(), watcher)?;
        // What a cluster lacks that has not come to rest may still come.
        if run.driven.rest == Rest::Rested {
            found.count(&run.history);
        }
        if found.again.is_empty() {
            found.again = settings.command().unwrap_or_default();
        }
    }
    Ok(Some(found))
}

impl Siblings {
    fn count(&mut self, history: &History) {
        let done = history.events().filter(|it| !it.is_final && it.kind == EventKind::Ok);
        for read in done.filter(is_read) {
            let values = match &read.value {
                Value::Nil => 0,
                Value::List(values) => values.len() as u64,
                _ => 1,
            };
            self.reads += 1;
            self.conflicting += u64::from(values > 1);
            self.most = self.most.max(values);
        }
        // A verdict has a few anomalies only; the figures count all.
        let report = invariants::check(history, Invariant::MvRegister);
        let figure = |name: &str| {
            let found = report.figures.iter().find(|it| it.name == name);
            found.map_or(0, |it| it.number)
        };
        self.writes += figure("writes");
        self.discarded += figure("lost");
    }
}

#[cfg(test)]
mod tests {
    use rashomon_checker::{Event, ProcessId};

    use super::*;

    #[test]
    fn every_discarded_write_is_counted_and_a_read_of_nothing_is_a_read() {
        let mut events: Vec<Event> = Vec::new();
        let mut add = |process: u32, f: &str, [argument, value]: [Value; 2], is_final| {
            for (kind, value) in [(EventKind::Invoke, argument), (EventKind::Ok, value)] {
                let event = Event::new(events.len() as u64, ProcessId(process), kind, f, value);
                events.push(Event { is_final, ..event });
            }
        };
        add(0, "read", [Value::Nil, Value::Nil], false);
        for number in 1..=25 {
            let process = u32::try_from(number).unwrap();
            add(process, "write", [Value::Int(number), Value::Nil], false);
        }
        let list =
            |numbers: &[i64]| Value::List(numbers.iter().map(|&it| Value::Int(it)).collect());
        add(0, "read", [Value::Nil, list(&[1, 2])], false);
        add(0, "read", [Value::Nil, list(&[25])], true);
        let mut found = Siblings::default();
        found.count(&History::from_events(events).unwrap());
        assert_eq!((found.writes, found.discarded), (25, 24));
        assert_eq!((found.reads, found.conflicting, found.most), (2, 1, 2));
    }
}
