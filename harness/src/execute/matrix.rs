//! Every kind of target with every workload that fits it.

use std::collections::{BTreeMap, BTreeSet};

use rashomon_targets::{Leadership, TargetConfig};

use super::*;
use crate::settings::{Settings, fitting};

struct Quiet;

impl Watcher for Quiet {}

/// One configuration of each row of `rashomon list targets`, the smallest that has copies.
fn rows() -> Vec<TargetConfig> {
    let mut seen = BTreeSet::new();
    let mut rows = TargetConfig::every(3..=5);
    // A lone copy cannot be compared with another.
    rows.retain(|target| {
        target.profile().copies > 1 && seen.insert((target.name(), target.variant()))
    });
    rows
}

/// One workload in three for each row, and of three rows all, unless `RASHOMON_MATRIX=all`.
///
/// Nothing that a row claims is broken. What stays undecided does so because the row promises nothing of
/// the kind, or because what it promises has no checker.
#[test]
fn every_row_of_the_targets_runs_with_every_workload_that_fits_it() {
    let rows = rows();
    assert!(rows.len() > 80, "{} rows", rows.len());
    let mut decided: BTreeMap<&str, [u32; 2]> = BTreeMap::new();
    let all = std::env::var("RASHOMON_MATRIX").is_ok_and(|it| it == "all");
    let some = if all { 1 } else { 3 };
    for (row, target) in rows.into_iter().enumerate() {
        let subject = Subject::from(target.clone());
        for kind in fitting(&subject).into_iter().skip(row % some).step_by(some) {
            let mut settings = Settings::new(target.clone(), kind, Driver::Simulation, 1);
            settings.faults = Vec::new();
            settings.ops = Some(240);
            // Where a node must first take over, nothing is acknowledged for a while.
            settings.time_ms = match target.profile().leadership {
                Leadership::Taken { .. } => 1200,
                Leadership::None | Leadership::Fixed => 300,
            };
            let plan = plan(&settings);
            let run = execute(&settings, &plan, Keep::default(), &mut Quiet).unwrap();
            let what = format!("{:?} --workload {}", target.flags(), kind.name());
            assert!(run.tally.ok > 20, "{what}: {:?}", run.tally);
            let [valid, all] = decided.entry(kind.name()).or_default();
            *all += 1;
            match run.judgement.outcome() {
                Outcome::Valid => *valid += 1,
                Outcome::Unknown if run.judgement.leaves_out() => {}
                Outcome::Unknown | Outcome::Violation => {
                    let doubts: Vec<String> =
                        run.judgement.all_doubts().map(ToString::to_string).collect();
                    panic!("{what}: {:?} {doubts:?}", run.judgement.found());
                }
            }
        }
    }
    // Those that no row of ours offers are of programs.
    assert_eq!(decided.len(), Kind::ALL.len() - 2, "{decided:?}");
    for (kind, [valid, all]) in &decided {
        assert!(*valid > 3 && valid * 4 > *all, "{kind}: {valid} of {all} decided");
    }
}
