//! What an operation costs: messages between nodes, and writes of disks, counted in the trace.
//!
//! The operations of one run are made again three times: the reads alone, the writes alone, and none of them. What
//! the first two send and write more than the last, they do for their operations. Each begins some time after the one
//! before, as operations at one time share messages and disk writes.

use std::collections::BTreeSet;

use rashomon_checker::Time;
use rashomon_results::Occurrence;
use rashomon_workloads::generator::RecordedOp;

use super::{each, leaderless_ms, objects};
use crate::campaign::SeedRange;
use crate::execute::{Keep, noted_operations, run_operations};
use crate::run::drive::Watcher;
use crate::settings::{Driver, Settings};
use crate::subject::Subject;
use crate::trace::Tracer;

/// Operations a second: few, so that each is over before the next begins.
const RATE: u64 = 100;
/// How long they last, in milliseconds, once there is a primary.
const TIME_MS: u64 = 4_000;

/// What an operation costs on average.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Costs {
    /// The objects.
    pub(crate) objects: &'static str,
    /// Messages between nodes for a read.
    pub(crate) messages_per_read: f64,
    /// Messages between nodes for a write.
    pub(crate) messages_per_write: f64,
    /// Disk writes on all nodes for a read.
    pub(crate) syncs_per_read: f64,
    /// Disk writes on all nodes for a write.
    pub(crate) syncs_per_write: f64,
    /// Messages a second without operations.
    pub(crate) messages_by_itself: f64,
    /// Kinds of message that were seen.
    pub(crate) message_kinds: usize,
    /// Kinds of record that were seen.
    pub(crate) record_kinds: usize,
}

/// What was counted in one run.
#[derive(Clone, Debug, Default)]
struct Counted {
    operations: u64,
    messages: u64,
    syncs: u64,
    message_kinds: BTreeSet<String>,
    record_kinds: BTreeSet<String>,
}

/// Counts, in runs of the first seed.
pub(super) fn measure(
    target: &Subject,
    seeds: SeedRange,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Option<Costs>> {
    let first = objects(target).into_iter().next();
    let (Some((kind, objects)), Some(seed)) = (first, each(seeds).next()) else {
        return Ok(None);
    };
    let mut settings = Settings::new(target.clone(), kind, Driver::Simulation, seed);
    (settings.faults, settings.time_ms, settings.rate) = (Vec::new(), TIME_MS, Some(RATE));
    let from_ms = leaderless_ms(target);
    let all = spaced(noted_operations(&settings, watcher)?, from_ms);
    let Some((last, others)) = all.split_last() else { return Ok(None) };
    // The last one keeps each run as long as the others.
    let with = |wanted: &dyn Fn(&RecordedOp) -> bool| {
        let chosen = others.iter().filter(|it| wanted(it));
        chosen.chain([last]).cloned().collect::<Vec<_>>()
    };
    let runs =
        [with(&|_| false), with(&|it| it.op.action.is_read()), with(&|it| !it.op.action.is_read())];
    let [idle, reading, writing] = [
        counted(&settings, &runs[0], watcher)?,
        counted(&settings, &runs[1], watcher)?,
        counted(&settings, &runs[2], watcher)?,
    ];
    let each_of = |run: &Counted, of: fn(&Counted) -> u64| {
        let more = of(run).saturating_sub(of(&idle));
        ratio(more, run.operations.saturating_sub(idle.operations))
    };
    let kinds = |of: fn(&Counted) -> &BTreeSet<String>| {
        [&idle, &reading, &writing].into_iter().flat_map(of).collect::<BTreeSet<_>>().len()
    };
    Ok(Some(Costs {
        objects,
        messages_per_read: each_of(&reading, |it| it.messages),
        messages_per_write: each_of(&writing, |it| it.messages),
        syncs_per_read: each_of(&reading, |it| it.syncs),
        syncs_per_write: each_of(&writing, |it| it.syncs),
        messages_by_itself: ratio(idle.messages * 1000, from_ms + TIME_MS),
        message_kinds: kinds(|it| &it.message_kinds),
        record_kinds: kinds(|it| &it.record_kinds),
    }))
}

/// The same operations one by one, from this time on.
fn spaced(operations: Vec<RecordedOp>, from_ms: u64) -> Vec<RecordedOp> {
    let steps = operations.len().saturating_sub(1).max(1) as u64;
    let at = |step: u64| Time((from_ms + TIME_MS * step / steps) * 1_000_000);
    (0..).zip(operations).map(|(step, it)| RecordedOp { at: at(step), ..it }).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

fn counted(
    settings: &Settings,
    operations: &[RecordedOp],
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Counted> {
    let trace = Tracer::in_memory();
    let keep = Keep { trace: trace.clone(), ..Keep::default() };
    run_operations(settings, operations, keep, watcher)?;
    let mut counted = Counted { operations: operations.len() as u64, ..Counted::default() };
    for line in trace.take_lines() {
        match line.occurrence {
            Occurrence::Sent { what, .. } => {
                counted.messages += 1;
                counted.message_kinds.insert(kind_of(&what));
            }
            Occurrence::Persist { what, .. } => {
                counted.record_kinds.insert(kind_of(&what));
            }
            Occurrence::Durable { .. } => counted.syncs += 1,
            _ => {}
        }
    }
    Ok(counted)
}

/// The name of a message or a record, as its text begins.
fn kind_of(text: &str) -> String {
    let name = text.trim_start_matches(|it: char| !it.is_alphanumeric());
    name.chars().take_while(|it| it.is_alphanumeric() || *it == '_' || *it == '-').collect()
}
