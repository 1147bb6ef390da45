//! `rashomon check RUN`: a stored run is judged as `run` judged it, with the facts in its record.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use rashomon_checker::formats::{self, Format, ReadOptions};
use rashomon_checker::linearizability::{Keys, Options};
use rashomon_checker::{History, Time};
use rashomon_results::{RunFolder, Store, StoreError};

use super::{CheckArgs, budget, stop};
use crate::cli::ladder::{self, WithLadder};
use crate::cli::opened::{Known, Opened};
use crate::cli::output::Output;
use crate::doubt::Whose;
use crate::execute::{self, Finished};
use crate::exit::Exit;
use crate::identity;
use crate::judge::{Asked, Requirement};
use crate::record::{Told, record};
use crate::report::{first, verdict_page};
use crate::run::drive::{Driven, Ended, Rest, SpanOutcome};
use crate::world::{Breakdown, Part};

/// The stored run that an argument names, if any. An existing file or folder is taken as such;
/// otherwise the argument may be the name of a run.
///
/// # Errors
/// If the name could be that of several runs.
pub(super) fn find(args: &CheckArgs) -> anyhow::Result<Option<RunFolder>> {
    let ([path], None) = (&args.files[..], &args.map) else { return Ok(None) };
    let store = Store::at(&args.store.store);
    let is_run = |folder: &Path| folder.join("run.toml").is_file();
    let folder = match path.parent() {
        _ if path.is_dir() => Some(path.as_path()),
        Some(parent) if path.ends_with("history.jsonl") => Some(parent),
        _ => None,
    };
    if let Some(folder) = folder.filter(|folder| is_run(folder)) {
        return Ok(Some(store.find(&folder.to_string_lossy())?));
    }
    let name = path.to_str().filter(|name| !path.exists() && *name != "-");
    match name.map(|name| store.find(name)) {
        Some(Ok(run)) => Ok(Some(run)),
        Some(Err(error @ StoreError::Ambiguous { .. })) => Err(error.into()),
        // It is reported as a missing file.
        Some(Err(_)) | None => Ok(None),
    }
}

/// Whether the checks are those of the run, and no others were given.
pub(super) fn asks_what_run_asked(args: &CheckArgs) -> bool {
    args.model.is_none()
        && args.invariant.is_empty()
        && args.independent.is_none()
        && args.format.0.is_none()
}

/// Judges a stored run.
///
/// # Errors
/// If one of its files cannot be read, or was changed.
pub(super) fn check(
    args: &CheckArgs,
    run: RunFolder,
    interrupted: &Arc<AtomicBool>,
    output: &Output,
) -> anyhow::Result<Exit> {
    let stored = Opened::open(run)?;
    let history = Arc::new(read(&stored.folder, output)?);
    let kind = stored.settings.kind().context("an unknown workload")?;
    let (build, driven) = match &stored.known {
        Known::Record { record, driven } => (record.build.clone(), Driven::clone(driven)),
        Known::Nothing => (identity::build(), cut_short(&stored, &history)),
        Known::Earlier { schema } => anyhow::bail!(earlier(&stored.folder, schema)),
    };
    let options = options(args, interrupted);
    let mut settings = stored.settings.clone();
    if !args.require.is_empty() {
        settings.require = args.require.iter().map(|it| it.name().to_owned()).collect();
    }
    let requirement = Requirement::new(&settings, kind, &stored.plan.kinds());
    let asked = Asked { kind, requirement, options };
    let finished =
        Finished::of(history, driven, &asked, &mut || interrupted.load(Ordering::Relaxed));
    let exit = finished.exit();
    exit.note();
    let record = record(Told {
        build,
        settings: &settings,
        finished: &finished,
        folder: Some(stored.folder.path().display().to_string()),
        plan_is_drawn: stored.plan == execute::plan(&stored.settings),
    });
    let ladder = args.ladder.then(|| ladder::climb(&finished, kind, &asked.options));
    match (&ladder, output.json) {
        (None, true) => output.json(&record),
        (Some(ladder), true) => {
            output.json(&WithLadder::new(&record, ladder));
        }
        (_, false) => {
            if let Some(ladder) = &ladder {
                let drawn = first(&record).map(|(_, anomaly)| anomaly);
                output.page(&ladder::page(ladder, drawn, output.screen()));
            }
            output.page(&verdict_page(&record, output.screen()));
        }
    }
    Ok(exit)
}

/// What to do with a run of an earlier rashomon.
fn earlier(folder: &RunFolder, schema: &str) -> String {
    let path = folder.path().display();
    format!(
        "{path}/verdict.json has the format {schema:?} of an earlier rashomon, which this build does \
         not judge again; `rashomon replay {path}` makes the run again and records it in the new format, and \
         `rashomon check {path}/history.jsonl --model NAME` judges its history"
    )
}

fn read(folder: &RunFolder, output: &Output) -> anyhow::Result<History> {
    let path = folder.path().join("history.jsonl");
    let file = File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let options = ReadOptions { format: Some(Format::JsonLines), ..ReadOptions::default() };
    let loaded = formats::load(BufReader::new(file), &options)
        .with_context(|| path.display().to_string())?;
    if let Some(torn) = loaded.notes.torn {
        output.note(&format!(
            "{}: line {} was cut short after {} bytes; judged without it",
            path.display(),
            torn.line,
            torn.bytes
        ));
    }
    Ok(loaded.history)
}

fn options(args: &CheckArgs, interrupted: &Arc<AtomicBool>) -> Options {
    let mut budget = budget(args, &stop(args, interrupted));
    if let Some(memory) = args.budget_memory {
        budget.bytes = memory.room().bytes;
    }
    let keys = if args.all_keys { Keys::All } else { Keys::UntilViolation };
    Options { budget, keys, ..Options::default() }
}

/// What is known of a run that ended before it was recorded.
fn cut_short(stored: &Opened, history: &History) -> Driven {
    let end = history.iter().map(|op| op.invoke_time).max().unwrap_or(Time(0));
    let what = "ended before it could report on the run".to_owned();
    Driven {
        spans: stored.plan.spans.iter().map(SpanOutcome::planned).collect(),
        rest: Rest::NotLooked,
        unread: Vec::new(),
        breakdowns: vec![Breakdown { part: Part::Harness, whose: Whose::Environment, what }],
        breaches: Vec::new(),
        sighting: None,
        ended: Ended::Interrupted { at: end },
        end,
        bug_hits: 0,
    }
}
