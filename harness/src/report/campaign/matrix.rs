//! The matrix: a table for each world, workload and size; a row for each set of faults, a column for each target.

use std::collections::BTreeMap;

use crate::campaign::{AskedCell, CellNames, Covered, ToldCampaign};
use crate::report::thousands;

/// One table.
pub(super) struct MatrixBlock {
    /// World, workload and size.
    pub(super) title: String,
    /// One of its cells.
    of: CellNames,
    /// The names of targets.
    pub(super) columns: Vec<String>,
    /// Faults as they are written, with an entry for each column.
    pub(super) rows: Vec<(String, Vec<MatrixEntry>)>,
}

/// A cell of the campaign, in brief.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MatrixEntry {
    /// It does not fit.
    NotFit,
    /// None of its runs is made.
    NotRun,
    /// Some of its runs broke what was required.
    Violated {
        /// How many.
        violations: u64,
        /// Of how many that are decided.
        decided: u64,
    },
    /// Too few of its runs are decided.
    Undecided {
        /// How many are not.
        unknown: u64,
        /// Of how many.
        runs: u64,
    },
    /// Nothing was found.
    Clean {
        /// In how many runs that are decided.
        decided: u64,
    },
}

impl MatrixEntry {
    /// As it stands in a table.
    pub(super) fn text(self) -> String {
        match self {
            Self::NotFit => "– n/a".to_owned(),
            Self::NotRun => "– not run".to_owned(),
            Self::Violated { violations, decided } => {
                format!("✗ {}/{}", thousands(violations), thousands(decided))
            }
            Self::Undecided { unknown, runs } => {
                format!("? {}/{}", thousands(unknown), thousands(runs))
            }
            Self::Clean { decided } => format!("0/{}", thousands(decided)),
        }
    }
}

/// The tables of a campaign, in the order of its file.
pub(super) fn blocks(told: &ToldCampaign<'_>) -> Vec<MatrixBlock> {
    let fits = told.campaign.cells.iter().enumerate().map(|(place, cell)| {
        let of = &told.tally.cells[place];
        let entry = match of.runs() {
            0 => MatrixEntry::NotRun,
            _ if of.violation > 0 => {
                MatrixEntry::Violated { violations: of.violation, decided: of.decided() }
            }
            runs if of.tells_too_little() => MatrixEntry::Undecided { unknown: of.unknown, runs },
            _ => MatrixEntry::Clean { decided: of.decided() },
        };
        (&cell.names, entry)
    });
    let misfits = told.campaign.misfits.iter().map(|it| (&it.names, MatrixEntry::NotFit));
    let mut entries: BTreeMap<CellNames, MatrixEntry> = BTreeMap::new();
    let mut blocks: Vec<MatrixBlock> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (names, entry) in fits.chain(misfits) {
        entries.insert(names.clone(), entry);
        let title = format!("{} {} {}", names.workload, names.size, names.world);
        let place = *places.entry(title.clone()).or_insert(blocks.len());
        if place == blocks.len() {
            let of = names.clone();
            blocks.push(MatrixBlock { title, of, columns: Vec::new(), rows: Vec::new() });
        }
        let block = &mut blocks[place];
        if !block.columns.contains(&names.target) {
            block.columns.push(names.target.clone());
        }
        if !block.rows.iter().any(|(faults, _)| *faults == names.faults) {
            block.rows.push((names.faults.clone(), Vec::new()));
        }
    }
    for block in &mut blocks {
        for (faults, row) in &mut block.rows {
            row.extend(block.columns.iter().map(|target| {
                let (faults, target) = (faults.clone(), target.clone());
                let names = CellNames { faults, target, ..block.of.clone() };
                entries.get(&names).copied().unwrap_or(MatrixEntry::NotRun)
            }));
        }
    }
    blocks
}

/// A row for each operation and role, with the number of operations under each of these faults.
pub(super) fn covered(covered: &Covered, faults: &[String]) -> Vec<(String, Vec<u64>)> {
    let mut rows = Vec::new();
    for operation in covered.operations() {
        for role in covered.roles(operation) {
            let times = faults.iter().map(|fault| {
                covered.times(&AskedCell {
                    operation: operation.to_owned(),
                    fault: fault.clone(),
                    role: role.to_owned(),
                })
            });
            rows.push((format!("{operation} at {role}"), times.collect()));
        }
    }
    rows
}
