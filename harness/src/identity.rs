//! Which program this is: what a run must have in common with another to be the same run.
//!
//! The canary is a checksum of the histories of [`RUNS`] small simulated runs of every family,
//! workload and kind of fault. It is computed once a process, and only where a run is kept: it takes
//! milliseconds, but a program that only lists or judges should not take them.

use std::sync::OnceLock;

use rashomon_checker::Event;
use rashomon_checker::formats::json;
use rashomon_results::BuildRecord;
use rashomon_targets::{FaultKind, TargetConfig};
use rashomon_workloads::Kind;

use crate::execute::{self, Keep};
use crate::judge::Requirement;
use crate::run::drive::Watcher;
use crate::settings::{self, Driver, Settings};
use crate::subject::USUAL_FAULTS;

/// How many runs the canary is made of.
const RUNS: u16 = 64;
/// Operations of each.
const OPERATIONS: u64 = 24;
/// How long each lasts, in milliseconds.
const LASTS: u64 = 250;

/// The version, commit and machine of this program, without its canary.
pub(crate) fn build() -> BuildRecord {
    BuildRecord {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: option_env!("RASHOMON_COMMIT").map(str::to_owned),
        dirty: option_env!("RASHOMON_DIRTY").map(|dirty| dirty == "true"),
        target: env!("RASHOMON_TARGET").to_owned(),
        canary: None,
    }
}

/// The same with its canary.
pub(crate) fn build_with_canary() -> BuildRecord {
    static CANARY: OnceLock<String> = OnceLock::new();
    BuildRecord { canary: Some(CANARY.get_or_init(canary).clone()), ..build() }
}

/// A checksum of every event of the runs, in the order of their numbers.
fn canary() -> String {
    let mut sum = Sum { hasher: crc32fast::Hasher::new(), line: String::new() };
    for settings in runs() {
        let plan = execute::plan(&settings);
        let keep = Keep::default();
        execute::execute_asking(&Requirement::nothing(), &settings, &plan, keep, &mut sum)
            .expect("a simulated run that is not kept meets no system that could fail");
    }
    format!("{:08x}", sum.hasher.finalize())
}

/// The settings of the runs: families and the workloads that fit them by turns, each time with another
/// configuration of the family.
fn runs() -> Vec<Settings> {
    let targets = TargetConfig::every(3..=3);
    let turns = turns(&targets);
    let run = |number: u16| {
        let (family, kind) = turns[usize::from(number) % turns.len()];
        // A step that meets every configuration before it comes back to one.
        let at = usize::from(number) / turns.len() * 37 % family.len();
        settings(&family[at], kind, number)
    };
    (0..RUNS).map(run).collect()
}

/// Families, each with each of the workloads that fit it.
fn turns(targets: &[TargetConfig]) -> Vec<(&[TargetConfig], Kind)> {
    let families = targets.chunk_by(|one, next| one.name() == next.name());
    let fitting = |family: &[TargetConfig]| settings::fitting(&family[0].clone().into());
    families.flat_map(|it| fitting(it).into_iter().map(move |kind| (it, kind))).collect()
}

/// The settings of one of the runs.
fn settings(target: &TargetConfig, kind: Kind, number: u16) -> Settings {
    let mut settings = Settings::new(target.clone(), kind, Driver::Simulation, u64::from(number));
    let unusual = FaultKind::ALL.into_iter().filter(|kind| !USUAL_FAULTS.contains(kind));
    let in_turn = unusual.cycle().nth(usize::from(number));
    settings.faults = USUAL_FAULTS.into_iter().chain(in_turn).collect();
    settings.time_ms = LASTS;
    settings.ops = Some(OPERATIONS);
    settings.processes = 4;
    settings
}

/// Sums up events.
struct Sum {
    hasher: crc32fast::Hasher,
    line: String,
}

impl Watcher for Sum {
    fn recorded(&mut self, event: &Event) {
        self.line.clear();
        json::push_event(&mut self.line, event);
        self.hasher.update(self.line.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canary_is_the_same_whenever_it_is_computed_and_sees_every_family_workload_and_fault() {
        let begun = std::time::Instant::now();
        assert_eq!(canary(), canary());
        println!("two canaries in {:?}", begun.elapsed());
        let runs = runs();
        for target in TargetConfig::every(3..=3) {
            for kind in settings::fitting(&target.clone().into()) {
                let is_it =
                    |run: &Settings| run.target.name() == target.name() && run.kind() == Some(kind);
                assert!(runs.iter().any(is_it), "{} {}", target.name(), kind.name());
            }
        }
        let plans: Vec<_> = runs.iter().map(execute::plan).collect();
        for kind in FaultKind::ALL {
            let is_there = plans.iter().flat_map(|plan| &plan.spans);
            assert!(is_there.clone().any(|span| span.kind() == kind.name()), "{}", kind.name());
        }
    }
}
