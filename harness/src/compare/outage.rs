//! How long nothing is served after a primary has died, or a node where there is none; and how soon that node serves
//! again once it has been restarted.

use std::collections::BTreeMap;

use rashomon_checker::k_atomic::Quantiles;
use rashomon_checker::{EventKind, History, ProcessId, Time};

use super::{each, workload};
use crate::availability::{availability, is_read};
use crate::campaign::SeedRange;
use crate::cut;
use crate::execute::{self, Keep};
use crate::judge::Requirement;
use crate::run::drive::Watcher;
use crate::settings::{Driver, Settings};
use crate::subject::Subject;

/// How long the load lasts, in milliseconds; the node is dead from 2 s to 5 s.
const TIME_MS: u64 = 8_000;

/// Operations a second: without pauses, so that some operation begins right after the death.
const RATE: u64 = 5_000;

/// How long nothing was served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outage {
    /// The file of the plan.
    pub(crate) plan: &'static str,
    /// Whether the node that died was a primary.
    pub(crate) of: DeadNode,
    /// From its death to the end of the first read that was invoked after it and was done.
    pub(crate) reads: OutageTimes,
    /// The same of anything else.
    pub(crate) writes: OutageTimes,
    /// From its restart to the end of the first operation that it did, if it did one.
    pub(crate) recovered: Option<Quantiles>,
    /// The command that makes the first of these runs again.
    pub(crate) again: String,
}

/// How long nothing was served in some runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutageTimes {
    /// In nanoseconds, of the runs in which anything was served again; none if there are none.
    pub(crate) took_ns: Option<Quantiles>,
    /// The runs in which nothing was served again before the load ended.
    pub(crate) never: u64,
}

impl OutageTimes {
    /// Those of runs.
    fn of(runs: &[Option<u64>]) -> Self {
        let took: Vec<u64> = runs.iter().copied().flatten().collect();
        let never = (runs.len() - took.len()) as u64;
        Self { took_ns: (!took.is_empty()).then(|| Quantiles::of(took)), never }
    }
}

/// Which node died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeadNode {
    /// The primary.
    Primary,
    /// The first of equals.
    First,
}

/// Kills the node once in each run.
pub(super) fn measure(
    target: &Subject,
    seeds: SeedRange,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Option<Outage>> {
    let Some(kind) = workload(target, "register").or_else(|| workload(target, "counter")) else {
        return Ok(None);
    };
    let (of, file, text) = if target.profile().has_primary() {
        let text = include_str!("../../plans/dead-primary.json");
        (DeadNode::Primary, "harness/plans/dead-primary.json", text)
    } else {
        (
            DeadNode::First,
            "harness/plans/dead-node.json",
            include_str!("../../plans/dead-node.json"),
        )
    };
    let plan = cut::plan(text);
    let [mut reads, mut writes] = [const { Vec::new() }; 2];
    let mut recovered = Vec::new();
    let mut again = None;
    for seed in each(seeds) {
        let mut settings = Settings::new(target.clone(), kind, Driver::Simulation, seed);
        (settings.faults, settings.time_ms) = (Vec::new(), TIME_MS);
        settings.rate = Some(RATE);
        let nothing = Requirement::nothing();
        let run = execute::execute_asking(&nothing, &settings, &plan, Keep::default(), watcher)?;
        let Some(died) = run.driven.spans.first().and_then(|span| span.struck) else { continue };
        reads.push(first_done(&run.history, died, Wanted::Reads));
        writes.push(first_done(&run.history, died, Wanted::Others));
        let record = availability(&run.history, &run.driven.spans);
        recovered.extend(record.recovered_ns.map(|it| it.max));
        again.get_or_insert_with(|| cut::command_under(&settings, file));
    }
    let Some(again) = again else { return Ok(None) };
    Ok(Some(Outage {
        plan: file,
        of,
        reads: OutageTimes::of(&reads),
        writes: OutageTimes::of(&writes),
        recovered: (!recovered.is_empty()).then(|| Quantiles::of(recovered)),
        again,
    }))
}

/// Which operations are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Reads,
    Others,
}

/// Nanoseconds from a moment to the end of the first operation that was invoked after it and was done.
fn first_done(history: &History, from: Time, wanted: Wanted) -> Option<u64> {
    let mut invoked: BTreeMap<ProcessId, Time> = BTreeMap::new();
    for event in history.events().filter(|event| !event.is_final) {
        if is_read(&event) != (wanted == Wanted::Reads) {
            continue;
        }
        if event.kind == EventKind::Invoke {
            invoked.insert(event.process, event.time);
        } else if let Some(at) = invoked.remove(&event.process)
            && at >= from
            && event.kind == EventKind::Ok
        {
            return Some(event.time.0 - from.0);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use rashomon_checker::{Event, Value};

    use super::*;

    #[test]
    fn what_is_never_done_has_no_time() {
        let event = |index: u64, kind, f: &str| {
            let event = Event::new(index, ProcessId(0), kind, f, Value::Nil);
            Event { time: Time(10 * index), ..event }
        };
        let history = History::from_events([
            event(0, EventKind::Invoke, "write"),
            event(1, EventKind::Ok, "write"),
            event(2, EventKind::Invoke, "write"),
            event(3, EventKind::Fail, "write"),
            event(4, EventKind::Invoke, "read"),
            event(5, EventKind::Ok, "read"),
        ]);
        let history = history.unwrap();
        let of = |wanted| OutageTimes::of(&[first_done(&history, Time(5), wanted)]);
        let reads = Quantiles::of(vec![45]);
        assert_eq!(of(Wanted::Reads), OutageTimes { took_ns: Some(reads), never: 0 });
        assert_eq!(of(Wanted::Others), OutageTimes { took_ns: None, never: 1 });
    }
}
