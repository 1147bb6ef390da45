//! Many runs, from a seed on.

mod series;

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::series::{Line, Pace, Series};
use super::faults::Faults;
use super::output::Output;
use super::session::Session;
use crate::execute::{self, Keep};
use crate::exit::Exit;
use crate::identity;
use crate::judge::Requirement;
use crate::parallel::{Each, all_cores, up_to_first};
use crate::record::{Told, record};
use crate::report::progress::Show;
use crate::settings::{Driver, Settings};

/// Runs that differ in their seeds.
pub(super) struct Seeds {
    /// The seed of the first run.
    pub(super) settings: Settings,
    /// Where their faults come from.
    pub(super) faults: Faults,
    /// The number of runs.
    pub(super) count: u64,
    /// Whether to go on after a violation.
    pub(super) keep_going: bool,
}

impl Seeds {
    /// Runs them all, up to the first violation unless they are to keep going. A run that is unknown
    /// does not end the series: it is counted and reported.
    ///
    /// # Errors
    /// If a cluster does not start, or a run cannot be kept.
    pub(super) fn run(&self, session: &Session<'_>) -> anyhow::Result<Exit> {
        let started = Instant::now();
        let (lines, threads) = match self.settings.driver {
            Driver::Simulation => self.simulated(session)?,
            Driver::Cluster => (self.real(session)?, 1),
        };
        let series = Series {
            first_seed: self.settings.seed,
            count: self.count,
            lines,
            pace: Pace { elapsed: started.elapsed(), threads, driver: self.settings.driver },
            has_planted_bug: self.settings.target.has_planted_bug(),
            is_interrupted: session.is_interrupted(),
        };
        if session.output.json {
            session.output.json(&series.report());
        } else {
            session.output.result(&session.output.glyphs.fit(&series.text()));
            self.keep_first(&series, session)?;
        }
        Ok(series.exit())
    }

    /// Real clusters, one after another, each with its box.
    fn real(&self, session: &Session<'_>) -> anyhow::Result<BTreeMap<u64, Line>> {
        let mut lines = BTreeMap::new();
        for number in 0..self.count {
            if session.is_interrupted() {
                break;
            }
            let settings = self.settings.with_seed(self.settings.seed + number);
            let planned = self.faults.plan(&settings);
            let kept = session.one(&settings, &planned)?;
            let line = Line::of(&kept.record, kept.exit, kept.finished.judged_in);
            let ends = line.exit == Exit::Violation && !self.keep_going;
            lines.insert(number, line);
            if ends {
                break;
            }
        }
        Ok(lines)
    }

    /// Simulated clusters, on all cores. Unless interrupted, the result does not depend on how many
    /// there are.
    fn simulated(&self, session: &Session<'_>) -> anyhow::Result<(BTreeMap<u64, Line>, usize)> {
        let bar = bar(self.count, session.output);
        let threads = all_cores();
        let each = Each {
            run: |number| {
                let line = self.simulate(self.settings.seed + number, session);
                bar.inc(1);
                line
            },
            ends: |line: &anyhow::Result<Line>| {
                let goes_on = line.as_ref().is_ok_and(|it| it.exit != Exit::Violation);
                !goes_on && !self.keep_going
            },
            stop: || session.is_interrupted(),
        };
        let lines = up_to_first(self.count, threads, &each).into_iter();
        bar.finish_and_clear();
        let lines: anyhow::Result<_> = lines.map(|(number, line)| Ok((number, line?))).collect();
        Ok((lines?, threads))
    }

    fn simulate(&self, seed: u64, session: &Session<'_>) -> anyhow::Result<Line> {
        let settings = self.settings.with_seed(seed);
        let planned = self.faults.plan(&settings);
        let watcher = &mut session.watcher();
        let kind = settings.kind().context("an unknown workload")?;
        // Checks beyond the requirement are skipped for many runs. The run that is kept is judged
        // in full.
        let asked = Requirement::new(&settings, kind, &planned.plan.kinds()).alone();
        let keep = Keep::default();
        let finished = execute::execute_asking(&asked, &settings, &planned.plan, keep, watcher)?;
        finished.exit().note();
        if finished.exit() == Exit::Valid {
            return Ok(Line::valid(&finished)); // Nothing more is reported of it.
        }
        let record = record(Told {
            build: identity::build(),
            settings: &settings,
            finished: &finished,
            folder: None,
            plan_is_drawn: planned.is_drawn,
        });
        Ok(Line::of(&record, finished.exit(), finished.judged_in))
    }

    /// Reports and keeps the first violation of simulated runs, or else the first unknown run, by
    /// making that run again.
    fn keep_first(&self, series: &Series, session: &Session<'_>) -> anyhow::Result<()> {
        let simulated = self.settings.driver == Driver::Simulation;
        // A run that begins after a signal would end at once.
        let is_over = self.keep_going || session.is_interrupted();
        let first = series.first(Exit::Violation).or_else(|| series.first(Exit::Unknown));
        if let Some(seed) = first.filter(|_| simulated && !is_over) {
            let settings = self.settings.with_seed(seed);
            session.one(&settings, &self.faults.plan(&settings))?;
        }
        Ok(())
    }
}

/// Progress of many runs.
pub(super) fn bar(count: u64, output: &Output) -> ProgressBar {
    let target = match output.progress() {
        Show::Live => ProgressDrawTarget::stderr(),
        Show::Lines | Show::Nothing => ProgressDrawTarget::hidden(),
    };
    let style =
        ProgressStyle::with_template(" runs   {bar:40} {pos} of {len}  {per_sec}  {eta} left")
            .expect("the template is constant");
    let bar = ProgressBar::with_draw_target(Some(count), target);
    bar.set_style(style.progress_chars("━╸ "));
    bar
}
