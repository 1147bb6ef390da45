//! A stored run, read whole to be judged or run again.

use anyhow::Context;
use rashomon_results::RunFolder;

use crate::fault::Plan;
use crate::record::Record;
use crate::settings::Settings;
use crate::{fault, settings, strict};

/// A stored run, read whole.
pub(super) struct Opened {
    /// Where it is.
    pub(super) folder: RunFolder,
    /// What was run.
    pub(super) settings: Settings,
    /// Under which faults.
    pub(super) plan: Plan,
    /// What the run knew at its end, unless it was ended before.
    pub(super) record: Option<Record>,
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
        let plan = plan.checked(settings.target.nodes).with_context(|| name("plan.json"))?;
        let record = Record::of(&folder)?;
        if let Some(record) = &record {
            anyhow::ensure!(
                record.settings == settings,
                "{} was changed after the run: verdict.json tells of other settings; restore it, \
                 or give the new settings to `rashomon run`",
                name("run.toml")
            );
            anyhow::ensure!(
                record.known.spans.iter().map(|outcome| &outcome.span).eq(&plan.spans),
                "{} was changed after the run: verdict.json tells of other faults; restore it, or \
                 give it to `rashomon run --faults`",
                name("plan.json")
            );
        }
        Ok(Self { folder, settings, plan, record })
    }
}
