//! What the runs of one command share: where they are kept, how they are shown, and whether the
//! user has interrupted them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rashomon_results::{RunFolder, RunRecord};

use super::output::Output;
use crate::execute::{self, Finished, Keep, Noting};
use crate::exit::Exit;
use crate::fault::Plan;
use crate::identity;
use crate::interrupt;
use crate::kept;
use crate::record::{self, Told};
use crate::report::progress::{Progress, Show};
use crate::report::{plan_text, verdict_page};
use crate::run::drive::UntilStopped;
use crate::scenario::Scenario;
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
    /// All that is reported of it.
    pub(super) record: RunRecord,
    /// What the program ends with.
    pub(super) exit: Exit,
    /// What was recorded and concluded.
    pub(super) finished: Finished,
    /// Where it is.
    pub(super) folder: RunFolder,
}

impl<'a> Session<'a> {
    /// For a command. The first signal ends its runs; ask once in a program's life.
    pub(super) fn new(store: &'a Path, base_port: Option<u16>, output: &'a Output) -> Self {
        let stop = interrupt::stop_flag("stopping the load; press Ctrl-C again to end at once");
        Self { store, base_port, output, stop }
    }

    /// Whether the command was interrupted.
    pub(super) fn is_interrupted(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Shows nothing of a run, and ends it with the command.
    pub(super) fn watcher(&self) -> UntilStopped<'_> {
        UntilStopped(&self.stop)
    }

    /// One run, kept in the store, with the text that is shown of it.
    ///
    /// # Errors
    /// If the cluster does not start, or the run cannot be kept.
    pub(super) fn one(&self, settings: &Settings, planned: &Planned) -> anyhow::Result<Kept> {
        let (output, plan) = (self.output, &planned.plan);
        let folder = kept::begin(self.store, settings, plan)?;
        let command = settings.command().unwrap_or_default();
        output.note(format!("{command}\n{}", plan_text(plan)).trim_end());
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
        let mut noting = Noting::new(&mut progress);
        let finished = execute::execute(settings, plan, keep, &mut noting);
        let operations = noting.operations();
        progress.finish();
        let finished = finished?;
        kept::as_run(&folder, (settings, plan), operations, &finished)?;
        self.keep(settings, planned.is_drawn, folder, finished)
    }

    /// One run of a scenario, kept and shown in the same way.
    ///
    /// # Errors
    /// If it cannot be run, or kept.
    pub(super) fn scenario(&self, scenario: &Scenario) -> anyhow::Result<Kept> {
        let folder = kept::begin_scenario(self.store, scenario)?;
        self.output.note(plan_text(&scenario.plan).trim_end());
        let keep = Keep::in_folder(&folder, self.base_port)?;
        let settings = &scenario.settings;
        let mut progress = Progress::new(Show::Nothing, settings.lasts(), self.stop.clone());
        let finished = execute::run_scenario(scenario, keep, &mut progress);
        progress.finish();
        self.keep(settings, false, folder, finished?)
    }

    /// One run of a scenario on real processes, kept and not shown.
    ///
    /// # Errors
    /// If it cannot be run, or kept.
    pub(super) fn trial(&self, scenario: &Scenario) -> anyhow::Result<Kept> {
        let folder = kept::begin_scenario(self.store, scenario)?;
        let keep = Keep::in_folder(&folder, self.base_port)?;
        let settings = &scenario.settings;
        let mut progress =
            Progress::new(self.output.progress(), settings.lasts(), self.stop.clone());
        let finished = execute::run_scenario(scenario, keep, &mut progress);
        progress.finish();
        self.write(settings, false, folder, finished?)
    }

    /// Writes what came of a run into its folder, and shows it.
    fn keep(
        &self,
        settings: &Settings,
        plan_is_drawn: bool,
        folder: RunFolder,
        finished: Finished,
    ) -> anyhow::Result<Kept> {
        let kept = self.write(settings, plan_is_drawn, folder, finished)?;
        if !self.output.json {
            self.output.page(&verdict_page(&kept.record, self.output.screen()));
        }
        Ok(kept)
    }

    /// Writes what came of a run into its folder.
    fn write(
        &self,
        settings: &Settings,
        plan_is_drawn: bool,
        folder: RunFolder,
        finished: Finished,
    ) -> anyhow::Result<Kept> {
        let output = self.output;
        if let Some(error) = &finished.trace_failed {
            output.note(&format!(
                "{error}; the trace lacks the rest of the run, the history does not"
            ));
        }
        let exit = finished.exit();
        exit.note();
        let record = record::record(Told {
            build: identity::build_with_canary(),
            settings,
            finished: &finished,
            folder: Some(folder.path().display().to_string()),
            plan_is_drawn,
        });
        kept::end(&folder, &record)?;
        Ok(Kept { record, exit, finished, folder })
    }
}
