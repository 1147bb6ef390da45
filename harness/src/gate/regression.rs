//! What is worse than the baseline.

use super::{BugHunt, Comparison, Figure};
use crate::campaign::ShortestRun;

/// A kind of regression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RegressionKind {
    /// An anomaly of a class that the baseline does not have.
    NewAnomaly,
    /// A cell kept what was required in the baseline, and breaks it now.
    ClaimRefuted,
    /// A planted bug is not found.
    BugMissed,
    /// Fewer operations are done, or none for longer.
    LessAvailable,
    /// It takes longer until nodes that a fault has struck do something again.
    SlowerRecovery,
}

impl RegressionKind {
    /// Every kind.
    pub(crate) const ALL: [Self; 5] = [
        Self::NewAnomaly,
        Self::ClaimRefuted,
        Self::BugMissed,
        Self::LessAvailable,
        Self::SlowerRecovery,
    ];

    /// The word in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NewAnomaly => "new-anomaly",
            Self::ClaimRefuted => "claim-refuted",
            Self::BugMissed => "bug-missed",
            Self::LessAvailable => "less-available",
            Self::SlowerRecovery => "slower-recovery",
        }
    }

    /// What it means, in a sentence.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::NewAnomaly => "An anomaly of a class that the baseline does not have.",
            Self::ClaimRefuted => "What was required was kept in the baseline, and is broken now.",
            Self::BugMissed => "A planted bug that has to be found is not found.",
            Self::LessAvailable => {
                "Fewer operations are done than in the baseline, beyond its noise."
            }
            Self::SlowerRecovery => {
                "Nodes recover from faults more slowly than in the baseline, beyond its noise."
            }
        }
    }
}

/// Something that is worse than the baseline.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Regression {
    /// An anomaly of a class that the baseline does not have in these cells.
    NewAnomaly {
        /// The check, the class of the anomaly, and the operation.
        signature: String,
        /// The numbers of the cells.
        cells: Vec<u32>,
        /// The failing run with the fewest operations.
        shortest: ShortestRun,
    },
    /// A cell kept what was required in the baseline, and breaks it now.
    ClaimRefuted {
        /// The number of the cell.
        cell: u32,
        /// What was found in the shortest run.
        signature: String,
        /// How many of its runs break it.
        violations: u64,
        /// Of how many that are decided.
        decided: u64,
        /// In how many runs of the baseline it was kept.
        kept: u64,
        /// The failing run with the fewest operations.
        shortest: ShortestRun,
    },
    /// A planted bug is not found, or is found where its runs are not clean without it.
    BugMissed(BugHunt),
    /// A figure of a cell is worse.
    FigureWorse {
        /// The number of the cell.
        cell: u32,
        /// By how much.
        comparison: Comparison,
    },
}

impl Regression {
    /// Its kind.
    pub(crate) fn kind(&self) -> RegressionKind {
        match self {
            Self::NewAnomaly { .. } => RegressionKind::NewAnomaly,
            Self::ClaimRefuted { .. } => RegressionKind::ClaimRefuted,
            Self::BugMissed(_) => RegressionKind::BugMissed,
            Self::FigureWorse { comparison, .. } => of_figure(comparison.figure),
        }
    }

    /// The number of the cell where it is seen best, if it is one of a cell.
    pub(crate) fn cell(&self) -> Option<u32> {
        match self {
            Self::NewAnomaly { shortest, .. } => Some(shortest.cell),
            Self::ClaimRefuted { cell, .. } | Self::FigureWorse { cell, .. } => Some(*cell),
            Self::BugMissed(_) => None,
        }
    }
}

/// Which kind of regression it is if this figure is worse.
fn of_figure(figure: Figure) -> RegressionKind {
    match figure {
        Figure::ServedCalm | Figure::ServedStruck | Figure::ServedOthers | Figure::Silence => {
            RegressionKind::LessAvailable
        }
        Figure::Recovery | Figure::NotRecovered => RegressionKind::SlowerRecovery,
    }
}
