//! One run, from settings to judgement.

mod recorded;
mod serving;
mod traced;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use rashomon_checker::linearizability::Options;
use rashomon_checker::{Budget, History};
use rashomon_results::{HistoryWriter, RunFolder, StoreError, TRACE_FILE};
use rashomon_targets::{Protocol, TargetConfig, Visitor};
use rashomon_workloads::generator::RecordedOp;
use rashomon_workloads::{Kind, Op, Seed, Workload};

use crate::chance::Decided;
use crate::client::Router;
use crate::exit::Exit;
use crate::fault::{Plan, draw};
use crate::interrupt;
use crate::judge::{self, Judgement, Outcome, Requirement};
use crate::run::drive::{Closing, Drive, Driven, Ended, Schedule, Watcher};
use crate::run::recorder::{OperationCounts, Recorder};
use crate::settings::{Driver, Settings};
use crate::subject::Subject;
use crate::trace::Tracer;
use crate::world::World;
use crate::world::processes::{Cluster, ClusterOptions, ClusterTrace};
use crate::world::simulation::{Odds, Simulation};
use crate::world::stdio::{Pipes, PipesOptions};
pub(crate) use recorded::{
    Noting, as_it_went, noted_operations, run_noted, run_operations, run_scenario,
};
pub(crate) use serving::execute_serving;
use traced::TracedRun;

/// A run that is over.
#[derive(Debug)]
pub(crate) struct Finished {
    /// What was recorded.
    pub(crate) history: Arc<History>,
    /// What the faults did, and whether the cluster came to rest.
    pub(crate) driven: Driven,
    /// How operations ended.
    pub(crate) tally: OperationCounts,
    /// What is concluded.
    pub(crate) judgement: Judgement,
    /// Real time that judging took.
    pub(crate) judged_in: Duration,
    /// What chance decided, by name, if that was noted.
    pub(crate) decided: Decided,
    /// Why the trace is not whole, if the disk did not take all of it. No verdict is made from it.
    pub(crate) trace_failed: Option<StoreError>,
}

impl Finished {
    /// Judges a run. Where judging is asked to stop, it may have ended early for that.
    pub(crate) fn of(
        history: Arc<History>,
        mut driven: Driven,
        asked: &judge::Asked,
        stops: &mut dyn FnMut() -> bool,
    ) -> Self {
        let started = Instant::now();
        let mut judgement = judge::judge(asked, &history, &driven);
        let judged_in = started.elapsed();
        if driven.ended == Ended::InTime && stops() {
            driven.ended = Ended::Interrupted { at: driven.end };
            judgement.doubts.push(judge::interrupted(driven.end));
        }
        let counts = history.counts();
        let tally = OperationCounts {
            invoked: history.len() as u64,
            ok: counts.ok,
            fail: counts.fail,
            info: counts.indeterminate,
        };
        Self {
            history,
            driven,
            tally,
            judgement,
            judged_in,
            decided: Decided::new(),
            trace_failed: None,
        }
    }

    /// What the program ends with: an anomaly counts however the run ended.
    pub(crate) fn exit(&self) -> Exit {
        match (self.judgement.outcome(), self.driven.ended) {
            (Outcome::Violation, _) => Exit::Violation,
            (_, Ended::Interrupted { .. }) => Exit::Interrupted,
            (Outcome::Unknown, _) => Exit::Unknown,
            (Outcome::Valid, _) => Exit::Valid,
        }
    }
}

/// Where a run is kept, if it is.
#[derive(Debug, Default)]
pub(crate) struct Keep {
    /// The history's file.
    pub(crate) history: Option<HistoryWriter>,
    /// Where real nodes have their folders.
    pub(crate) nodes: PathBuf,
    /// The first client port of real nodes.
    pub(crate) base_port: Option<u16>,
    /// Is shown what happens.
    pub(crate) trace: Tracer,
}

