//! How long nothing is served after a primary has died, or a node where there is none; and how soon that node serves
//! again once it has been restarted.

use std::collections::BTreeMap;

use rashomon_checker::k_atomic::Quantiles;
use rashomon_checker::{EventKind, ProcessId, Time};
use rashomon_targets::NodeId;

use super::{each, workload};
use crate::availability::{availability, is_read};
use crate::campaign::SeedRange;
use crate::execute::{self, Finished, Keep};
use crate::fault::Plan;
use crate::judge::Requirement;
use crate::run::drive::Watcher;
use crate::settings::{Driver, Settings};
use crate::subject::Subject;

/// How long the load lasts, in milliseconds; the node is dead from 2 s to 5 s.
const TIME_MS: u64 = 8_000;

/// Operations a second: without pauses, so that some operation begins right after the death.
const RATE: u64 = 5_000;

/// How long nothing was served, in nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outage {
    /// The file of the plan.
    pub(crate) plan: &'static str,
    /// Whether the node that died was a primary.
    pub(crate) of: DeadNode,
    /// From its death to the end of the first read that was invoked after it and was done.
    pub(crate) reads: Quantiles,
    /// The same of anything else.
    pub(crate) writes: Quantiles,
    /// From its restart to the end of the first operation that it did, if it did one.
    pub(crate) recovered: Option<Quantiles>,
    /// The command that makes the first of these runs again.
    pub(crate) again: String,
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
    let plan: Plan = serde_json::from_str(text)?;
    let plan = plan.checked(&[1, 2, 3].map(NodeId))?;
    let [mut reads, mut writes, mut recovered] = [const { Vec::new() }; 3];
    let mut again = None;
    for seed in each(seeds) {
        let mut settings = Settings::new(target.clone(), kind, Driver::Simulation, seed);
        (settings.faults, settings.time_ms) = (Vec::new(), TIME_MS);
        settings.rate = Some(RATE);
        let nothing = Requirement::nothing();
        let run = execute::execute_asking(&nothing, &settings, &plan, Keep::default(), watcher)?;
        let Some(died) = run.driven.spans.first().and_then(|span| span.struck) else { continue };
        reads.push(first_done(&run, died, Wanted::Reads));
        writes.push(first_done(&run, died, Wanted::Others));
        let record = availability(&run.history, &run.driven.spans);
        recovered.extend(record.recovered_ns.map(|it| it.max));
        again.get_or_insert_with(|| {
            let command = settings.command().unwrap_or_default();
            command.replacen("--faults none", &format!("--faults {file}"), 1)
        });
    }
    let Some(again) = again else { return Ok(None) };
    Ok(Some(Outage {
        plan: file,
        of,
        reads: Quantiles::of(reads),
        writes: Quantiles::of(writes),
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

/// Nanoseconds from a moment to the end of the first operation that was invoked after it and was done; if none was, to the end of
/// the load.
fn first_done(run: &Finished, from: Time, wanted: Wanted) -> u64 {
    let mut invoked: BTreeMap<ProcessId, Time> = BTreeMap::new();
    for event in run.history.events().filter(|event| !event.is_final) {
        if is_read(&event) != (wanted == Wanted::Reads) {
            continue;
        }
        if event.kind == EventKind::Invoke {
            invoked.insert(event.process, event.time);
        } else if let Some(at) = invoked.remove(&event.process)
            && at >= from
            && event.kind == EventKind::Ok
        {
            return event.time.0 - from.0;
        }
    }
    (TIME_MS * 1_000_000).saturating_sub(from.0)
}
