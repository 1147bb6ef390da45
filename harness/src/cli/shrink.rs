//! `rashomon shrink`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use rashomon_results::{Occurrence, RunFolder, Store, TraceLine};

use super::opened::{Known, Opened};
use super::output::Output;
use super::{StoreArgs, words};
use crate::execute::{Keep, run_scenario};
use crate::exit::Exit;
use crate::interrupt;
use crate::report::progress::Show;
use crate::report::{
    Cast, Sentence, ShrunkReport, ShrunkTold, count, shrunk_text, space_time, story,
};
use crate::run::drive::UntilStopped;
use crate::settings::Driver;
use crate::shrink::{ScenarioSize, Shrinking, Shrunk, Start, shrink as cut_down};
use crate::trace::Tracer;

/// What is left of a run, in its folder.
const SHRUNK_FILE: &str = "shrunk.json";
/// The story of that, in its folder.
const STORY_FILE: &str = "story.txt";

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon shrink latest
  rashomon shrink latest --budget 300
  rashomon replay results/runs/latest/shrunk.json")]
pub(super) struct ShrinkArgs {
    /// The simulated run that was a violation: its folder, its id, a unique prefix of the id, or `latest`
    run: String,
    /// The most runs to make
    #[arg(long, default_value = "100", value_name = "N", value_parser = |text: &str| words::whole(text, 2_u64, 1_000_000))]
    budget: u64,
    #[command(flatten)]
    store: StoreArgs,
}

/// Carries out `rashomon shrink`.
pub(super) fn shrink(args: &ShrinkArgs, output: &Output) -> anyhow::Result<Exit> {
    let Opened { folder, settings, plan, scenario, known } =
        Opened::open(Store::at(&args.store.store).find(&args.run)?)?;
    anyhow::ensure!(
        settings.driver == Driver::Simulation,
        "{} ran on real processes, where a seed does not repeat a run; shrink a run made with --sim",
        folder.id()
    );
    settings.target.check_runs_here().map_err(anyhow::Error::msg)?;
    if let Known::Record { record, .. } = &known {
        anyhow::ensure!(
            record.exit == Exit::Violation.number(),
            "{} is no violation, so there is nothing to shrink; give a run whose exit was 1",
            folder.id()
        );
    }
    let stop = interrupt::stop_flag("stopping; what was cut away so far is kept");
    let start = match scenario {
        Some(scenario) => Start::Scenario(scenario),
        None => Start::Run { settings, plan },
    };
    let mut heard = |pass: &str, made: u64, size: &ScenarioSize| {
        if output.progress() != Show::Nothing {
            let ScenarioSize { operations, faults, nodes, .. } = *size;
            let left = [(operations, "operation"), (faults, "fault"), (nodes, "node")]
                .map(|(number, what)| count(number as u64, what));
            output.note(&format!("{:>8}  {:<20}  {}", count(made, "run"), pass, left.join(", ")));
        }
    };
    match cut_down(start, args.budget, &mut UntilStopped(&stop), &mut heard)? {
        Shrinking::Shrunk(shrunk) => {
            let written = write_down(&folder, &shrunk)?;
            let told = written.told(&shrunk);
            if output.json {
                output.json(&ShrunkReport::new(&told));
            } else {
                output.result(&output.glyphs.fit(&shrunk_text(&told)));
            }
            Ok(Exit::Violation)
        }
        _ if stop.load(Ordering::Relaxed) => Ok(Exit::Interrupted),
        Shrinking::Passes => {
            let why = "made again, the run is no violation; if another build of rashomon made it, shrink it with \
                       that one, and if this build did, that is a bug in rashomon";
            output.refuse(Exit::Unknown, why);
            Ok(Exit::Unknown)
        }
        Shrinking::Lost(failure) => {
            let why =
                format!("the run as data does not show the {failure}: this is a bug in rashomon");
            output.refuse(Exit::OurBug, &why);
            Ok(Exit::OurBug)
        }
    }
}

/// What is left of a run, and its story, as they were written into its folder.
pub(super) struct WrittenDown {
    run: String,
    scenario: String,
    summary: String,
    story: Vec<Sentence>,
    drawing: String,
}

impl WrittenDown {
    fn told<'a>(&'a self, shrunk: &'a Shrunk) -> ShrunkTold<'a> {
        let Self { run, scenario, summary, story, drawing } = self;
        ShrunkTold { shrunk, run, scenario, summary, story, drawing }
    }
}

/// The file that `rashomon replay` takes, if the run of a folder was cut down before. The story is written last, so
/// it is there only if all is.
pub(super) fn cut_down_before(folder: &RunFolder) -> Option<PathBuf> {
    let path = folder.path();
    path.join(STORY_FILE).is_file().then(|| path.join(SHRUNK_FILE)).filter(|it| it.is_file())
}

/// Writes the scenario and its story into the run's folder.
///
/// # Errors
/// If what is left cannot be run once more, or they cannot be written.
pub(super) fn write_down(folder: &RunFolder, shrunk: &Shrunk) -> anyhow::Result<WrittenDown> {
    folder.write_json(SHRUNK_FILE, &shrunk.scenario)?;
    let anomaly = shrunk.failure.anomaly(&shrunk.finished.judgement);
    let witness = anomaly.iter().flat_map(|it| &it.witness.operations);
    let events: BTreeSet<u64> = witness.map(|op| u64::from(op.invoked.0)).collect();
    let cast = Cast { load: shrunk.scenario.operations.len(), events };
    let trace = Tracer::in_memory();
    let keep = Keep { trace: trace.clone(), ..Keep::default() };
    run_scenario(&shrunk.scenario, keep, &mut UntilStopped(&AtomicBool::new(false)))
        .context("trace what is left")?;
    let mut lines = trace.take_lines();
    // A fault that strikes comes before what it does.
    let is_cause = |line: &TraceLine| matches!(line.occurrence, Occurrence::Struck { .. });
    lines.sort_by_key(|line| (line.time, !is_cause(line)));
    let nodes = shrunk.scenario.settings.members().iter().map(ToString::to_string).collect();
    let drawing = space_time(&lines, nodes, &cast);
    let story: Vec<Sentence> = story(&lines, cast);
    let summary = shrunk.finished.judgement.found().unwrap_or_default();
    let summary = anomaly.map_or(summary, |anomaly| anomaly.summary.clone());
    // `latest` is another run as soon as the scenario is run.
    let run = match folder.path() {
        link if link.is_symlink() => link.with_file_name(folder.id()),
        path => path.to_owned(),
    };
    let written = WrittenDown {
        run: run.display().to_string(),
        scenario: run.join(SHRUNK_FILE).display().to_string(),
        summary,
        story,
        drawing,
    };
    folder.write_text(STORY_FILE, &shrunk_text(&written.told(shrunk)))?;
    Ok(written)
}
