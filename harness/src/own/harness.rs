//! The description of runs.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use rashomon_checker::Consistency;
use rashomon_targets::{Claim, FaultKind, PlantedBug, Profile};
use rashomon_workloads::Kind;

use super::load::Load;
use super::report::{Ran, Report};
use super::runs::Runs;
use super::{HarnessError, OwnNode, Target};

/// Runs of a node of your own: the node, the workload, the faults and the seeds.
///
/// Everything except the node has a default: one simulated run of three nodes from seed 1, the
/// register workload, at most 1,000 operations in 8 seconds, partitions and kills; required are
/// linearizability, durability and convergence.
#[must_use = "nothing runs before .run()"]
pub struct Harness<T = NoTarget> {
    load: Load,
    target: T,
}

/// The node is not chosen yet.
#[derive(Clone, Copy, Debug)]
pub struct NoTarget;

impl Default for Harness {
    fn default() -> Self {
        Self::new()
    }
}

impl Harness {
    /// Runs of a node that is still to be named.
    pub fn new() -> Self {
        Self { load: Load::default(), target: NoTarget }
    }

    /// Of clusters of this node, each created with this configuration.
    pub fn target<N: OwnNode>(self, config: N::Config) -> Harness<Target<N>> {
        Harness { load: self.load, target: Target::new(config) }
    }
}

impl<T> Harness<T> {
    /// The workload. The node's [profile](Harness::profile) must offer it.
    pub fn workload(mut self, workload: Kind) -> Self {
        self.load.workload = workload;
        self
    }

    /// The kinds of fault that each seed draws its plan from; none: an undisturbed cluster.
    pub fn faults(mut self, faults: impl IntoIterator<Item = FaultKind>) -> Self {
        self.load.faults = faults.into_iter().collect();
        self
    }

    /// How long the load lasts, in the run's own time. Faults are spread over it.
    pub fn time(mut self, time: Duration) -> Self {
        self.load.time_ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self
    }

    /// At most this number of operations in a run, spread over its time.
    pub fn ops(mut self, ops: u64) -> Self {
        self.load.ops = Some(ops);
        self
    }

    /// Concurrent client processes; four for each node by default.
    pub fn clients(mut self, clients: u32) -> Self {
        self.load.clients = Some(clients);
        self
    }

    /// Keys in use at a time; those of the profile by default.
    pub fn keys(mut self, keys: u32) -> Self {
        self.load.keys = Some(keys);
        self
    }

    /// What to require instead of what the node claims.
    pub fn require(mut self, checks: impl IntoIterator<Item = Consistency>) -> Self {
        self.load.require = checks.into_iter().collect();
        self
    }

    /// One run, from this seed.
    pub fn seed(self, seed: u64) -> Self {
        self.seeds(seed..=seed)
    }

    /// A run from each of these seeds, up to the first violation.
    pub fn seeds(mut self, seeds: RangeInclusive<u64>) -> Self {
        self.load.seeds = seeds;
        self
    }

    /// Continues after a violation.
    pub fn keep_going(mut self) -> Self {
        self.load.goes_on = true;
        self
    }

    /// The number of runs that may be unknown, such as those in which a fault had no effect.
    pub fn allow_unknown(mut self, runs: u64) -> Self {
        self.load.unknown_allowed = runs;
        self
    }

    /// Real processes instead of the simulation, each of them this program, whose `main` is
    /// [`node_main`](crate::node_main): `env!("CARGO_BIN_EXE_name")` in an integration test.
    pub fn processes(mut self, program: impl Into<PathBuf>) -> Self {
        self.load.program = Some(program.into());
        self
    }

    /// Keeps runs below this folder, as `rashomon run --store` does: of real processes all, of
    /// simulated ones those that are not valid. `rashomon check RUN` judges a kept run again.
    pub fn store(mut self, folder: impl Into<PathBuf>) -> Self {
        self.load.store = Some(folder.into());
        self
    }

    /// Is called after each run, from whichever thread made it: for progress.
    pub fn each(mut self, told: impl Fn(&Ran) + Send + Sync + 'static) -> Self {
        self.load.told = Some(Box::new(told));
        self
    }
}

impl<N: OwnNode> Harness<Target<N>> {
    /// Its name in reports; the name of its type by default.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.target.name = name.into();
        self
    }

    /// The number of nodes in a cluster, 1 to 64; 3 by default.
    pub fn nodes(mut self, nodes: u16) -> Self {
        self.target.nodes = nodes;
        self
    }

    /// The operations it offers, the nodes that take reads and writes, whether there is a primary,
    /// and its
    /// timeouts; [`Profile::of_equals`] by default.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.target.profile = Some(profile);
        self
    }

    /// What it promises, and under which faults: that is required of its runs.
    pub fn claim(mut self, claim: Claim) -> Self {
        self.target.claim = Some(claim);
        self
    }

    /// Plants a mistake that the node has a switch for, and names it in reports.
    pub fn plant(mut self, bug: PlantedBug, switch: impl FnOnce(&mut N::Config)) -> Self {
        self.target.bugs.push(bug);
        switch(&mut self.target.config);
        self
    }

    /// Makes the runs, on all cores in simulation, one after another with real processes. Prints
    /// nothing.
    ///
    /// # Errors
    /// If the request is invalid, a program does not start, or a run cannot be kept.
    pub fn run(&self) -> Result<Report, HarnessError> {
        Runs::new(&self.load, &self.target)?.all()
    }
}
