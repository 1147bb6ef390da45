//! Says what is worse than the baseline. O(c s) for c cells and s signatures.

use std::collections::{BTreeMap, BTreeSet};

use rashomon_results::{BaselineCellRecord, BaselineRecord};

use super::{BugHunt, Comparison, Figure, HuntFate, Regression};
use crate::campaign::{CellTally, ShortestRun, Tally};

/// What is worse than the baseline, and what is not known.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Judged {
    /// What is worse: anomalies, claims, bugs, figures.
    pub(crate) regressions: Vec<Regression>,
    /// Every figure that could be compared, with the number of its cell.
    pub(crate) comparisons: Vec<(u32, Comparison)>,
    /// Figures of the baseline that too few runs have now, though all were made, with the numbers of their cells.
    pub(crate) vanished: Vec<(u32, Figure)>,
    /// Signatures of the baseline that were not found.
    pub(crate) gone: Vec<String>,
}

/// Compares a campaign with a baseline, whose cells are its own, and says what became of planted bugs. Without a
/// baseline only these are judged.
pub(crate) fn judge(tally: &Tally, baseline: Option<&BaselineRecord>, hunts: &[BugHunt]) -> Judged {
    let mut judged = Judged::default();
    let Some(baseline) = baseline else {
        judged.regressions.extend(missed(hunts));
        return judged;
    };
    judged.regressions.extend(new_anomalies(tally, &baseline.cells));
    judged.regressions.extend(refuted(tally, &baseline.cells));
    judged.regressions.extend(missed(hunts));
    judged.comparisons = comparisons(tally, &baseline.cells);
    judged.vanished = vanished(tally, baseline);
    let worse = judged.comparisons.iter().filter(|(_, it)| it.is_worse());
    let worse = worse.map(|&(cell, comparison)| Regression::FigureWorse { cell, comparison });
    judged.regressions.extend(worse);
    let known = baseline.cells.iter().flat_map(|cell| &cell.signatures);
    let known: BTreeSet<&String> = known.collect();
    let gone = known.into_iter().filter(|it| !tally.failures.contains_key(*it));
    judged.gone = gone.cloned().collect();
    judged
}

/// Planted bugs that are not found. One that was not looked for is not known.
fn missed(hunts: &[BugHunt]) -> impl Iterator<Item = Regression> {
    let is_missed = |it: &&BugHunt| matches!(it.fate(), HuntFate::Missed | HuntFate::NotClean);
    hunts.iter().filter(is_missed).cloned().map(Regression::BugMissed)
}

/// Signatures in cells that do not have them in the baseline. A cell in which nothing was found then has its claim
/// refuted; a signature that the baseline knows from other cells is no class of its own there.
fn new_anomalies<'a>(
    tally: &'a Tally,
    baseline: &'a [BaselineCellRecord],
) -> impl Iterator<Item = Regression> + 'a {
    let known: BTreeSet<&str> =
        baseline.iter().flat_map(|cell| cell.signatures.iter().map(String::as_str)).collect();
    tally.failures.iter().filter_map(move |(signature, failures)| {
        let is_new = |&(cell, _): &(&u32, &ShortestRun)| {
            let before = &baseline[place(*cell)];
            let was_clean = before.violations == 0;
            !before.signatures.contains(signature)
                && (!was_clean || !known.contains(signature.as_str()))
        };
        let new: BTreeMap<u32, &ShortestRun> =
            failures.cells.iter().filter(is_new).map(|(&cell, run)| (cell, run)).collect();
        let shortest = new.values().copied().min()?.clone();
        let cells = new.into_keys().collect();
        Some(Regression::NewAnomaly { signature: signature.clone(), cells, shortest })
    })
}

/// Cells in which nothing was found then, and something is now.
fn refuted<'a>(
    tally: &'a Tally,
    baseline: &'a [BaselineCellRecord],
) -> impl Iterator<Item = Regression> + 'a {
    let cells = (0_u32..).zip(tally.cells.iter().zip(baseline));
    cells.filter(|(_, (now, before))| now.violation > 0 && before.violations == 0).filter_map(
        |(cell, (now, before))| {
            let of = |(signature, all): (&'a String, &'a crate::campaign::SignatureTally)| {
                Some((all.cells.get(&cell)?, signature))
            };
            let (shortest, signature) = tally.failures.iter().filter_map(of).min()?;
            Some(Regression::ClaimRefuted {
                cell,
                signature: signature.clone(),
                violations: now.violation,
                decided: now.decided(),
                kept: before.valid,
                shortest: shortest.clone(),
            })
        },
    )
}

fn comparisons(tally: &Tally, baseline: &[BaselineCellRecord]) -> Vec<(u32, Comparison)> {
    let of = |(cell, (now, before)): (u32, (&CellTally, &BaselineCellRecord))| {
        let (now, before) = (now.figures, before.figures);
        let each = Figure::ALL.into_iter();
        each.filter_map(move |it| Some((cell, Comparison::of(it, &before, &now)?)))
    };
    (0..).zip(tally.cells.iter().zip(baseline)).flat_map(of).collect()
}

/// Figures that cannot be compared any more. Of a cell that was run in part, that is no wonder.
fn vanished(tally: &Tally, baseline: &BaselineRecord) -> Vec<(u32, Figure)> {
    let of = |(cell, (now, before)): (u32, (&CellTally, &BaselineCellRecord))| {
        let is_whole = now.runs() >= baseline.seeds;
        let (now, before) = (now.figures, before.figures);
        let each = Figure::ALL.into_iter();
        each.filter(move |it| is_whole && it.is_gone(&before, &now)).map(move |it| (cell, it))
    };
    (0..).zip(tally.cells.iter().zip(&baseline.cells)).flat_map(of).collect()
}

fn place(cell: u32) -> usize {
    usize::try_from(cell).expect("cells are counted by usize")
}
