//! Figures of availability and recovery, and when one of them is worse than before.
//!
//! A run is one sample: operations within a run hang together, so that counting each of them would make the noise
//! look smaller than it is. The baseline and the build at hand make runs of the same seeds. In simulation
//! equal code gives equal runs, so the difference of the means is 0. Other code makes other runs, which
//! scatter as runs of different seeds do, and the standard error of the difference of two means says how far
//! (Welch, "The generalization of Student's problem when several different population variances are
//! involved", 1947). What the two have in common, the seeds and so the plans of faults, makes the true error smaller
//! than this, not larger.
//!
//! A figure is worse if its mean is worse by more than its noise: four standard errors, and a least difference
//! that matters, whichever is more. The standard error is itself an estimate, so that the difference of normal figures
//! of equal code, in standard errors, has about Student's t distribution with 2 n - 2 degrees of freedom for n runs
//! on either side. It is beyond four of them on one side once in 1,500 times for 8 runs, in 7,100 for 20, and in
//! 14,000 for 40. A campaign of 700 figures of 40 runs each has a false alarm in one of twenty builds that make
//! other runs, or in fewer, as the two have their seeds in common and as a small difference does not matter.

use rashomon_results::{FigureRecord, FiguresRecord};

/// How many standard errors are noise.
const ERRORS: f64 = 4.0;
/// With fewer runs nothing is said: their spread is not known.
const RUNS_LEAST: u64 = 8;
/// Shares differ by a percentage point at least, as millionths.
const SHARE_LEAST: f64 = 10_000.0;
/// Times differ by a tenth of what they were at least, and by this number of microseconds.
const TIME_PART: f64 = 0.1;
const TIME_LEAST: f64 = 10_000.0;
/// Faults without recovery differ by one in twenty runs at least.
const FAULTS_LEAST: f64 = 0.05;

/// A figure of runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Figure {
    /// Operations that were done, of those that were invoked while no fault lasted.
    ServedCalm,
    /// The same at nodes that a fault had struck, while it lasted.
    ServedStruck,
    /// The same at the other nodes.
    ServedOthers,
    /// The slowest recovery of a run.
    Recovery,
    /// Faults after which the nodes that they had struck did nothing that was asked.
    NotRecovered,
    /// The longest time of a run without any operation that was done.
    Silence,
}

impl Figure {
    /// Every figure.
    pub(crate) const ALL: [Self; 6] = [
        Self::ServedCalm,
        Self::ServedStruck,
        Self::ServedOthers,
        Self::Recovery,
        Self::NotRecovered,
        Self::Silence,
    ];

    /// The name in reports for machines.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ServedCalm => "served-without-faults",
            Self::ServedStruck => "served-where-struck",
            Self::ServedOthers => "served-elsewhere",
            Self::Recovery => "slowest-recovery",
            Self::NotRecovered => "not-recovered",
            Self::Silence => "longest-silence",
        }
    }

    /// What it is a figure of, for people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::ServedCalm => "operations done without faults",
            Self::ServedStruck => "operations done where a fault struck",
            Self::ServedOthers => "operations done elsewhere during a fault",
            Self::Recovery => "the slowest recovery from a fault",
            Self::NotRecovered => "faults without recovery in a run",
            Self::Silence => "the longest time in which nothing was done",
        }
    }

    /// A value of it in its unit.
    pub(crate) fn text(self, value: f64) -> String {
        match self {
            Self::ServedCalm | Self::ServedStruck | Self::ServedOthers => {
                format!("{:.2} %", value / 10_000.0)
            }
            Self::Recovery | Self::Silence => format!("{:.1} ms", value / 1000.0),
            Self::NotRecovered => format!("{value:.2}"),
        }
    }

    /// Its sums.
    pub(crate) fn of(self, all: &FiguresRecord) -> FigureRecord {
        match self {
            Self::ServedCalm => all.served_calm,
            Self::ServedStruck => all.served_struck,
            Self::ServedOthers => all.served_others,
            Self::Recovery => all.recovery_us,
            Self::NotRecovered => all.not_recovered,
            Self::Silence => all.silence_us,
        }
    }

    /// Whether enough runs had it, and too few have it now.
    pub(crate) fn is_gone(self, before: &FiguresRecord, now: &FiguresRecord) -> bool {
        self.of(before).runs >= RUNS_LEAST && self.of(now).runs < RUNS_LEAST
    }

    /// The least difference that matters, where its mean was this.
    fn least(self, before: f64) -> f64 {
        match self {
            Self::ServedCalm | Self::ServedStruck | Self::ServedOthers => SHARE_LEAST,
            Self::Recovery | Self::Silence => (before * TIME_PART).max(TIME_LEAST),
            Self::NotRecovered => FAULTS_LEAST,
        }
    }

    /// By how much the second mean is worse; less than 0 if it is better.
    fn worse_by(self, before: f64, now: f64) -> f64 {
        match self {
            Self::ServedCalm | Self::ServedStruck | Self::ServedOthers => before - now,
            Self::Recovery | Self::Silence | Self::NotRecovered => now - before,
        }
    }
}

/// A figure of one cell, before and now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Comparison {
    /// Which.
    pub(crate) figure: Figure,
    /// The mean of the baseline.
    pub(crate) before: f64,
    /// The mean of this build.
    pub(crate) now: f64,
    /// A difference up to this is noise.
    pub(crate) noise: f64,
    /// Of how many runs each mean is.
    pub(crate) runs: [u64; 2],
}

impl Comparison {
    /// Compares the figures of a cell; nothing where either has too few runs.
    pub(crate) fn of(figure: Figure, before: &FiguresRecord, now: &FiguresRecord) -> Option<Self> {
        let (before, now) = (figure.of(before), figure.of(now));
        if before.runs.min(now.runs) < RUNS_LEAST {
            return None;
        }
        let error = (error_squared(before) + error_squared(now)).sqrt();
        let noise = (ERRORS * error).max(figure.least(mean(before)));
        let runs = [before.runs, now.runs];
        Some(Self { figure, before: mean(before), now: mean(now), noise, runs })
    }

    /// Whether it is worse than before by more than noise.
    pub(crate) fn is_worse(&self) -> bool {
        self.figure.worse_by(self.before, self.now) > self.noise
    }
}

#[expect(clippy::cast_precision_loss, reason = "a mean has fewer digits than that")]
fn mean(of: FigureRecord) -> f64 {
    of.sum as f64 / of.runs.max(1) as f64
}

/// The square of the standard error of the mean: the variance of a run, by the number of runs. O(1).
#[expect(clippy::cast_precision_loss, reason = "an estimate has fewer digits than that")]
fn error_squared(FigureRecord { runs, sum, squares }: FigureRecord) -> f64 {
    let (n, sum, squares) = (u128::from(runs), u128::from(sum), u128::from(squares));
    // Exact up to here: a difference of two large numbers that nearly cancel out would lose its digits.
    let scatter = (n * squares).saturating_sub(sum * sum);
    scatter as f64 / (n * n * n.saturating_sub(1).max(1)) as f64
}
