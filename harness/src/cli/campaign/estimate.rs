//! What a campaign will take: measured by a run of each cell, before it begins.

use std::time::{Duration, Instant};

use super::limits::{Limits, cpu_us};
use crate::campaign::{Campaign, CampaignCell, Job, JobClass, Tally, execute_simulated};
use crate::parallel::{Each, up_to_first};
use crate::report::count;

/// How long the probe runs may take altogether.
const PROBING: Duration = Duration::from_secs(3);
/// What a run of real processes takes beside its load, in microseconds: start, rest and final reads.
const AROUND_US: u64 = 2_500_000;

/// What the rest of a campaign will take.
#[derive(Clone, Debug)]
pub(super) struct Estimate {
    /// Microseconds for a run of each cell: of a processor where it is simulated, else of time.
    per_run: Vec<u64>,
    /// Microseconds of processors that simulated runs take.
    cpu_us: u64,
    /// Microseconds until the end.
    wall_us: u64,
    probes: u64,
    threads: usize,
}

impl Estimate {
    /// Of these jobs. What the journal tells of a cell counts; else one run of it is made, unless that takes too
    /// long: then it is taken to need as long for an operation as the others.
    ///
    /// # Errors
    /// If a run cannot be made.
    pub(super) fn of(
        campaign: &Campaign,
        tally: &Tally,
        jobs: &[Job],
        limits: &Limits<'_>,
    ) -> anyhow::Result<Self> {
        let wanted: std::collections::BTreeSet<u32> = jobs.iter().map(|job| job.cell).collect();
        let until = Instant::now() + PROBING;
        let probe = |number: u64| -> anyhow::Result<Option<u64>> {
            let place = usize::try_from(number).expect("cells are counted by usize");
            let (cell, told) = (&campaign.cells[place], &tally.cells[place]);
            let Ok(number) = u32::try_from(number) else { return Ok(None) };
            if !cell.is_simulated() || told.runs() > 0 || !wanted.contains(&number) {
                return Ok(None);
            }
            let job =
                Job { cell: number, first: campaign.seeds.first, count: 1, class: JobClass::Old };
            let before = cpu_us();
            let facts = execute_simulated(&job, cell, &|| limits.is_interrupted())?;
            Ok(facts.map(|_| (cpu_us() - before).max(1)))
        };
        let each = Each {
            run: probe,
            ends: |it: &anyhow::Result<Option<u64>>| it.is_err(),
            stop: || limits.is_interrupted() || limits.is_over() || Instant::now() >= until,
        };
        let mut probed: Vec<Option<u64>> = vec![None; campaign.cells.len()];
        for (number, took) in up_to_first(campaign.cells.len() as u64, limits.threads, &each) {
            probed[usize::try_from(number).expect("cells are counted by usize")] = took?;
        }
        let made = probed.iter().flatten().count() as u64;
        let mut estimate = Self {
            per_run: Vec::new(),
            cpu_us: 0,
            wall_us: 0,
            probes: made,
            threads: limits.threads,
        };
        estimate.per_run = per_run(campaign, tally, &probed);
        (estimate.cpu_us, estimate.wall_us) =
            estimate.left(campaign, jobs.iter().map(|job| (job.cell, job.count)));
        Ok(estimate)
    }

    /// Microseconds of processors, and of time, for this number of runs of cells.
    fn left(&self, campaign: &Campaign, runs: impl Iterator<Item = (u32, u64)>) -> (u64, u64) {
        let (mut simulated, mut real) = (0_u64, 0_u64);
        for (cell, count) in runs {
            let place = usize::try_from(cell).expect("cells are counted by usize");
            let takes = self.per_run[place].saturating_mul(count);
            let sum = if campaign.cells[place].is_simulated() { &mut simulated } else { &mut real };
            *sum = sum.saturating_add(takes);
        }
        (simulated, simulated / self.threads as u64 + real)
    }

    /// Microseconds until the end, by the time that runs of each cell took so far: other programs may need processors,
    /// too.
    pub(super) fn until_end(&self, campaign: &Campaign, tally: &Tally, left: &[u64]) -> u64 {
        let mut now = self.clone();
        for (takes, told) in now.per_run.iter_mut().zip(&tally.cells) {
            *takes = told.wall_us.checked_div(told.runs()).unwrap_or(*takes);
        }
        now.left(campaign, (0..).zip(left.iter().copied())).1
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let hours = self.cpu_us as f64 / 3.6e9;
        let from = match self.probes {
            0 => "what was done before".to_owned(),
            probes => count(probes, "probe run"),
        };
        format!(
            "estimate: {} of processor time ({hours:.3} core-hours), about {} on {}; from {from}",
            rough(self.cpu_us),
            rough(self.wall_us),
            count(self.threads as u64, "core"),
        )
    }
}

/// What a run of a cell takes, if that was measured.
fn measured(cell: &CampaignCell, (runs, cpu, wall): (u64, u64, u64)) -> Option<u64> {
    let all = if cell.is_simulated() { cpu } else { wall };
    all.checked_div(runs)
}

fn per_run(campaign: &Campaign, tally: &Tally, probed: &[Option<u64>]) -> Vec<u64> {
    let told = |place: usize| {
        let it = &tally.cells[place];
        measured(&campaign.cells[place], (it.runs(), it.cpu_us, it.wall_us))
    };
    let known: Vec<Option<u64>> =
        (0..campaign.cells.len()).map(|place| told(place).or(probed[place])).collect();
    let simulated = campaign.cells.iter().zip(&known).filter(|(cell, _)| cell.is_simulated());
    let (operations, took) = simulated
        .filter_map(|(cell, took)| Some((cell.operations(), (*took)?)))
        .fold((0_u64, 0_u64), |(ops, all), (more, took)| (ops + more, all + took));
    // As many nanoseconds an operation as the others; or as were measured once.
    let ns = took.saturating_mul(1000).checked_div(operations).unwrap_or(3_000);
    let guess = |cell: &CampaignCell| {
        if cell.is_simulated() {
            cell.operations().saturating_mul(ns) / 1000
        } else {
            cell.settings.time_ms.saturating_mul(1000) + AROUND_US
        }
    };
    campaign
        .cells
        .iter()
        .zip(known)
        .map(|(cell, took)| took.unwrap_or_else(|| guess(cell)))
        .collect()
}

/// A time as people say it.
pub(super) fn rough(us: u64) -> String {
    let seconds = us / 1_000_000;
    match seconds {
        0..10 => format!("{}.{} s", seconds, us / 100_000 % 10),
        10..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
    }
}