impl Keep {
    /// In a run's folder.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn in_folder(folder: &RunFolder, base_port: Option<u16>) -> anyhow::Result<Self> {
        let history = Some(folder.history()?);
        // Node processes have another working directory in mind than a relative path has.
        let path = folder.path().canonicalize().context("find the run's folder")?;
        let trace = Tracer::to_file(&path.join(TRACE_FILE))?;
        Ok(Self { history, nodes: path.join("nodes"), base_port, trace })
    }
}

/// The plan that the settings' seed draws.
pub(crate) fn plan(settings: &Settings) -> Plan {
    draw(Seed(settings.seed).stream("plan"), &settings.menu())
}

/// Runs and judges.
///
/// # Errors
/// If the cluster does not start, or the history cannot be written. An anomaly is no error.
pub(crate) fn execute(
    settings: &Settings,
    plan: &Plan,
    keep: Keep,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Finished> {
    let kind = settings.kind().context("an unknown workload")?;
    let requirement = Requirement::new(settings, kind, &plan.kinds());
    execute_asking(&requirement, settings, plan, keep, watcher)
}

/// Runs, and judges by this.
///
/// # Errors
/// As [`execute`].
pub(crate) fn execute_asking(
    requirement: &Requirement,
    settings: &Settings,
    plan: &Plan,
    keep: Keep,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Finished> {
    carry_out(Work::new(settings, plan, requirement)?, keep, watcher)
}

/// Runs in the world that the settings name, and judges.
fn carry_out(work: Work<'_>, keep: Keep, watcher: &mut dyn Watcher) -> anyhow::Result<Finished> {
    let settings = work.settings;
    let rashomon = || std::env::current_exe().context("find this program's own file");
    match (settings.driver, &settings.target) {
        (Driver::Simulation, Subject::Reference(target)) => {
            target.family.visit(Simulate { target, work, odds: None, service: None, keep, watcher })
        }
        (Driver::Simulation, Subject::Maelstrom(_)) => {
            anyhow::bail!("your own program runs as processes only; leave out --sim")
        }
        (_, Subject::Own(_)) => {
            anyhow::bail!(settings.target.check_runs_here().err().unwrap_or_default())
        }
        (Driver::Cluster, Subject::Maelstrom(program)) => {
            let options = PipesOptions {
                rashomon: rashomon()?,
                command: program.words.clone(),
                nodes: program.nodes,
                folder: keep.nodes.clone(),
                seed: world_seed(settings),
                pace: settings.pace(),
                trace: keep.trace.clone(),
            };
            let mut world = Pipes::start(&options).context("start the programs")?;
            run_in(&mut world, &work, keep, watcher)
        }
        (Driver::Cluster, Subject::Reference(target)) => {
            let options = ClusterOptions {
                program: rashomon()?,
                members: settings.members(),
                target,
                folder: keep.nodes.clone(),
                base_port: keep.base_port,
                seed: world_seed(settings),
                pace: settings.pace(),
                shown_to: target.family.visit(ClusterTraceOf(keep.trace.clone())),
            };
            let mut world = Cluster::start(&options).context("start the cluster")?;
            run_in(&mut world, &work, keep, watcher)
        }
    }
}

/// The seed from which all random numbers of a world are split.
pub(crate) fn world_seed(settings: &Settings) -> Seed {
    Seed(settings.seed).stream("world")
}

/// Runs in simulation.
struct Simulate<'a> {
    target: &'a TargetConfig,
    work: Work<'a>,
    odds: Option<Odds>,
    /// How long a node is busy with each message and request, in nanoseconds.
    service: Option<u64>,
    keep: Keep,
    watcher: &'a mut dyn Watcher,
}

impl Visitor for Simulate<'_> {
    type Out = anyhow::Result<Finished>;

    fn visit<P: Protocol>(self, protocol: &P::Settings) -> Self::Out {
        let config = (protocol.clone(), self.target.bugs.clone());
        let (nodes, seed) = (self.target.nodes, world_seed(self.work.settings));
        let trace = self.keep.trace.clone();
        let mut world = Simulation::<P>::with_odds(config, nodes, seed, trace, self.odds);
        if let Some(each) = self.service {
            world.serve_in(each);
        }
        let finished = run_in(&mut world, &self.work, self.keep, self.watcher)?;
        Ok(Finished { decided: world.decided(), ..finished })
    }
}

