//! The runs of a harness: the same way as those of `rashomon run`.

use std::path::Path;

use anyhow::Context;
use rashomon_results::RunFolder;

use super::caught::{Caught, unless_node_panics};
use super::load::Load;
use super::process::BornWith;
use super::report::{Ran, Report};
use super::{HarnessError, OwnNode, Target};
use crate::execute::{self, Keep, Work};
use crate::judge::Requirement;
use crate::parallel::{Each, all_cores, up_to_first};
use crate::record::{self, Told};
use crate::run::drive::Watcher;
use crate::settings::{Driver, Settings};
use crate::subject::Subject;
use crate::world::processes::{Cluster, ClusterOptions, ClusterTrace};
use crate::world::simulation::Simulation;
use crate::{identity, kept};

/// A run without progress output.
struct Nobody;

impl Watcher for Nobody {}

/// The runs of a harness.
pub(super) struct Runs<'a, N: OwnNode> {
    load: &'a Load,
    target: &'a Target<N>,
    /// Of the first run.
    settings: Settings,
}

impl<'a, N: OwnNode> Runs<'a, N> {
    /// # Errors
    /// If the settings contradict each other.
    pub(super) fn new(load: &'a Load, target: &'a Target<N>) -> Result<Self, HarnessError> {
        let subject = Subject::Own(Box::new(target.described()?));
        subject.validate().map_err(HarnessError::Settings)?; // Other settings follow from it.
        let driver = if load.program.is_some() { Driver::Cluster } else { Driver::Simulation };
        let mut settings = Settings::new(subject, load.workload, driver, *load.seeds.start());
        settings.faults.clone_from(&load.faults);
        settings.time_ms = load.time_ms;
        settings.ops = load.ops;
        settings.require = load.require.iter().map(|check| check.name().to_owned()).collect();
        settings.processes = load.clients.unwrap_or(settings.processes);
        settings.keys = load.keys.unwrap_or(settings.keys);
        settings.validate().map_err(HarnessError::Settings)?;
        Ok(Self { load, target, settings })
    }

    /// Makes them all, up to the first that ends them.
    ///
    /// # Errors
    /// If a run cannot be made or kept.
    pub(super) fn all(&self) -> Result<Report, HarnessError> {
        let (first, last) = (*self.load.seeds.start(), *self.load.seeds.end());
        let count = if self.load.seeds.is_empty() { 0 } else { (last - first).saturating_add(1) };
        let each = Each {
            run: |number| self.one(first + number),
            ends: |ran: &Result<Ran, HarnessError>| {
                !self.load.goes_on && ran.as_ref().map_or(true, Ran::ends)
            },
            stop: || false,
        };
        // Real clusters one after another: they share the machine's time.
        let threads = if self.load.program.is_some() { 1 } else { all_cores() };
        let mut report = Report::new(self.load.unknown_allowed);
        for ran in up_to_first(count, threads, &each).into_values() {
            report.add(ran?);
        }
        Ok(report)
    }

    /// One run. It is kept if there is a store, in simulation only if there is something to report about
    /// it: then it is made again.
    fn one(&self, seed: u64) -> Result<Ran, HarnessError> {
        let settings = self.settings.with_seed(seed);
        let store = self.load.store.as_deref();
        let ran = if let Some(program) = &self.load.program {
            self.process_run(&settings, program, store)?
        } else {
            let ran = self.simulated(&settings, None)?;
            match (&ran, store) {
                (Ran::Violation(_) | Ran::Unknown(_, Some(_)), Some(store)) => {
                    self.simulated(&settings, Some(store))?
                }
                _ => ran,
            }
        };
        if let Some(told) = &self.load.told {
            told(&ran);
        }
        Ok(ran)
    }

    fn simulated(&self, settings: &Settings, store: Option<&Path>) -> anyhow::Result<Ran> {
        let seed = settings.seed;
        let run = || {
            self.in_world(settings, store, |keep| {
                let (config, nodes) = (self.target.config.clone(), self.target.nodes);
                let (seed, trace) = (execute::world_seed(settings), keep.trace.clone());
                Ok(Simulation::<Caught<N>>::traced(config, nodes, seed, trace))
            })
        };
        unless_node_panics(run).unwrap_or_else(|words| Ok(Ran::panicked(seed, &words)))
    }

    fn process_run(
        &self,
        settings: &Settings,
        program: &Path,
        store: Option<&Path>,
    ) -> anyhow::Result<Ran> {
        let Subject::Own(target) = &settings.target else {
            unreachable!("these are the settings of a node of another crate")
        };
        self.in_world(settings, store, |keep| {
            Cluster::start(&ClusterOptions {
                program: program.to_owned(),
                members: settings.members(),
                target: BornWith { config: target.config.clone() },
                folder: keep.nodes.clone(),
                base_port: None,
                seed: execute::world_seed(settings),
                pace: settings.pace(),
                shown_to: ClusterTrace::to::<Caught<N>>(keep.trace.clone()),
            })
            .context("start the cluster")
        })
    }

    /// A run in the world that `start` makes; it is given where the run is kept.
    fn in_world<W: crate::world::World>(
        &self,
        settings: &Settings,
        store: Option<&Path>,
        start: impl FnOnce(&Keep) -> anyhow::Result<W>,
    ) -> anyhow::Result<Ran> {
        let plan = execute::plan(settings);
        let folder: Option<RunFolder> =
            store.map(|store| kept::begin(store, settings, &plan)).transpose()?;
        let (keep, _gone_after) = match &folder {
            Some(folder) => (Keep::in_folder(folder, None)?, None),
            None if settings.driver == Driver::Cluster => {
                let nodes = tempfile::tempdir().context("make a folder for the nodes")?;
                let keep = Keep { nodes: nodes.path().to_owned(), ..Keep::default() };
                (keep, Some(nodes))
            }
            None => (Keep::default(), None),
        };
        let requirement = Requirement::new(settings, self.load.workload, &plan.kinds());
        let work = Work::new(settings, &plan, &requirement)?;
        let mut world = start(&keep)?;
        let finished = execute::run_in(&mut world, &work, keep, &mut Nobody)?;
        let build =
            if folder.is_some() { identity::build_with_canary() } else { identity::build() };
        let record = record::record(Told {
            build,
            settings,
            finished: &finished,
            folder: folder.as_ref().map(|folder| folder.path().display().to_string()),
            plan_is_drawn: true,
        });
        if let Some(folder) = &folder {
            kept::end(folder, &record)?;
        }
        Ok(Ran::of(record))
    }
}
