//! What `verdict.json` holds for whoever reads it again: what was run and asked, and what the run
//! knew at its end. With the history, it is all that judging takes.

use rashomon_results::RunFolder;
use rashomon_workloads::Check;
use serde::Deserialize;

use crate::run::drive::Driven;
use crate::settings::Settings;

/// The schema of `verdict.json`.
pub(crate) const SCHEMA: &str = "rashomon.result/1";

/// The part of `verdict.json` that is read again.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Record {
    /// What was run.
    pub(crate) settings: Settings,
    /// The names of the questions.
    asked: Vec<String>,
    /// What the run knew at its end.
    pub(crate) known: Driven,
}

impl Record {
    /// That of a stored run; nothing if the run was ended before it could write one.
    ///
    /// # Errors
    /// If it cannot be read, or is of another version.
    pub(crate) fn of(folder: &RunFolder) -> anyhow::Result<Option<Self>> {
        let path = folder.path().join("verdict.json");
        if !path.is_file() {
            return Ok(None);
        }
        let name = || path.display().to_string();
        let text = folder.read_text("verdict.json")?;
        let there: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| anyhow::anyhow!("{}: {error}", name()))?;
        let schema = there["schema"].as_str().unwrap_or_default();
        anyhow::ensure!(
            schema == SCHEMA,
            "{}: schema {schema:?} is not {SCHEMA:?}, which this build reads",
            name()
        );
        serde_json::from_value(there).map(Some).map_err(|error| {
            anyhow::anyhow!(
                "{}: {error}; it was changed, or an older rashomon wrote it: judge its \
                 history.jsonl with --model",
                name()
            )
        })
    }

    /// The questions that were put to the run.
    ///
    /// # Errors
    /// Names the one that this build does not know.
    pub(crate) fn questions(&self) -> anyhow::Result<Vec<Check>> {
        let named = |name: &String| {
            let known = Check::ALL.into_iter().find(|check| check.name() == name);
            known.ok_or_else(|| {
                anyhow::anyhow!("verdict.json: this build does not know how to ask {name:?}")
            })
        };
        self.asked.iter().map(named).collect()
    }
}
