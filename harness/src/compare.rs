//! Designs side by side, each row measured: who takes what, what it costs, what is kept and what is served under
//! faults, and how much is done as replicas are added. All of it in simulation, so that it is the same on every machine.

mod costs;
mod kept;
mod outage;
mod scale;
mod served;
mod siblings;
mod size;
mod stale;
mod takers;

use rashomon_targets::{Leadership, TargetConfig};
use rashomon_workloads::Kind;

use crate::campaign::SeedRange;
use crate::run::drive::Watcher;
use crate::settings::fitting;
use crate::subject::Subject;

pub(crate) use costs::Costs;
pub(crate) use kept::KeptModels;
pub(crate) use outage::{DeadNode, Outage, OutageTimes};
pub(crate) use scale::{SERVICE_NS, SIZES, ScaleLoad, ScalePoint};
pub(crate) use served::CutFigures;
pub(crate) use siblings::Siblings;
pub(crate) use size::DesignSize;
pub(crate) use stale::{StaleFigures, StaleReads};
pub(crate) use takers::Takers;

/// Something that is measured of a design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measurement {
    /// Which nodes take reads and writes, and what roles they have.
    Takers,
    /// Messages and disk writes of an operation.
    Costs,
    /// The strongest models that survive.
    Kept,
    /// What each side of a partition serves.
    Served,
    /// How long nothing is served after a primary has died.
    Outage,
    /// How stale reads are.
    Stale,
    /// What becomes of concurrent writes.
    Siblings,
    /// How much is done by clusters of each size.
    Scale,
}

impl Measurement {
    /// All of them, the longest first.
    pub(crate) const ALL: [Self; 8] = [
        Self::Scale,
        Self::Kept,
        Self::Served,
        Self::Outage,
        Self::Stale,
        Self::Siblings,
        Self::Costs,
        Self::Takers,
    ];
}

/// A design, and what was measured of it. What does not apply to it, or was not measured, is absent.
#[derive(Clone, Debug)]
pub(crate) struct ComparedDesign {
    /// The configuration.
    pub(crate) target: TargetConfig,
    /// Its size as a program.
    pub(crate) size: DesignSize,
    /// Which nodes take reads and writes.
    pub(crate) takers: Option<Takers>,
    /// Messages and disk writes of an operation.
    pub(crate) costs: Option<Costs>,
    /// The strongest models that survive.
    pub(crate) kept: Option<KeptModels>,
    /// What each side of a partition serves, for each node that was cut off.
    pub(crate) served: Vec<CutFigures>,
    /// How long nothing is served after a primary has died.
    pub(crate) outage: Option<Outage>,
    /// How stale reads are.
    pub(crate) stale: Option<StaleFigures>,
    /// What becomes of concurrent writes.
    pub(crate) siblings: Option<Siblings>,
    /// How much is done by clusters of each size.
    pub(crate) scale: Vec<ScalePoint>,
}

/// The result of one measurement.
#[derive(Clone, Debug)]
pub(crate) enum Measured {
    /// See [`Measurement::Takers`].
    Takers(Option<Takers>),
    /// See [`Measurement::Costs`].
    Costs(Option<Costs>),
    /// See [`Measurement::Kept`].
    Kept(Option<KeptModels>),
    /// See [`Measurement::Served`].
    Served(Vec<CutFigures>),
    /// See [`Measurement::Outage`].
    Outage(Option<Outage>),
    /// See [`Measurement::Stale`].
    Stale(Option<StaleFigures>),
    /// See [`Measurement::Siblings`].
    Siblings(Option<Siblings>),
    /// See [`Measurement::Scale`].
    Scale(Vec<ScalePoint>),
}

impl ComparedDesign {
    /// A design that was not measured yet.
    pub(crate) fn new(target: TargetConfig) -> Self {
        Self {
            size: DesignSize::of(&target),
            target,
            takers: None,
            costs: None,
            kept: None,
            served: Vec::new(),
            outage: None,
            stale: None,
            siblings: None,
            scale: Vec::new(),
        }
    }

    /// Takes note of a measurement.
    pub(crate) fn take(&mut self, measured: Measured) {
        match measured {
            Measured::Takers(it) => self.takers = it,
            Measured::Costs(it) => self.costs = it,
            Measured::Kept(it) => self.kept = it,
            Measured::Served(it) => self.served = it,
            Measured::Outage(it) => self.outage = it,
            Measured::Stale(it) => self.stale = it,
            Measured::Siblings(it) => self.siblings = it,
            Measured::Scale(it) => self.scale = it,
        }
    }
}

/// Measures something of a design; nothing if it was stopped.
///
/// # Errors
/// If a run cannot be made.
pub(crate) fn measure(
    target: &TargetConfig,
    what: Measurement,
    seeds: SeedRange,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Option<Measured>> {
    let subject = Subject::from(target.clone());
    let measured = match what {
        Measurement::Takers => Measured::Takers(takers::measure(&subject, seeds, watcher)?),
        Measurement::Costs => Measured::Costs(costs::measure(&subject, seeds, watcher)?),
        Measurement::Kept => Measured::Kept(kept::measure(target, seeds, watcher)?),
        Measurement::Served => Measured::Served(served::measure(&subject, seeds, watcher)?),
        Measurement::Outage => Measured::Outage(outage::measure(&subject, seeds, watcher)?),
        Measurement::Stale => Measured::Stale(stale::measure(&subject, seeds, watcher)?),
        Measurement::Siblings => Measured::Siblings(siblings::measure(&subject, seeds, watcher)?),
        Measurement::Scale => Measured::Scale(scale::measure(target, seeds, watcher)?),
    };
    Ok((!watcher.wants_stop()).then_some(measured))
}

/// The workload of this name, if the target offers what it asks for.
fn workload(target: &Subject, name: &str) -> Option<Kind> {
    fitting(target).into_iter().find(|kind| kind.name() == name)
}

/// The name of objects that are counters.
const COUNTERS: &str = "counters";

/// The workloads that measure objects, each with the name of the objects: the first of registers that the target
/// takes, and one of counters.
fn objects(target: &Subject) -> Vec<(Kind, &'static str)> {
    let all = [("register", "registers"), ("siblings", "registers"), ("counter", COUNTERS)];
    let mut found: Vec<(Kind, &'static str)> = Vec::new();
    for (name, objects) in all {
        if found.iter().all(|(_, known)| *known != objects) {
            found.extend(workload(target, name).map(|kind| (kind, objects)));
        }
    }
    found
}

/// How long a cluster may have no primary after its start, in milliseconds.
fn leaderless_ms(target: &Subject) -> u64 {
    match target.profile().leadership {
        Leadership::Taken { within } => within / 1_000_000,
        Leadership::None | Leadership::Fixed => 0,
    }
}

/// Each seed of a range.
fn each(seeds: SeedRange) -> impl Iterator<Item = u64> {
    seeds.first..seeds.first + seeds.count
}
