//! How much clusters of each size do, where every message and request takes a node some time.

use std::collections::BTreeMap;

use rashomon_checker::k_atomic::Quantiles;
use rashomon_checker::{EventKind, ProcessId, Time};
use rashomon_targets::TargetConfig;
use rashomon_workloads::{Action, Kind, Op, Place, RegisterOp};

use super::{each, leaderless_ms, workload};
use crate::campaign::SeedRange;
use crate::execute::execute_serving;
use crate::run::drive::Watcher;
use crate::settings::{Driver, Settings};
use crate::subject::Subject;

/// The sizes.
pub(crate) const SIZES: [u16; 4] = [3, 5, 7, 9];
/// How long a node is busy with each message and request, in nanoseconds.
pub(crate) const SERVICE_NS: u64 = 100_000;
/// Clients of each node, who ask again as soon as they are answered.
const CLIENTS: u32 = 12;
/// How long after there is a primary counting begins, and how long it lasts until the load ends, in milliseconds.
const WARM_MS: u64 = 200;
const COUNT_MS: u64 = 400;
/// Keys, so that no single one is the limit.
const KEYS: i64 = 60;

/// What a cluster of one size did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScalePoint {
    /// Its nodes.
    pub(crate) nodes: u16,
    /// Reads, where nothing else is asked; none if none was done.
    pub(crate) reads: Option<ScaleLoad>,
    /// Writes, where nothing else is asked.
    pub(crate) writes: Option<ScaleLoad>,
}

/// What was done of one kind of operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScaleLoad {
    /// Operations a second.
    pub(crate) a_second: u64,
    /// How long one took, in nanoseconds.
    pub(crate) took_ns: Quantiles,
}

/// Measures each size at which the design makes sense, with the first seed.
pub(super) fn measure(
    target: &TargetConfig,
    seeds: SeedRange,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Vec<ScalePoint>> {
    let Some(seed) = each(seeds).next() else { return Ok(Vec::new()) };
    let mut points = Vec::new();
    for nodes in SIZES {
        let target = Subject::from(TargetConfig { nodes, ..target.clone() });
        let Some(kind) = workload(&target, "register") else { return Ok(Vec::new()) };
        if target.validate().is_err() || watcher.wants_stop() {
            continue;
        }
        let settings = settings(target, kind, seed);
        let reads = load(&settings, |_| RegisterOp::Read, watcher)?;
        let writes = load(&settings, RegisterOp::Write, watcher)?;
        points.push(ScalePoint { nodes, reads, writes });
    }
    Ok(points)
}

fn settings(target: Subject, kind: Kind, seed: u64) -> Settings {
    let nodes = target.members().len();
    let time_ms = leaderless_ms(&target) + WARM_MS + COUNT_MS;
    let mut settings = Settings::new(target, kind, Driver::Simulation, seed);
    (settings.faults, settings.time_ms) = (Vec::new(), time_ms);
    settings.processes = CLIENTS * u32::try_from(nodes).expect("few nodes");
    settings
}

/// What is done where nothing else is asked.
fn load(
    settings: &Settings,
    asks: impl Fn(i64) -> RegisterOp,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Option<ScaleLoad>> {
    let of_key = |number: i64| Op {
        action: Action::Register(format!("k{}", number % KEYS).into(), asks(number)),
        place: Place::Any,
    };
    let operations: Vec<Op> = (0..KEYS * 17).map(of_key).collect();
    let run = execute_serving(settings, &operations, SERVICE_NS, watcher)?;
    let to = settings.lasts();
    let from = Time(to.0 - COUNT_MS * 1_000_000);
    let mut invoked: BTreeMap<ProcessId, Time> = BTreeMap::new();
    let mut took = Vec::new();
    for event in run.history.events().filter(|event| !event.is_final) {
        if event.kind == EventKind::Invoke {
            invoked.insert(event.process, event.time);
        } else if let Some(at) = invoked.remove(&event.process)
            && event.kind == EventKind::Ok
            && (from..to).contains(&event.time)
        {
            took.push(event.time.0 - at.0);
        }
    }
    let a_second = took.len() as u64 * 1000 / COUNT_MS;
    Ok((!took.is_empty()).then(|| ScaleLoad { a_second, took_ns: Quantiles::of(took) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Quiet;

    impl Watcher for Quiet {}

    #[test]
    fn counting_begins_once_there_is_a_primary() {
        // A coordination service chooses it, which takes longest.
        let mut all = TargetConfig::every(3..=3).into_iter();
        let is_chosen = |it: &TargetConfig| it.flags().join(" ").contains("--failover external");
        let target = Subject::from(all.find(is_chosen).expect("there is one"));
        let kind = workload(&target, "register").expect("it has registers");
        let settings = settings(target, kind, 1);
        let reads = load(&settings, |_| RegisterOp::Read, &mut Quiet).unwrap().unwrap();
        assert!(reads.took_ns.max < WARM_MS * 1_000_000, "none waited for a primary: {reads:?}");
        assert!(reads.a_second > 1_000, "{reads:?}");
    }
}
