//! Campaigns, baselines and planted bugs made by hand, for tests.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use rashomon_results::{
    BaselineRecord, BuildRecord, FailureRecord, FiguresRecord, JobFactsRecord, JobHowRecord,
    JobRecord,
};
use rashomon_targets::TargetConfig;
use rashomon_workloads::Kind;

use super::{BugHunt, GateRules, Judged, ToldGate, accepted};
use crate::bugs::{Block, FoundBug, Lookout};
use crate::campaign::{Campaign, CampaignCell, CellNames, SeedRange, Tally, ToldCampaign};
use crate::settings::{Driver, Settings};

/// How many runs each cell has.
pub(crate) const RUNS: u64 = 40;

/// A campaign of two cells, and what was found.
pub(crate) struct Scene {
    /// The campaign.
    pub(crate) campaign: Campaign,
    /// What was found.
    pub(crate) tally: Tally,
    /// The build that found it.
    pub(crate) build: BuildRecord,
}

impl Scene {
    /// One in which these jobs were done: each is of a cell, and has its facts.
    pub(crate) fn of(jobs: &[(u32, JobFactsRecord)]) -> Self {
        let cell = |name: &str| {
            let word = |text: &str| text.to_owned();
            let target = TargetConfig::every(3..=3).swap_remove(0);
            let names = CellNames {
                world: word("sim"),
                workload: word("register"),
                size: word("small"),
                faults: word("none"),
                target: word(name),
            };
            let settings = Settings::new(target, Kind::ALL[0], Driver::Simulation, 0);
            CampaignCell { names, settings }
        };
        let campaign = Campaign {
            name: "two".to_owned(),
            profile: Some("ci".to_owned()),
            seeds: SeedRange { first: 1, count: RUNS },
            cells: vec![cell("one"), cell("other")],
            misfits: Vec::new(),
        };
        let mut tally = Tally::new(2);
        for (cell, facts) in jobs {
            let count = facts.valid + facts.violation + facts.unknown;
            let (how, facts) = (JobHowRecord::default(), facts.clone());
            tally.add(&JobRecord { cell: *cell, first: 1, count, old: false, facts, how });
        }
        let build = BuildRecord {
            version: "0.1.0".to_owned(),
            commit: Some("0123456789abcdef".to_owned()),
            dirty: Some(false),
            target: "here".to_owned(),
            canary: None,
        };
        Self { campaign, tally, build }
    }

    /// One in which nothing was found.
    pub(crate) fn clean() -> Self {
        Self::of(&[(0, valid()), (1, valid())])
    }

    /// What is reported of it.
    pub(crate) fn told(&self) -> ToldCampaign<'_> {
        ToldCampaign {
            campaign: &self.campaign,
            tally: &self.tally,
            build: &self.build,
            share: None,
            planned: 2 * RUNS,
            before: 0,
            kept: BTreeMap::new(),
            cut: None,
            elapsed: Duration::from_secs(1),
            threads: 1,
        }
    }

    /// The baseline that it makes.
    pub(crate) fn baseline(&self, hunts: &[BugHunt]) -> BaselineRecord {
        accepted(&self.told(), hunts)
    }
}

/// A gate of these, by the usual rules.
pub(crate) fn gate<'a>(
    campaign: &'a ToldCampaign<'a>,
    baseline: &'a BaselineRecord,
    (judged, hunts): (&'a Judged, &'a [BugHunt]),
    lines: &'a BTreeMap<String, u64>,
) -> ToldGate<'a> {
    ToldGate {
        campaign,
        baseline: Some(baseline),
        judged,
        hunts,
        file: "gates/two.toml",
        lines,
        baseline_file: "gates/two.ci.json",
        planted: None,
        is_accepted: false,
        rules: GateRules { unknown_fails: true, expects_regression: false },
        began: SystemTime::UNIX_EPOCH,
    }
}

/// Runs in which nothing was found.
pub(crate) fn valid() -> JobFactsRecord {
    JobFactsRecord { valid: RUNS, ..JobFactsRecord::default() }
}

/// The same, with figures.
pub(crate) fn serving(figures: FiguresRecord) -> JobFactsRecord {
    JobFactsRecord { figures, ..valid() }
}

/// Runs, one of which fails with each of these signatures.
pub(crate) fn failing(signatures: &[&str], why: &str) -> JobFactsRecord {
    let failure = |signature: &&str| FailureRecord {
        signature: (*signature).to_owned(),
        runs: 1,
        seed: 3,
        operations: 9,
        why: why.to_owned(),
        run: None,
    };
    let failures = signatures.iter().map(failure).collect();
    JobFactsRecord { valid: RUNS - 1, violation: 1, failures, ..JobFactsRecord::default() }
}

/// A planted bug that was found in its third run, or not at all, and in how many runs something was found without it.
pub(crate) fn hunted(found: Option<u64>, control_violations: u64) -> BugHunt {
    let lookout = Lookout::all().next().expect("there are bugs");
    let found_in = found.map(|seed| FoundBug {
        seed,
        check: "durable".to_owned(),
        class: lookout.hunt.shows.to_owned(),
    });
    let block = Block {
        runs: found.unwrap_or(20),
        operations_made: 100,
        bug_hits: 7,
        found_in,
        control_violations,
        seconds: 0.5,
    };
    BugHunt { lookout, within: 20, block: Some(block) }
}
