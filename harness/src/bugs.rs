//! The planted bugs, and where each is looked for: whether this program is blind is found out by what it
//! is known to be wrong.
//!
//! A bug counts as found only if the same runs without it are clean. A bug that is not found was either
//! dormant, so that nothing it changes was ever reached, or triggered without a trace in what clients
//! saw.

use rashomon_targets::PlantedBug;
use serde::Serialize;

use crate::execute::{Finished, Keep, execute_asking, plan};
use crate::judge::Outcome;
use crate::judge::Requirement;
use crate::run::drive::Watcher;
use crate::settings::Settings;

/// Where a bug is looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hunt {
    /// Its name.
    pub(crate) bug: &'static str,
    /// The target, the workload and the faults that suit it, as `rashomon run` takes them.
    pub(crate) words: &'static str,
}

/// A bug that no check or fault there is can find, and what is missing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotJudged {
    /// Its name.
    pub(crate) bug: &'static str,
    /// What it would take.
    pub(crate) needs: &'static str,
}

const fn hunt(bug: &'static str, words: &'static str) -> Hunt {
    Hunt { bug, words }
}

const fn needs(bug: &'static str, needs: &'static str) -> NotJudged {
    NotJudged { bug, needs }
}

/// The bugs that are looked for, each in a configuration that keeps its claim without it.
pub(crate) const HUNTS: &[Hunt] = &[
    hunt("pr-ack-before-fsync", "primary-replica --workload set --faults kill"),
    hunt("read-exposes-undurable", "primary-replica --faults kill"),
    hunt("ack-before-quorum", "primary-replica --replication sync --faults none"),
    hunt("no-fencing", "primary-replica --failover external --faults pause --time 16s"),
    hunt("promote-any-replica", "primary-replica --failover lease --faults partition,kill"),
    hunt("semi-sync-fallback", "primary-replica --failover lease --faults partition"),
    hunt("raft-vote-stale-log", "primary-replica --failover raft --faults partition,kill"),
    hunt("raft-quorum-off-by-one", "primary-replica --failover raft --faults partition"),
    hunt("raft-previous-unchecked", "primary-replica --failover raft --faults partition,kill"),
    hunt("raft-ack-before-majority", "primary-replica --failover raft --faults partition,kill"),
    hunt("raft-cas-at-proposal", "primary-replica --failover raft --faults none --time 2s"),
    hunt("raft-local-read", "primary-replica --failover raft --faults partition,pause"),
    hunt("raft-read-index-no-term", "primary-replica --failover raft --faults kill,partition"),
    hunt(
        "raft-retry-applies-twice",
        "primary-replica --failover raft --raft-writes any --faults messages",
    ),
    hunt(
        "raft-follower-ack-early",
        "primary-replica --failover raft --faults kill,partition --time 3s --processes 24",
    ),
    hunt("w1-counted-as-quorum", "leaderless --write-back on --faults none"),
    hunt("ql-unconditional-apply", "leaderless --write-back on"),
    hunt(
        "ql-ack-before-fsync",
        "leaderless --write-back on -r 1 -w 3 --faults kill --time 300ms --ops 900 --processes 24",
    ),
    hunt(
        "hint-counts-in-strict",
        "leaderless --nodes 5 --n 3 -r 1 -w 3 --write-back on --hints on --faults partition",
    ),
    hunt(
        "hint-offered-once",
        "leaderless --nodes 5 --n 2 -r 1 -w 1 --hints on --sloppy on --workload set \
         --faults partition",
    ),
    hunt(
        "merkle-hashes-names",
        "leaderless --n 3 -r 1 -w 1 --read-repair off --anti-entropy on --faults partition,kill",
    ),
    hunt(
        "lww-clock-backwards",
        "leaderless --conflict hlc -r 1 -w 3 --faults clock --require durable",
    ),
    hunt("counter-merge-adds", "leaderless --workload counter --faults none --time 1s"),
    hunt("hybrid-falls-back-to-logs", "hybrid --faults partition,kill --time 3s"),
    hunt("ml-ack-before-fsync", "multi-leader --workload set --faults kill"),
    hunt("ml-loop-no-dedupe", "multi-leader --topology ring --workload counter --faults messages"),
    hunt("ml-arrival-wins", "multi-leader --workload register --faults none --time 1s"),
    hunt("ml-not-forwarded", "multi-leader --topology star --workload set --faults none --time 1s"),
    hunt(
        "lease-wall-clock",
        "primary-replica --failover lease --primary-reads lease --faults clock,partition,pause \
         --time 8s",
    ),
];

/// The bugs that are not.
///
/// Under drawn faults each of them changes what nodes do, and in some hundred runs no client sees it.
pub(crate) const NOT_JUDGED: &[NotJudged] = &[
    needs(
        "raft-leader-self-early",
        "a check of what nodes report: a leader has all that is committed",
    ),
    needs("raft-vote-volatile", "a check of what nodes report: one leader in a term"),
    needs(
        "raft-snapshot-drops-tail",
        "a check of what nodes report: a leader has all that is committed",
    ),
    needs("raft-commit-unclamped", "a check of what nodes report: one entry at a place"),
    needs("raft-commit-earlier-term", "a check of what nodes report: one entry at a place"),
    needs(
        "raft-lease-wall-clock",
        "a plan that sets back the clock of a leader while it is cut off",
    ),
    needs(
        "raft-lease-grant-forgotten",
        "a plan that cuts a leader off from one follower and restarts another",
    ),
    needs("session-wall-clock", "a plan that sets back the clock of a primary while it is cut off"),
    needs(
        "lease-grant-forgotten",
        "a plan that cuts a primary off from one replica and restarts another",
    ),
];

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
    /// The class of the first anomaly.
    pub(crate) class: String,
}

/// Looks for a bug in one block of seeds: `settings` has it planted. Nothing if it was interrupted.
///
/// # Errors
/// If a simulated cluster does not start.
pub(crate) fn look(
    settings: &Settings,
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
        block.found_in = found(&run, seed);
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

fn found(run: &Finished, seed: u64) -> Option<FoundBug> {
    let mut checks = run.judgement.checks.iter().filter(|it| it.outcome() == Outcome::Violation);
    let (check, anomaly) = checks.find_map(|it| Some((it.check, it.anomalies.first()?)))?;
    let (check, class) = (check.name().to_owned(), anomaly.class.name().to_owned());
    Some(FoundBug { seed, check, class })
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

    use rashomon_targets::Family;

    use super::*;

    #[test]
    fn every_planted_bug_is_looked_for_or_it_is_said_what_that_would_take() {
        let hunted = HUNTS.iter().map(|it| it.bug);
        let all: Vec<&str> = hunted.chain(NOT_JUDGED.iter().map(|it| it.bug)).collect();
        let once: BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(once.len(), all.len(), "each once: {all:?}");
        let planted: BTreeSet<&str> =
            Family::bugs().map(|bug| bug.name).filter(|name| !name.starts_with("solo-")).collect();
        assert_eq!(once, planted);
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
        hunted.blocks[0].bug_hits = 0;
        assert_eq!(hunted.came(), HuntOutcome::Dormant);
        hunted.blocks.clear();
        assert_eq!(hunted.came(), HuntOutcome::NotJudged);
    }
}
