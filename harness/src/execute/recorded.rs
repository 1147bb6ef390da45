//! Runs whose operations and chance are data: see [`Scenario`].

use rashomon_checker::Time;
use rashomon_workloads::generator::RecordedOp;
use rashomon_workloads::{Op, Place};

use super::{Finished, Keep, Simulate, Work, carry_out};
use crate::chance::{Chance, Otherwise};
use crate::fault::Plan;
use crate::judge::Requirement;
use crate::run::drive::{Closing, Stage, Watcher};
use crate::scenario::Scenario;
use crate::settings::{Driver, Settings};
use crate::subject::Subject;
use crate::world::simulation::Odds;

/// Notes the operations of a load, and lets another see the run.
pub(crate) struct Noting<'a> {
    ops: Vec<RecordedOp>,
    watcher: &'a mut dyn Watcher,
}

impl<'a> Noting<'a> {
    pub(crate) fn new(watcher: &'a mut dyn Watcher) -> Self {
        Self { ops: Vec::new(), watcher }
    }

    /// What was noted, in the order of the invocations.
    pub(crate) fn operations(self) -> Vec<RecordedOp> {
        self.ops
    }
}

impl Watcher for Noting<'_> {
    fn behind(&mut self) -> Option<&mut dyn Watcher> {
        Some(self.watcher)
    }

    fn invoked(&mut self, (at, slot): (Time, usize), op: &Op, place: usize, stage: Stage) {
        if stage == Stage::Load {
            let number = u16::try_from(place + 1).expect("nodes are counted by 16 bits");
            let op = Op { action: op.action.clone(), place: Place::Node(number) };
            let slot = u32::try_from(slot).expect("settings allow fewer processes");
            self.ops.push(RecordedOp { at, slot, op });
        }
    }
}

/// The operations of a simulated run without faults.
///
/// # Errors
/// If the settings name no workload, or no target that can be simulated.
pub(crate) fn noted_operations(
    settings: &Settings,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Vec<RecordedOp>> {
    let mut noting = Noting { ops: Vec::new(), watcher };
    let (requirement, plan) = (Requirement::nothing(), Plan::default());
    let work = Work::new(settings, &plan, &requirement)?;
    simulated(work, None, None, Keep::default(), &mut noting)?;
    Ok(noting.ops)
}

/// Runs these operations in simulation, without faults and without a verdict.
///
/// # Errors
/// As [`noted_operations`].
pub(crate) fn run_operations(
    settings: &Settings,
    operations: &[RecordedOp],
    keep: Keep,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Finished> {
    let (requirement, plan) = (Requirement::nothing(), Plan::default());
    let recording = Some((operations, Closing::Nothing));
    let work = Work { recording, ..Work::new(settings, &plan, &requirement)? };
    simulated(work, None, None, keep, watcher)
}

/// Makes a simulated run, which is judged by what is required of it only, and the scenario that is the same run as
/// data. A run that is to stop at a violation does not.
///
/// # Errors
/// If the settings name no workload, or no target that can be simulated.
pub(crate) fn run_noted(
    settings: &Settings,
    plan: &Plan,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<(Finished, Scenario)> {
    let mut settings = settings.clone();
    settings.fail_fast = false;
    let mut noting = Noting::new(watcher);
    let requirement = required(&settings, plan)?;
    let work = Work::new(&settings, plan, &requirement)?;
    let (odds, keep) = (Some(Odds::Streams), Keep::default());
    let mut finished = simulated(work, odds, None, keep, &mut noting)?;
    let chance = Chance {
        key: settings.seed,
        otherwise: Otherwise::Drawn,
        decided: std::mem::take(&mut finished.decided).into(),
    };
    let plan = as_it_went(plan, &finished);
    let closing = Closing::FinalReads;
    let operations = noting.operations();
    Ok((finished, Scenario { settings, plan, operations, closing, chance }))
}

/// The faults that struck, each until it healed. One that waits for a condition does so again, and is aimed as it was
/// when it began to wait.
pub(crate) fn as_it_went(plan: &Plan, finished: &Finished) -> Plan {
    let struck = plan.spans.iter().zip(&finished.driven.spans).filter_map(|(span, outcome)| {
        let (struck, healed) = (outcome.struck?, outcome.healed?);
        let mut span = span.clone();
        if span.once.is_none() {
            span.start = struck;
        }
        span.lasts = Time(healed.0 - span.start.0);
        Some(span)
    });
    Plan { spans: struck.collect() }
}

/// What is required of a run, and nothing beyond.
fn required(settings: &Settings, plan: &Plan) -> anyhow::Result<Requirement> {
    let kind = settings.kind().ok_or_else(|| anyhow::anyhow!("an unknown workload"))?;
    Ok(Requirement::new(settings, kind, &plan.kinds()).alone())
}

/// Runs a scenario in the world that its settings name, and judges it by what is required of it only. On real processes
/// its operations and its faults come at their times, and what chance decided does not count.
///
/// # Errors
/// As [`run_noted`].
pub(crate) fn run_scenario(
    scenario: &Scenario,
    keep: Keep,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Finished> {
    let Scenario { settings, plan, operations, closing, chance } = scenario;
    let requirement = required(settings, plan)?;
    let recording = Some((operations.as_slice(), *closing));
    let work = Work { recording, ..Work::new(settings, plan, &requirement)? };
    if settings.driver == Driver::Cluster {
        return carry_out(work, keep, watcher);
    }
    simulated(work, Some(Odds::Scenario(chance.clone())), None, keep, watcher)
}

/// Runs in simulation, where a node is busy for `service` nanoseconds with every message and request, if that is given.
pub(super) fn simulated(
    work: Work<'_>,
    odds: Option<Odds>,
    service: Option<u64>,
    keep: Keep,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Finished> {
    let Subject::Reference(target) = &work.settings.target else {
        anyhow::bail!("only the built-in targets run in simulation")
    };
    target.family.visit(Simulate { target, work, odds, service, keep, watcher })
}
