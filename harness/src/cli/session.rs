//! What the runs of one command share: where they are kept, how they are shown, and whether somebody
//! wants an end.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use rashomon_results::{RunFolder, Store};
use serde_json::json;

use super::output::Output;
use crate::execute::{self, Finished, Keep};
use crate::fault::Plan;
use crate::interrupt;
use crate::report::progress::{Progress, Show};
use crate::report::{Told, plan_text, run_result, verdict_page};
use crate::settings::{Driver, Settings};
use crate::system;

/// What the runs of one command share.
pub(super) struct Session<'a> {
    /// Where runs are kept.
    pub(super) store: &'a Path,
    /// The first client port of real nodes.
    pub(super) base_port: Option<u16>,
    /// How results are shown.
    pub(super) output: &'a Output,
    stop: Arc<AtomicBool>,
}

/// A plan, and where it is from.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    /// The plan.
    pub(super) plan: Plan,
    /// Whether the settings' seed draws it.
    pub(super) is_drawn: bool,
}

/// A run that is over and kept.
pub(super) struct Kept {
    /// What came of it.
    pub(super) finished: Finished,
    /// Where it is.
    pub(super) folder: RunFolder,
}

impl<'a> Session<'a> {
    /// For a command. The first signal ends its runs; ask once in a program's life.
    pub(super) fn new(store: &'a Path, base_port: Option<u16>, output: &'a Output) -> Self {
        let stop = interrupt::stop_flag("stopping the load; again to end at once");
        Self { store, base_port, output, stop }
    }

    /// Whether somebody wants an end.
    pub(super) fn is_interrupted(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// One run, kept in the store, with the text that is shown of it.
    ///
    /// # Errors
    /// If the cluster does not start, or the run cannot be kept.
    pub(super) fn one(&self, settings: &Settings, planned: &Planned) -> anyhow::Result<Kept> {
        let (output, plan) = (self.output, &planned.plan);
        let folder = Store::at(self.store).create(SystemTime::now(), &settings.label())?;
        folder.write_toml("run.toml", settings)?;
        folder.write_json("plan.json", plan)?;
        output.note(format!("{}\n{}", settings.command(), plan_text(plan)).trim_end());
        if settings.driver == Driver::Cluster {
            for lack in system::lacks_for_runs() {
                output.note(lack);
            }
        }
        let keep = Keep::in_folder(&folder, self.base_port)?;
        let show = match settings.driver {
            Driver::Cluster => output.progress(),
            Driver::Simulation => Show::Nothing, // It is over before it could be drawn.
        };
        let mut progress = Progress::new(show, settings.lasts(), self.stop.clone());
        let finished = execute::execute(settings, plan, keep, &mut progress);
        progress.finish();
        let finished = finished?;
        finished.exit().note();
        let kept = Kept { finished, folder };
        let result = run_result(&kept.told(settings, planned));
        kept.folder.write_json("verdict.json", &result)?;
        let header = json!({ "format": "rashomon-faults", "version": 1 });
        let faults = result["evidence"]["faults"].as_array().into_iter().flatten();
        kept.folder.write_json_lines("faults.jsonl", [&header].into_iter().chain(faults))?;
        if !output.json {
            output.page(&verdict_page(&kept.told(settings, planned), output.screen()));
        }
        Ok(kept)
    }
}

impl Kept {
    /// All that is told of it.
    pub(super) fn told<'a>(&'a self, settings: &'a Settings, planned: &Planned) -> Told<'a> {
        Told {
            settings,
            finished: &self.finished,
            folder: Some(self.folder.path().display().to_string()),
            plan_is_drawn: planned.is_drawn,
        }
    }
}