/// What nodes of a family say, shown to a trace.
struct ClusterTraceOf(Tracer);

impl Visitor for ClusterTraceOf {
    type Out = ClusterTrace;

    fn visit<P: Protocol>(self, _protocol: &P::Settings) -> ClusterTrace {
        ClusterTrace::to::<P>(self.0)
    }
}

/// What is to be run, and asked of it.
pub(crate) struct Work<'a> {
    settings: &'a Settings,
    kind: Kind,
    plan: &'a Plan,
    requirement: &'a Requirement,
    /// The operations, and what comes after them, where the settings do not say.
    recording: Option<(&'a [RecordedOp], Closing)>,
    /// Operations that are asked for round and round, in place of the workload's own.
    repeating: Option<&'a [Op]>,
}

impl<'a> Work<'a> {
    /// A run of these settings.
    ///
    /// # Errors
    /// If they name no workload that there is.
    pub(crate) fn new(
        settings: &'a Settings,
        plan: &'a Plan,
        requirement: &'a Requirement,
    ) -> anyhow::Result<Self> {
        let kind = settings.kind().context("an unknown workload")?;
        Ok(Self { settings, kind, plan, requirement, recording: None, repeating: None })
    }
}

/// Runs in a world that has just started, and judges.
///
/// # Errors
/// If the history cannot be written.
pub(crate) fn run_in<W: World>(
    world: &mut W,
    work: &Work<'_>,
    keep: Keep,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Finished> {
    let &Work { settings, kind, plan, requirement, recording, repeating } = work;
    let mut recorder = Recorder::new(keep.history);
    if let Some(model) = judge::model(requirement, kind).filter(|_| settings.fail_fast) {
        recorder.watch(model);
    }
    if let Some(regions) = settings.regions {
        world.lengthen(&regions.links(&world.members()), regions.across());
    }
    let mut workload = match (recording, repeating) {
        (None, None) => settings.workload(kind, plan),
        (None, Some(ops)) => {
            let seed = Seed(settings.seed).stream("workload");
            Workload::repeating(kind, seed, ops.to_vec(), settings.lasts())
        }
        (Some((ops, _)), _) => Workload::recorded(kind, ops.to_vec(), plan.end()),
    };
    let profile = settings.target.profile();
    let slots = settings.processes as usize;
    let seed = Seed(settings.seed).stream("router");
    let router = Router::new(&profile, &world.members(), slots, seed);
    let usual = Closing::usual(&settings.target);
    let closing = recording.map_or(usual, |(_, closing)| closing);
    let asked = Schedule { plan, processes: settings.processes, pace: settings.pace(), closing };
    let before = interrupt::signals();
    let mut watcher = TracedRun { trace: &keep.trace, watcher };
    let driven =
        Drive::new(world, &mut recorder, router, &mut watcher, asked).run(&mut workload)?;
    // The history first: the run is judged by it, and a trace that lacks something ends no run.
    let history = Arc::new(recorder.finish()?);
    let trace_failed = keep.trace.finish(driven.end.0).err();
    let heeded = heeded(driven.ended, [before, interrupt::signals()]);
    let budget = Budget { stop: Some(interrupt::after(heeded)), ..Budget::default() };
    let asked = judge::Asked {
        kind,
        requirement: requirement.clone(),
        options: Options { budget, ..Options::default() },
    };
    let finished = Finished::of(history, driven, &asked, &mut || watcher.wants_stop());
    Ok(Finished { trace_failed, ..finished })
}

/// How many of the signals that came `before` the run and until `now` it has answered. One that ended
/// the load asks for a verdict. One that did not, as the load had ended by itself or at a violation, has
/// not been answered yet: it ends judging.
fn heeded(ended: Ended, [before, now]: [u64; 2]) -> u64 {
    match ended {
        Ended::Interrupted { .. } => now,
        Ended::InTime | Ended::Violation { .. } => before,
    }
}

#[cfg(test)]
mod effort;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod spoilt;
#[cfg(test)]
mod staleness;
#[cfg(test)]
mod tests;
