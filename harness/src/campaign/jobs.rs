//! The jobs of a campaign: a function of it, so that they are the same on all machines.

use super::{Campaign, CampaignCell};

/// Runs of one cell with consecutive seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Job {
    /// The number of the cell.
    pub(crate) cell: u32,
    /// The first seed.
    pub(crate) first: u64,
    /// How many runs.
    pub(crate) count: u64,
    /// Why it is done.
    pub(crate) class: JobClass,
}

/// Why a job is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum JobClass {
    /// The campaign asks for it.
    Asked,
    /// Its one seed, for which the campaign does not ask, has failed before.
    Old,
}

/// The jobs of a campaign, in the order in which they are done: one of each cell by turns, so that early results
/// are of all cells.
#[derive(Clone, Debug)]
pub(crate) struct Jobs {
    jobs: Vec<Job>,
}

/// The most simulated jobs of a campaign: a journal has a line for each. Cells beyond this have one each.
const MOST: u64 = 1 << 16;
/// What a job should take, in microseconds of one processor: what is lost at most, if it is interrupted.
const JOB_US: u64 = 1_000_000;
/// What an operation of a simulated run takes, judging included, in nanoseconds: from 2,500 to 3,500 were
/// measured. Only the size of jobs goes by it.
const OPERATION_NS: u64 = 3_000;
/// A cell has about this number of jobs at least, if it has as many runs.
const LEAST: u64 = 16;

impl Jobs {
    /// The jobs of a campaign. O(n log n), for n jobs.
    pub(crate) fn of(campaign: &Campaign) -> Self {
        let seeds = campaign.seeds;
        let mut sizes: Vec<u64> =
            campaign.cells.iter().map(|cell| size(cell, seeds.count)).collect();
        let jobs = |(&size, cell): (&u64, &CampaignCell)| {
            if cell.is_simulated() { seeds.count.div_ceil(size) } else { 0 }
        };
        let all = |sizes: &[u64]| sizes.iter().zip(&campaign.cells).map(jobs).sum::<u64>();
        let grows = |(&size, cell): (&u64, &CampaignCell)| {
            // A run of real processes is a job of its own: it takes seconds.
            cell.is_simulated() && size < seeds.count
        };
        while all(&sizes) > MOST && sizes.iter().zip(&campaign.cells).any(grows) {
            for (size, cell) in sizes.iter_mut().zip(&campaign.cells) {
                if grows((size, cell)) {
                    *size = size.saturating_mul(2);
                }
            }
        }
        let mut placed: Vec<((u64, u32), Job)> = Vec::new();
        for (cell, &size) in (0..).zip(&sizes) {
            for round in 0..seeds.count.div_ceil(size) {
                let first = seeds.first + round * size;
                let count = size.min(seeds.count - round * size);
                let class = JobClass::Asked;
                placed.push(((round, cell), Job { cell, first, count, class }));
            }
        }
        placed.sort_unstable_by_key(|&(place, _)| place);
        Self { jobs: placed.into_iter().map(|(_, job)| job).collect() }
    }

    /// All of them, in order.
    pub(crate) fn all(&self) -> &[Job] {
        &self.jobs
    }
}

/// How many runs of a cell a job has: a power of two, about a second's worth.
fn size(cell: &CampaignCell, seeds: u64) -> u64 {
    if !cell.is_simulated() {
        return 1;
    }
    let run_us = (cell.operations().saturating_mul(OPERATION_NS) / 1000).max(1);
    let of_time = floor_of_two(JOB_US / run_us);
    of_time.min(floor_of_two(seeds / LEAST))
}

/// The greatest power of two that is no greater, or 1.
fn floor_of_two(number: u64) -> u64 {
    1 << number.max(1).ilog2()
}
