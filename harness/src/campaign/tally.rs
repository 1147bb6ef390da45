//! What the jobs that are done add up to. The order in which they are taken does not matter.

use std::collections::BTreeMap;

use rashomon_results::{DoubtfulRunRecord, FiguresRecord, JobFactsRecord, JobRecord};

use super::Covered;
use crate::claims::RunCounts;

/// What the jobs that are done add up to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Each cell.
    pub(crate) cells: Vec<CellTally>,
    /// Each signature of a failure.
    pub(crate) failures: BTreeMap<String, SignatureTally>,
    /// What was asked of nodes, and of which.
    pub(crate) covered: Covered,
    /// Old failing seeds that were tried again, apart from those that the campaign asks for anyway.
    pub(crate) old: OldTally,
    /// Signatures of single jobs that had too many of them, and that are in no other place: the sum over jobs.
    pub(crate) failures_more: u64,
}

/// What the jobs of a cell add up to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CellTally {
    /// Runs in which nothing was found.
    pub(crate) valid: u64,
    /// Runs that broke what was required.
    pub(crate) violation: u64,
    /// Runs that are undecided.
    pub(crate) unknown: u64,
    /// Operations in all of them.
    pub(crate) operations: u64,
    /// How often planted bugs had an effect.
    pub(crate) bug_hits: u64,
    /// How available its runs were.
    pub(crate) figures: FiguresRecord,
    /// The undecided run with the lowest seed.
    pub(crate) doubtful: Option<DoubtfulRunRecord>,
    /// Time of a processor, in microseconds.
    pub(crate) cpu_us: u64,
    /// Time that passed, in microseconds.
    pub(crate) wall_us: u64,
}

/// Failing runs that have one signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SignatureTally {
    /// How many.
    pub(crate) runs: u64,
    /// In which cells, and the one with the fewest operations of each. There is one at least.
    pub(crate) cells: BTreeMap<u32, ShortestRun>,
}

/// A failing run; one with fewer operations is less.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ShortestRun {
    /// How many operations it has.
    pub(crate) operations: u64,
    /// The number of its cell.
    pub(crate) cell: u32,
    /// Its seed.
    pub(crate) seed: u64,
    /// What was found, in a sentence.
    pub(crate) why: String,
    /// The id of its folder, if it is kept as no seed repeats it.
    pub(crate) run: Option<String>,
}

/// Old failing seeds that were tried again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OldTally {
    /// How many.
    pub(crate) tried: u64,
    /// How many of them still fail.
    pub(crate) failing: u64,
    /// How many of them are undecided.
    pub(crate) unknown: u64,
}

impl SignatureTally {
    /// The one with the fewest operations.
    pub(crate) fn shortest(&self) -> &ShortestRun {
        self.cells.values().min().expect("a signature is that of a run")
    }
}

impl CellTally {
    /// Runs that are done.
    pub(crate) fn runs(&self) -> u64 {
        self.valid + self.violation + self.unknown
    }

    /// Runs that tell something: an undecided one is no evidence that there is nothing to find.
    pub(crate) fn decided(&self) -> u64 {
        self.valid + self.violation
    }

    /// Whether too few of its runs are decided, by the rule of `rashomon claims`.
    pub(crate) fn tells_too_little(&self) -> bool {
        let counts = RunCounts { runs: self.runs(), unknown: self.unknown, ..RunCounts::default() };
        counts.runs > 0 && counts.tells_too_little()
    }

    /// Whether one in twenty of its runs is undecided, by the rule of a gate: of few runs, too, each one counts.
    pub(crate) fn leaves_doubt(&self) -> bool {
        self.unknown > 0 && self.unknown * 20 >= self.runs()
    }
}

impl Tally {
    /// Nothing, of this number of cells.
    pub(crate) fn new(cells: usize) -> Self {
        Self { cells: vec![CellTally::default(); cells], ..Self::default() }
    }

    /// Adds a job that is done.
    pub(crate) fn add(&mut self, job: &JobRecord) {
        let facts = &job.facts;
        self.add_failures(job.cell, facts);
        self.failures_more += facts.failures_more;
        if job.old {
            self.old.tried += job.count;
            self.old.failing += facts.violation;
            self.old.unknown += facts.unknown;
            return;
        }
        self.covered.add(&facts.covered);
        let place = usize::try_from(job.cell).expect("cells are counted by usize");
        let cell = &mut self.cells[place];
        cell.valid += facts.valid;
        cell.violation += facts.violation;
        cell.unknown += facts.unknown;
        cell.operations += facts.operations;
        cell.bug_hits += facts.bug_hits;
        cell.figures.add(&facts.figures);
        cell.cpu_us += job.how.cpu_us;
        cell.wall_us += job.how.wall_us;
        let lowest = [cell.doubtful.take(), facts.doubtful.clone()].into_iter().flatten();
        cell.doubtful = lowest.min_by_key(|doubtful| doubtful.seed);
    }

    fn add_failures(&mut self, cell: u32, facts: &JobFactsRecord) {
        for failure in &facts.failures {
            let one = ShortestRun {
                operations: failure.operations,
                cell,
                seed: failure.seed,
                why: failure.why.clone(),
                run: failure.run.clone(),
            };
            let all = self.failures.entry(failure.signature.clone()).or_default();
            all.runs += failure.runs;
            let shortest = all.cells.entry(cell).or_insert_with(|| one.clone());
            if one < *shortest {
                *shortest = one;
            }
        }
    }

    /// Runs that are done and that the campaign asks for.
    pub(crate) fn runs(&self) -> u64 {
        self.cells.iter().map(CellTally::runs).sum()
    }

    /// Those of them that broke what was required.
    pub(crate) fn violations(&self) -> u64 {
        self.cells.iter().map(|cell| cell.violation).sum()
    }
}
