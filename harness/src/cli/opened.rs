//! A stored run, read whole to be judged or run again.

use std::path::Path;

use anyhow::Context;
use rashomon_results::{RunFolder, RunRecord, StoredVerdict};

use crate::fault::Plan;
use crate::run::drive::Driven;
use crate::scenario::Scenario;
use crate::settings::Settings;
use crate::shrink::Failure;
use crate::{fault, record, scenario, settings, strict};

/// A stored run, read whole.
pub(super) struct Opened {
    /// Where it is.
    pub(super) folder: RunFolder,
    /// What was run.
    pub(super) settings: Settings,
    /// Under which faults.
    pub(super) plan: Plan,
    /// The scenario that it was made by, if it was made by one.
    pub(super) scenario: Option<Scenario>,
    /// What became of it.
    pub(super) known: Known,
}

/// What is known of how a stored run went.
pub(super) enum Known {
    /// Nothing: it was ended before it could tell.
    Nothing,
    /// What is known cannot be read here: an earlier rashomon wrote it.
    Earlier {
        /// The name of its format.
        schema: String,
    },
    /// All.
    Record {
        /// What was told of it.
        record: Box<RunRecord>,
        /// What it knew at its end.
        driven: Box<Driven>,
    },
}

impl Known {
    /// How it failed, if it did.
    pub(super) fn failure(&self) -> Option<Failure> {
        match self {
            Self::Record { record, .. } => Failure::of_record(record),
            Self::Nothing | Self::Earlier { .. } => None,
        }
    }
}

impl Opened {
    /// Reads a run.
    ///
    /// # Errors
    /// Names the file that is missing, that has something unknown in it, or that was changed after
    /// the run.
    pub(super) fn open(folder: RunFolder) -> anyhow::Result<Self> {
        let name = |file: &str| folder.path().join(file).display().to_string();
        let text = folder.read_text("run.toml")?;
        let settings: Settings = strict::toml(&text, settings::HEADER)
            .and_then(|settings: Settings| settings.validate().map(|()| settings))
            .map_err(anyhow::Error::msg)
            .with_context(|| name("run.toml"))?;
        let text = folder.read_text("plan.json")?;
        let plan: Plan = strict::json(&text, fault::HEADER)
            .map_err(anyhow::Error::msg)
            .with_context(|| name("plan.json"))?;
        let path = folder.path().join(scenario::FILE);
        let scenario = if path.is_file() { Some(read_scenario(&path)?) } else { None };
        let plan = match &scenario {
            // Its faults have numbers of their own.
            Some(scenario) => {
                let is_same = scenario.settings == settings && scenario.plan == plan;
                anyhow::ensure!(
                    is_same,
                    "{} was changed after the run: run.toml or plan.json say something else; restore it",
                    name(scenario::FILE)
                );
                plan
            }
            None => plan.checked(&settings.members()).with_context(|| name("plan.json"))?,
        };
        let known = match folder.verdict()? {
            StoredVerdict::Absent => Known::Nothing,
            StoredVerdict::Earlier { schema, .. } => Known::Earlier { schema },
            StoredVerdict::Record(record) => {
                let driven = unchanged(&record, &settings, &plan)
                    .with_context(|| folder.path().join("verdict.json").display().to_string())?;
                Known::Record { record, driven: Box::new(driven) }
            }
        };
        Ok(Self { folder, settings, plan, scenario, known })
    }
}

/// The scenario in a file.
///
/// # Errors
/// Names the file, and the field at fault.
pub(super) fn read_scenario(path: &Path) -> anyhow::Result<Scenario> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    strict::json(&text, scenario::HEADER)
        .map_err(anyhow::Error::msg)
        .with_context(|| format!("{} is not a scenario", path.display()))
}

/// What the run knew at its end, if these are its settings and its plan.
fn unchanged(record: &RunRecord, settings: &Settings, plan: &Plan) -> anyhow::Result<Driven> {
    let (was, driven) = (record::settings(record), record::driven(record));
    let was = was.map_err(anyhow::Error::msg)?;
    let driven = driven.map_err(anyhow::Error::msg)?;
    anyhow::ensure!(
        was == *settings,
        "run.toml was changed after the run: verdict.json has other settings; restore it, or give the new settings to `rashomon run`"
    );
    anyhow::ensure!(
        driven.spans.iter().map(|outcome| &outcome.span).eq(&plan.spans),
        "plan.json was changed after the run: verdict.json has other faults; restore it, or give it to `rashomon run --faults`"
    );
    Ok(driven)
}
