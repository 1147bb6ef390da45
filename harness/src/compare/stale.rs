//! How stale reads are, without faults and under partitions.

use rashomon_checker::Budget;
use rashomon_checker::k_atomic::Staleness;
use rashomon_checker::ladder::{Ladder, Subject as Judged};
use rashomon_checker::linearizability::Options;

use super::{each, workload};
use crate::campaign::SeedRange;
use crate::claims::CUT;
use crate::execute::{self, Keep};
use crate::judge::Requirement;
use crate::run::drive::Watcher;
use crate::settings::{Driver, Settings};
use crate::subject::Subject;

/// How stale the reads of some runs were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StaleFigures {
    /// Without faults.
    pub(crate) calm: StaleReads,
    /// Under partitions.
    pub(crate) cut: StaleReads,
    /// The command that makes the first run under partitions again.
    pub(crate) again: String,
}

/// How stale reads were. Of the median of each run the middle one, else the greatest of all runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StaleReads {
    /// Reads that returned.
    pub(crate) reads: u64,
    /// Those that missed a write that was known before they began.
    pub(crate) stale: u64,
    /// How many versions they were behind: the median, 99 of 100, the most.
    pub(crate) versions: [u64; 3],
    /// For how many nanoseconds.
    pub(crate) times_ns: [u64; 3],
}

/// Measures with clients that ask another node each time.
pub(super) fn measure(
    target: &Subject,
    seeds: SeedRange,
    watcher: &mut dyn Watcher,
) -> anyhow::Result<Option<StaleFigures>> {
    let Some(kind) = workload(target, "session-roam") else { return Ok(None) };
    let [mut calm, mut cut] = [const { Vec::new() }; 2];
    let mut again = String::new();
    for seed in each(seeds) {
        for (faults, all) in [(Vec::new(), &mut calm), (vec![CUT], &mut cut)] {
            let mut settings = Settings::new(target.clone(), kind, Driver::Simulation, seed);
            let is_cut = !faults.is_empty();
            settings.faults = faults;
            let plan = execute::plan(&settings);
            let nothing = Requirement::nothing();
            let run =
                execute::execute_asking(&nothing, &settings, &plan, Keep::default(), watcher)?;
            let budget = Budget { configurations: 10_000, ..Budget::default() };
            let options = Options { budget, ..Options::default() };
            let mut ladder = Ladder::new();
            ladder.measure(&Judged::new(&run.history, kind.model(), &options));
            all.extend(ladder.staleness().copied());
            if is_cut && again.is_empty() {
                again = settings.command().unwrap_or_default();
            }
        }
    }
    let any = !calm.is_empty() && !cut.is_empty();
    Ok(any.then(|| StaleFigures { calm: of_all(&calm), cut: of_all(&cut), again }))
}

fn of_all(runs: &[Staleness]) -> StaleReads {
    let middle = |of: fn(&Staleness) -> u64| {
        let mut all: Vec<u64> = runs.iter().map(of).collect();
        all.sort_unstable();
        all.get(all.len() / 2).copied().unwrap_or(0)
    };
    let most = |of: fn(&Staleness) -> u64| runs.iter().map(of).max().unwrap_or(0);
    StaleReads {
        reads: runs.iter().map(|it| it.reads).sum(),
        stale: runs.iter().map(|it| it.stale_reads).sum(),
        versions: [
            middle(|it| it.versions_behind.p50),
            most(|it| it.versions_behind.p99),
            most(|it| it.versions_behind.max),
        ],
        times_ns: [
            middle(|it| it.time_behind_ns.p50),
            most(|it| it.time_behind_ns.p99),
            most(|it| it.time_behind_ns.max),
        ],
    }
}
