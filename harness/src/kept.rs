//! A run's folder: what is written before the run, and what after it. The history is written meanwhile.

use std::path::Path;
use std::time::SystemTime;

use rashomon_results::strict::Header;
use rashomon_results::{RunFolder, RunRecord, SpanRecord, Store, StoreError};
use rashomon_workloads::generator::RecordedOp;
use serde::Serialize;

use crate::execute::{Finished, as_it_went};
use crate::exit::Exit;
use crate::fault::Plan;
use crate::scenario::{self, Scenario};
use crate::settings::{Driver, Settings};

/// Makes the folder of a run that is about to start: enough to run it again is there from now on.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn begin(
    store: &Path,
    settings: &Settings,
    plan: &Plan,
) -> Result<RunFolder, StoreError> {
    let folder = Store::at(store).create(SystemTime::now(), &settings.label())?;
    folder.write_toml("run.toml", settings)?;
    folder.write_json("plan.json", plan)?;
    Ok(folder)
}

/// The same for a run that a scenario describes.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn begin_scenario(store: &Path, scenario: &Scenario) -> Result<RunFolder, StoreError> {
    let folder = begin(store, &scenario.settings, &scenario.plan)?;
    folder.write_json(scenario::FILE, scenario)?;
    Ok(folder)
}

/// What a run on real processes did, as data: in its folder, if it was a violation.
pub(crate) const AS_RUN_FILE: &str = "as-run.json";

/// Adds what a run on real processes did, if it was a violation, so that it can be run again.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn as_run(
    folder: &RunFolder,
    (settings, plan): (&Settings, &Plan),
    operations: Vec<RecordedOp>,
    finished: &Finished,
) -> Result<(), StoreError> {
    if settings.driver != Driver::Cluster || finished.exit() != Exit::Violation {
        return Ok(());
    }
    let plan = as_it_went(plan, finished);
    folder.write_json(AS_RUN_FILE, &Scenario::of_processes(settings, plan, operations))
}

/// Adds what came of it.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn end(folder: &RunFolder, record: &RunRecord) -> Result<(), StoreError> {
    folder.write_record(record)?;
    folder.write_json_lines("faults.jsonl", fault_lines(record))
}

/// What `faults.jsonl` says first.
const FAULTS: Header = Header { format: "rashomon-faults", version: 1 };

/// A line of `faults.jsonl`.
#[derive(Serialize)]
#[serde(untagged)]
enum FaultLine<'a> {
    First(Header),
    Span(&'a SpanRecord),
}

fn fault_lines(record: &RunRecord) -> impl Iterator<Item = FaultLine<'_>> {
    let spans = record.evidence.faults.iter().map(FaultLine::Span);
    std::iter::once(FaultLine::First(FAULTS)).chain(spans)
}
