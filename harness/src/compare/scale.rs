//! How much clusters of each size do, where every message and request takes a node some time.

use std::collections::BTreeMap;

use rashomon_checker::k_atomic::Quantiles;
use rashomon_checker::{EventKind, ProcessId, Time};
use rashomon_targets::TargetConfig;
use rashomon_workloads::{Action, Op, Place, RegisterOp};

use super::{each, workload};
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
/// How long the load lasts, in milliseconds, and when counting begins.
const TIME_MS: u64 = 600;
const FROM_MS: u64 = 200;
/// Keys, so that no single one is the limit.
const KEYS: i64 = 60;

/// What a cluster of one size did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScalePoint {
    /// Its nodes.
    pub(crate) nodes: u16,
    /// Reads a second, where nothing else is asked.
    pub(crate) reads_a_second: u64,
    /// How long a read took there, in nanoseconds.
    pub(crate) read_ns: Quantiles,
    /// Writes a second, where nothing else is asked.
    pub(crate) writes_a_second: u64,
    /// How long a write took there, in nanoseconds.
    pub(crate) write_ns: Quantiles,
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
        let mut settings = Settings::new(target, kind, Driver::Simulation, seed);
        (settings.faults, settings.time_ms) = (Vec::new(), TIME_MS);
        settings.processes = CLIENTS * u32::from(nodes);
        let (reads_a_second, read_ns) = load(&settings, |_| RegisterOp::Read, watcher)?;
        let (writes_a_second, write_ns) = load(&settings, RegisterOp::Write, watcher)?;
        points.push(ScalePoint { nodes, reads_a_second, read_ns, writes_a_second, write_ns });
    }
    Ok(points)
}

/// Operations a second, and how long they took, where nothing else is asked.
fn load(
    settings: &Settings,
    asks: impl Fn(i64) -> RegisterOp,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<(u64, Quantiles)> {
    let of_key = |number: i64| Op {
        action: Action::Register(format!("k{}", number % KEYS).into(), asks(number)),
        place: Place::Any,
    };
    let operations: Vec<Op> = (0..KEYS * 17).map(of_key).collect();
    let run = execute_serving(settings, &operations, SERVICE_NS, watcher)?;
    let [from, to] = [FROM_MS, TIME_MS].map(|ms| ms * 1_000_000);
    let mut invoked: BTreeMap<ProcessId, Time> = BTreeMap::new();
    let mut took = Vec::new();
    for event in run.history.events().filter(|event| !event.is_final) {
        if event.kind == EventKind::Invoke {
            invoked.insert(event.process, event.time);
        } else if let Some(at) = invoked.remove(&event.process)
            && event.kind == EventKind::Ok
            && (from..to).contains(&event.time.0)
        {
            took.push(event.time.0 - at.0);
        }
    }
    let a_second = took.len() as u64 * 1000 / (TIME_MS - FROM_MS);
    Ok((a_second, Quantiles::of(took)))
}
