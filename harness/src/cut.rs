//! Runs that cut one node off for six seconds, for measuring what each side does meanwhile.
//!
//! Their plans are files, which `rashomon run --faults FILE` takes as well.

use rashomon_targets::NodeId;
use rashomon_workloads::Kind;

use crate::availability::{CutServed, served_across_cuts};
use crate::execute::{self, Finished, Keep};
use crate::fault::Plan;
use crate::judge::Requirement;
use crate::run::drive::Watcher;
use crate::settings::{Driver, Settings};
use crate::subject::Subject;

/// The nanoseconds that a cluster has to take over after a cut, before it is measured.
pub(crate) const GRACE: u64 = 2_000_000_000;
/// How long the load lasts, in milliseconds.
const TIME_MS: u64 = 10_000;

/// Which node is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LoneNode {
    /// The primary.
    Primary,
    /// The third node.
    Third,
}

impl LoneNode {
    /// Those that can be cut off from a target.
    pub(crate) fn of(target: &Subject) -> Vec<Self> {
        let third = (target.members().len() >= 3).then_some(Self::Third);
        let primary = target.profile().has_primary().then_some(Self::Primary);
        primary.into_iter().chain(third).collect()
    }

    /// What is said of it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Primary => "the primary alone",
            Self::Third => "n3 alone",
        }
    }

    /// The name of the file of its plan.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Primary => "harness/plans/lone-primary.json",
            Self::Third => "harness/plans/lone-node.json",
        }
    }

    /// The plan.
    pub(crate) fn plan(self) -> Plan {
        plan(match self {
            Self::Primary => include_str!("../plans/lone-primary.json"),
            Self::Third => include_str!("../plans/lone-node.json"),
        })
    }
}

/// The plan in the text of a file of this repository, for a cluster of three nodes at least.
pub(crate) fn plan(text: &str) -> Plan {
    let plan: Plan = serde_json::from_str(text).expect("a test reads it");
    plan.checked(&[1, 2, 3].map(NodeId)).expect("a test checks it")
}

/// The settings of such a run.
pub(crate) fn settings(target: &Subject, kind: Kind, seed: u64) -> Settings {
    let mut settings = Settings::new(target.clone(), kind, Driver::Simulation, seed);
    settings.faults = Vec::new();
    settings.time_ms = TIME_MS;
    settings.rate = Some(400);
    settings
}

/// The command that makes it again, in a clone of the repository.
pub(crate) fn command(settings: &Settings, lone: LoneNode) -> String {
    command_under(settings, lone.file())
}

/// The command that makes a run under the plan of this file again, in a clone of the repository.
pub(crate) fn command_under(settings: &Settings, file: &str) -> String {
    let command = settings.command().unwrap_or_default();
    command.replacen("--faults none", &format!("--faults {file}"), 1)
}

/// Makes such a run.
///
/// # Errors
/// If a simulated cluster does not start.
pub(crate) fn run(
    settings: &Settings,
    lone: LoneNode,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Finished> {
    let nothing = Requirement::nothing();
    execute::execute_asking(&nothing, settings, &lone.plan(), Keep::default(), watcher)
}

/// What each side did, once it had time to take over.
pub(crate) fn served(finished: &Finished, settings: &Settings) -> CutServed {
    let times = [GRACE, settings.pace().patience];
    served_across_cuts(&finished.history, &finished.driven.spans, times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plans_cut_a_node_off_for_longer_than_it_takes_to_measure() {
        for lone in [LoneNode::Primary, LoneNode::Third] {
            let plan = lone.plan();
            let [span] = plan.spans.as_slice() else { panic!("{plan:?}") };
            assert_eq!(span.kind(), crate::claims::CUT.name());
            assert!(
                span.lasts.0 > 2 * GRACE && (span.start.0 + span.lasts.0) / 1_000_000 < TIME_MS
            );
            let path = format!("{}/../{}", env!("CARGO_MANIFEST_DIR"), lone.file());
            assert!(std::path::Path::new(&path).is_file(), "{path}");
        }
    }
}
