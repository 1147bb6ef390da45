//! Planted bugs are looked for where each is known to show: whether this program is blind is found out by
//! what is known to be wrong.
//!
//! A bug counts as found only if it leads to an anomaly of the class that it is said to lead to, and the same runs
//! without it are clean. A bug that is not found was either
//! dormant, so that nothing it changes was ever reached, or triggered without a trace in what clients
//! saw.

use rashomon_targets::{Family, Hunt, PlantedBug, Sought};
use serde::Serialize;

use crate::execute::{Finished, Keep, execute_asking, plan};
use crate::judge::{CheckFinding, Outcome, Requirement};
use crate::run::drive::Watcher;
use crate::settings::Settings;

/// A bug, and a place where it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lookout {
    /// Which.
    pub(crate) bug: PlantedBug,
    /// Where.
    pub(crate) hunt: Hunt,
}

impl Lookout {
    /// Every bug of every family in every place where it shows.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Family::bugs().flat_map(|bug| {
            let hunts = match bug.sought {
                Sought::In(hunts) => hunts,
                Sought::Needs(_) => &[],
            };
            hunts.iter().map(move |&hunt| Self { bug, hunt })
        })
    }
}

/// What one block of seeds showed of a bug.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Block {
    /// Runs with the bug, up to the one that found it.
    pub(crate) runs: u64,
    /// Operations in them.
    pub(crate) operations_made: u64,
    /// How often the bug changed what a live node did.
    pub(crate) bug_hits: u64,
    /// The run that found it, if one did.
    pub(crate) found_in: Option<FoundBug>,
    /// Runs of the same seeds without the bug that were not clean.
    pub(crate) control_violations: u64,
    /// Time that one core spent on all of it, in seconds.
    pub(crate) seconds: f64,
}

/// A run that found a bug.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct FoundBug {
    /// Its seed.
    pub(crate) seed: u64,
    /// The check that found it.
    pub(crate) check: String,
    /// The class of the anomaly.
    pub(crate) class: String,
}

/// Looks for a bug in one block of seeds, by the class of the anomaly that it leads to: `settings` has it
/// planted. Nothing if it was interrupted.
///
/// # Errors
/// If a simulated cluster does not start.
pub(crate) fn look(
    (settings, shows): (&Settings, &str),
    (first, count): (u64, u64),
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Option<Block>> {
    let started = std::time::Instant::now();
    let mut block = Block {
        runs: 0,
        operations_made: 0,
        bug_hits: 0,
        found_in: None,
        control_violations: 0,
        seconds: 0.0,
    };
    for seed in first..first + count {
        if watcher.wants_stop() {
            return Ok(None);
        }
        let run = one(&settings.with_seed(seed), watcher)?;
        block.runs += 1;
        block.operations_made += run.tally.invoked;
        block.bug_hits += run.driven.bug_hits;
        block.found_in = found(&run, seed, shows);
        if block.found_in.is_some() {
            break;
        }
    }
    let control = settings.without_bugs();
    for seed in first..first + block.runs {
        if watcher.wants_stop() {
            return Ok(None);
        }
        let run = one(&control.with_seed(seed), watcher)?;
        let is_violation = run.judgement.outcome() == Outcome::Violation;
        block.control_violations += u64::from(is_violation);
    }
    block.seconds = started.elapsed().as_secs_f64();
    Ok(Some(block))
}

fn one(settings: &Settings, watcher: &mut dyn Watcher) -> anyhow::Result<Finished> {
    let plan = plan(settings);
    let kind = settings.kind().ok_or_else(|| anyhow::anyhow!("an unknown workload"))?;
    let asked = Requirement::new(settings, kind, &plan.kinds()).alone();
    execute_asking(&asked, settings, &plan, Keep::default(), watcher)
}

fn found(run: &Finished, seed: u64, shows: &str) -> Option<FoundBug> {
    // Clients need not have noticed.
    if let Some(breach) = run.judgement.breaches.iter().find(|it| it.property.name() == shows) {
        let check = "what nodes tell".to_owned();
        return Some(FoundBug { seed, check, class: breach.property.name().to_owned() });
    }
    let mut broken = run.judgement.checks.iter().filter(|it| it.outcome() == Outcome::Violation);
    let is_it = |it: &&CheckFinding| it.anomalies.iter().any(|found| found.class.name() == shows);
    let check = broken.find(is_it)?.check.name().to_owned();
    Some(FoundBug { seed, check, class: shows.to_owned() })
}

/// What came of looking for a bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum HuntOutcome {
    /// Every block found it.
    Found,
    /// Some blocks did.
    FoundAtTimes,
    /// It changed what nodes did, and no check noticed.
    Triggered,
    /// It changed nothing.
    Dormant,
    /// The same runs without it broke the claim, so that what was found tells nothing.
    NotClean,
    /// It was not looked for.
    NotJudged,
}

