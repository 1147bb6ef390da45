//! What became of claims that others wrote down, and what that rests on.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rashomon_checker::Budget;
use rashomon_checker::linearizability::Options;
use rashomon_results::ServedRecord;

use super::job::until;
use super::written::{ClaimedSide, ServedOperations, WrittenClaim};
use crate::availability::{CutServed, SideServed};

/// A claim, and what was found.
#[derive(Clone, Debug)]
pub(crate) struct JudgedClaim {
    /// The claim.
    pub(crate) claim: WrittenClaim,
    /// What was found.
    pub(crate) fate: ClaimFate,
    /// What that rests on.
    pub(crate) evidence: ClaimEvidence,
    /// The command that makes a run again that breaks it.
    pub(crate) again: Option<String>,
}

/// What the fate of a claim rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClaimEvidence {
    /// A reason, in a sentence.
    Reason(String),
    /// A history of this number of operations, and what was found in it.
    History(u64, Option<String>),
    /// Runs.
    Runs {
        /// Runs that tell something.
        decided: u64,
        /// Those of them that break it.
        broken: u64,
        /// Runs that are undecided.
        unknown: u64,
        /// What the first that breaks it shows.
        why: Option<String>,
    },
    /// Runs of which too few are decided.
    TooFew {
        /// Runs that were made.
        runs: u64,
        /// Those of them that are undecided.
        unknown: u64,
        /// Why the first of these is.
        why: String,
    },
    /// What sides of cuts did.
    Sides(Vec<SideShare>),
}

/// What one side of cuts did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SideShare {
    /// Which cuts, if all are of one kind.
    pub(crate) cut: Option<&'static str>,
    /// Which side.
    pub(crate) side: &'static str,
    /// What it did.
    pub(crate) served: ServedRecord,
}

/// What became of a claim, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ClaimFate {
    /// Nothing was found against it.
    Held,
    /// Nothing tested it.
    Untested,
    /// It could not be decided.
    Undecided,
    /// Something was found against it.
    Broken,
}

impl JudgedClaim {
    pub(super) fn of(claim: &WrittenClaim, fate: ClaimFate, evidence: ClaimEvidence) -> Self {
        Self { claim: claim.clone(), fate, evidence, again: None }
    }

    pub(super) fn because(claim: &WrittenClaim, fate: ClaimFate, why: impl Into<String>) -> Self {
        Self::of(claim, fate, ClaimEvidence::Reason(why.into()))
    }
}

/// What a claim of availability promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ServedPromise {
    /// Of which operations.
    pub(super) operations: ServedOperations,
    /// For clients of which nodes.
    pub(super) side: ClaimedSide,
    /// At least this number of a hundred are done.
    pub(super) percent: u64,
}

impl ServedPromise {
    /// Holds a claim against what each side did in some runs with one kind of cut.
    pub(super) fn judge(
        self,
        claim: &WrittenClaim,
        runs: &[CutServed],
        cut: Option<&'static str>,
    ) -> JudgedClaim {
        let sides = self.sides(runs);
        let is_asked = |(_, it): &(&str, ServedRecord)| it.asked > 0;
        let fate = if self.is_broken_by(runs) {
            ClaimFate::Broken
        } else if sides.iter().all(is_asked) {
            ClaimFate::Held
        } else {
            let why =
                "nothing was asked of a side of a partition once that had lasted for 2 seconds";
            return JudgedClaim::because(claim, ClaimFate::Untested, why);
        };
        let share = |(side, served)| SideShare { cut, side, served };
        let shares = sides.into_iter().map(share).collect();
        JudgedClaim::of(claim, fate, ClaimEvidence::Sides(shares))
    }

    /// Whether some side did less than is promised. If all runs together do, at least one of them does.
    pub(super) fn is_broken_by(self, runs: &[CutServed]) -> bool {
        self.sides(runs).iter().any(|(_, it)| it.ok * 100 < it.asked * self.percent)
    }

    /// What each side did that the promise is about.
    fn sides(self, runs: &[CutServed]) -> Vec<(&'static str, ServedRecord)> {
        let sum = |of: fn(&CutServed) -> SideServed| {
            let mut all = ServedRecord::default();
            for side in runs.iter().map(of) {
                let reads = Some(side.reads).filter(|_| self.operations.has_reads());
                let writes = Some(side.writes).filter(|_| self.operations.has_writes());
                for part in reads.into_iter().chain(writes) {
                    all.asked += part.asked;
                    all.ok += part.ok;
                }
            }
            all
        };
        let larger = ("larger", sum(|it| it.larger));
        match self.side {
            ClaimedSide::Larger => vec![larger],
            ClaimedSide::Both => vec![("smaller", sum(|it| it.smaller)), larger],
        }
    }
}

/// The worst of what became of a claim under several kinds of cut, with the shares of all that came out so; nothing
/// if there is none.
pub(super) fn worst(cuts: Vec<JudgedClaim>) -> Option<JudgedClaim> {
    let fate = cuts.iter().map(|it| it.fate).max()?;
    let mut those = cuts.into_iter().filter(|it| it.fate == fate);
    let mut found = those.next()?;
    if let ClaimEvidence::Sides(shares) = &mut found.evidence {
        for other in those {
            if let ClaimEvidence::Sides(more) = other.evidence {
                shares.extend(more);
            }
        }
    }
    Some(found)
}

/// How much judging a history may take, until it is interrupted.
pub(crate) fn options(stop: &Arc<AtomicBool>) -> Options {
    Options {
        budget: Budget { stop: Some(until(stop)), ..Budget::default() },
        ..Options::default()
    }
}
