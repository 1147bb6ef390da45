//! Keeps the shortest run of each signature: made again, and stored as any other run is.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context;
use rashomon_results::strict::{self, Header};
use rashomon_results::{FailingSeed, FailingSeeds, RunFolder, Store, replace};
use serde::{Deserialize, Serialize};

use super::book::Book;
use crate::campaign::{KeptFailure, ShortestRun, ToldCampaign};
use crate::execute::{self, Keep};
use crate::identity;
use crate::kept;
use crate::record::{Told, record};
use crate::run::drive::Watcher;
use crate::settings::Settings;

/// The file of the runs that were kept, beside the journal.
const FILE: &str = "kept.json";

/// What that file says.
#[derive(Serialize, Deserialize)]
struct KeptFile {
    format: String,
    version: u64,
    /// By signature.
    runs: BTreeMap<String, KeptRun>,
}

/// A run that was kept.
#[derive(Clone, Serialize, Deserialize)]
struct KeptRun {
    cell: u32,
    seed: u64,
    /// The id of its folder.
    id: String,
}

const HEADER: Header = Header { format: "rashomon-kept", version: 1 };

/// Sees nothing, and stops nothing: a run of milliseconds.
struct Quiet;

impl Watcher for Quiet {}

/// Keeps the shortest run of each signature, unless it is kept already. In simulation it is made again, and
/// judged in full.
///
/// # Errors
/// If it cannot be kept.
pub(in crate::cli) fn keep_failures(
    told: &ToldCampaign<'_>,
    book: &Book,
    (folder, store): (&Path, &Path),
) -> anyhow::Result<BTreeMap<String, KeptFailure>> {
    let path = folder.join(FILE);
    // It saves work and says nothing of its own: one that cannot be read is made anew.
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let mut file = strict::json::<KeptFile>(&text, HEADER).unwrap_or_else(|_| KeptFile {
        format: HEADER.format.to_owned(),
        version: HEADER.version,
        runs: BTreeMap::new(),
    });
    let runs = Store::at(store);
    let mut found = BTreeMap::new();
    for (signature, failures) in &book.tally.failures {
        let run = failures.shortest();
        let is_it = |it: &&KeptRun| it.cell == run.cell && it.seed == run.seed;
        let there = file.runs.get(signature).filter(is_it).and_then(|it| runs.find(&it.id).ok());
        // One run may show several anomalies.
        let others = || file.runs.values().find(is_it).and_then(|it| runs.find(&it.id).ok());
        let folder = match there.or_else(others) {
            Some(folder) => folder,
            None => match keep(told, run, store)? {
                Some(folder) => folder,
                None => continue, // It was kept elsewhere, and no seed repeats it.
            },
        };
        let id = folder.id();
        let now = KeptRun { cell: run.cell, seed: run.seed, id: id.clone() };
        file.runs.insert(signature.clone(), now);
        let folder = folder.path().display().to_string();
        found.insert(signature.clone(), KeptFailure { folder, id, shrunk: None });
    }
    if !found.is_empty() {
        let text = serde_json::to_string_pretty(&file).context("its keys are texts")?;
        replace(&path, &(text + "\n"))?;
    }
    Ok(found)
}

/// Forgets which runs were kept for a journal that is begun anew: another build made them.
///
/// # Errors
/// If the file cannot be removed.
pub(in crate::cli) fn forget_kept(folder: &Path) -> anyhow::Result<()> {
    let path = folder.join(FILE);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Makes a simulated run again, and keeps it. Nothing, if it is one of real processes that this store has not.
fn keep(
    told: &ToldCampaign<'_>,
    run: &ShortestRun,
    store: &Path,
) -> anyhow::Result<Option<RunFolder>> {
    if let Some(id) = &run.run {
        return Ok(Store::at(store).find(id).ok());
    }
    let place = usize::try_from(run.cell).expect("cells are counted by usize");
    store_run(&told.campaign.cells[place].settings(run.seed), store).map(Some)
}

fn store_run(settings: &Settings, store: &Path) -> anyhow::Result<RunFolder> {
    let plan = execute::plan(settings);
    let folder = kept::begin(store, settings, &plan)?;
    let finished = execute::execute(settings, &plan, Keep::in_folder(&folder, None)?, &mut Quiet)?;
    let of_it = record(Told {
        build: identity::build_with_canary(),
        settings,
        finished: &finished,
        folder: Some(folder.path().display().to_string()),
        plan_is_drawn: true,
    });
    kept::end(&folder, &of_it)?;
    Ok(folder)
}

/// Takes note of the seeds that have failed, for the next campaign: of each cell the shortest run of each signature.
///
/// # Errors
/// If the file cannot be written.
pub(super) fn learn(failing: &mut FailingSeeds, told: &ToldCampaign<'_>) -> anyhow::Result<()> {
    for (signature, failures) in &told.tally.failures {
        for run in failures.cells.values() {
            let place = usize::try_from(run.cell).expect("cells are counted by usize");
            let cell = &told.campaign.cells[place];
            // A seed repeats a simulated run only.
            if cell.is_simulated() {
                failing.learn(FailingSeed {
                    runs: cell.key(),
                    signature: signature.clone(),
                    seed: run.seed,
                    operations: run.operations,
                });
            }
        }
    }
    Ok(failing.save()?)
}