impl HuntOutcome {
    /// The word in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::FoundAtTimes => "found at times",
            Self::Triggered => "triggered",
            Self::Dormant => "dormant",
            Self::NotClean => "not clean",
            Self::NotJudged => "not judged",
        }
    }
}

/// A bug, where it was looked for, and what each block of seeds showed.
#[derive(Clone, Debug)]
pub(crate) struct Hunted {
    /// Which.
    pub(crate) bug: PlantedBug,
    /// The words of the command, or what is missing.
    pub(crate) words: &'static str,
    /// The blocks, in the order of their seeds.
    pub(crate) blocks: Vec<Block>,
}

impl Hunted {
    /// What came of it.
    pub(crate) fn came(&self) -> HuntOutcome {
        let found = self.blocks.iter().filter(|block| block.found_in.is_some()).count();
        let hits: u64 = self.blocks.iter().map(|block| block.bug_hits).sum();
        match (found, hits) {
            _ if self.blocks.is_empty() => HuntOutcome::NotJudged,
            _ if self.control_violations() > 0 => HuntOutcome::NotClean,
            (found, _) if found == self.blocks.len() => HuntOutcome::Found,
            (1.., _) => HuntOutcome::FoundAtTimes,
            (0, 1..) => HuntOutcome::Triggered,
            (0, 0) => HuntOutcome::Dormant,
        }
    }

    /// Runs of the same seeds without the bug that were not clean.
    pub(crate) fn control_violations(&self) -> u64 {
        self.blocks.iter().map(|block| block.control_violations).sum()
    }

    /// Of a number of each block that found it, the one that half of the blocks do not exceed, and the
    /// one that 95 of 100 do not; nothing where too few blocks found it to say so.
    pub(crate) fn quantile(&self, percent: usize, of: impl Fn(&Block) -> u64) -> Option<u64> {
        let found = self.blocks.iter().filter(|block| block.found_in.is_some());
        let mut numbers: Vec<u64> = found.map(of).collect();
        numbers.sort_unstable();
        let place = (self.blocks.len() * percent).div_ceil(100).max(1);
        numbers.get(place - 1).copied()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rashomon_checker::AnomalyClass;
    use rashomon_targets::SafetyProperty;

    use super::*;

    #[test]
    fn every_planted_bug_shows_as_an_anomaly_of_a_class_there_is_or_it_is_said_what_that_would_take()
     {
        let classes = AnomalyClass::ALL.iter().map(|class| class.name());
        let inside = SafetyProperty::ALL.iter().map(|property| property.name());
        let classes: BTreeSet<&str> = classes.chain(inside).collect();
        for bug in Family::bugs() {
            match bug.sought {
                Sought::In(hunts) => {
                    assert!(!hunts.is_empty(), "{}", bug.name);
                    for Hunt { shows, .. } in hunts {
                        assert!(classes.contains(shows), "{}: {shows}", bug.name);
                    }
                }
                Sought::Needs(what) => assert!(!what.is_empty(), "{}", bug.name),
            }
        }
    }

    fn block(runs: u64, found: Option<u64>) -> Block {
        let found = found.map(|seed| FoundBug {
            seed,
            check: "linearizable".to_owned(),
            class: "stale-read".to_owned(),
        });
        Block {
            runs,
            operations_made: 0,
            bug_hits: 1,
            found_in: found,
            control_violations: 0,
            seconds: 0.0,
        }
    }

    #[test]
    fn a_quantile_is_known_only_if_so_large_a_part_of_the_blocks_found_it() {
        let bug = Family::bugs().next().unwrap();
        let mut blocks: Vec<Block> = (1..=19).map(|runs| block(runs, Some(runs))).collect();
        blocks.push(block(200, None));
        let mut hunted = Hunted { bug, words: "", blocks };
        assert_eq!(hunted.quantile(50, |it| it.runs), Some(10));
        assert_eq!(hunted.quantile(95, |it| it.runs), Some(19));
        assert_eq!(hunted.quantile(100, |it| it.runs), None, "one block did not find it");
        assert_eq!(hunted.came(), HuntOutcome::FoundAtTimes);
        hunted.blocks.pop();
        assert_eq!(hunted.came(), HuntOutcome::Found);
        hunted.blocks = vec![block(200, None)];
        assert_eq!(hunted.came(), HuntOutcome::Triggered);
        hunted.blocks[0].control_violations = 1;
        assert_eq!(hunted.came(), HuntOutcome::NotClean);
        hunted.blocks[0].control_violations = 0;
        hunted.blocks[0].bug_hits = 0;
        assert_eq!(hunted.came(), HuntOutcome::Dormant);
        hunted.blocks.clear();
        assert_eq!(hunted.came(), HuntOutcome::NotJudged);
    }
}
