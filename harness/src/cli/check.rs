//! `rashomon check`.

mod asking;
mod memory;
mod stored;
mod told;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use rashomon_checker::formats::passes::Passes;
use rashomon_checker::formats::{Format, Notes, ReadOptions, UnknownFormat};
use rashomon_checker::linearizability::{Keys, Options};
use rashomon_checker::{Budget, Doubt, ModelKind, Stop, Tally, Verdict, vacuity_of};
use rashomon_results::{End, read_in_passes};

use self::asking::{Answered, Asking};
use self::memory::Size;
use super::StoreArgs;
use super::output::Output;
use crate::exit::Exit;
use crate::interrupt;
use crate::report::ReadingBar;

#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon check latest
  rashomon check history.edn --model cas-register
  rashomon check etcd_002.log --model cas-register --json
  rashomon check week.jsonl --budget-memory 500MB --budget-seconds 600
  zcat week.jsonl.gz | rashomon check -

A history that does not fit into the memory is read several times, some keys at a time. Of a key that
alone does not fit, all is judged while it passes by if it is a register whose values are not written
again, and else as much as fits. What a budget left undecided is unknown: exit 3.")]
pub(super) struct CheckArgs {
    /// The history: our JSON lines, Jepsen's EDN or console log, Porcupine's kv files; `-` for
    /// standard input. Or a run of ours, by its folder, its id, a unique beginning of it, its
    /// history.jsonl, or `latest`: it is asked what `run` asked
    file: PathBuf,
    /// What to judge it against (see `rashomon list models`); found out from the operations if left
    /// out
    #[arg(long, value_name = "NAME")]
    model: Option<ModelKind>,
    /// The file's format [default: found out]
    #[arg(long, value_name = "NAME", value_parser = format, default_value = "auto")]
    format: Wanted,
    /// Values are `[key value]` pairs of independent objects, as Jepsen's `independent` writes them
    #[arg(long)]
    independent: bool,
    /// Most configurations to visit, for all keys together [default: 20000000, about ten seconds]
    #[arg(long, value_name = "N")]
    budget_configurations: Option<u64>,
    /// Most memory to take, all in all, as 500MB or 2GiB [default: three quarters of what is
    /// available]
    #[arg(long, value_name = "SIZE", value_parser = Size::parse)]
    budget_memory: Option<Size>,
    /// Longest time to take, in seconds [default: as long as it takes]
    #[arg(long, value_name = "N")]
    budget_seconds: Option<u64>,
    /// Search every key as far as the budget goes, even once a key is known to violate
    #[arg(long)]
    all_keys: bool,
    #[command(flatten)]
    store: StoreArgs,
}

/// A format, or whichever it looks like.
#[derive(Clone, Copy, Debug)]
struct Wanted(Option<Format>);

fn format(name: &str) -> Result<Wanted, String> {
    match name {
        "auto" => Ok(Wanted(None)),
        // What our own files are called, and what the tool is called.
        "jsonl" => Ok(Wanted(Some(Format::JsonLines))),
        _ => name
            .parse()
            .map(|format| Wanted(Some(format)))
            .map_err(|e: UnknownFormat| e.to_string()),
    }
}

/// A history, judged.
struct Checked {
    format: Format,
    notes: Notes,
    tally: Tally,
    keys: u64,
    /// Groups of keys that were held one after the other.
    groups: u64,
    memory: Size,
    answered: Vec<Answered>,
    /// Why a valid verdict says next to nothing, if so.
    vacuous: Option<String>,
}

/// Carries out `rashomon check`.
pub(super) fn check(args: &CheckArgs, output: &Output) -> anyhow::Result<Exit> {
    let interrupted = interrupt::stop_flag("stopping; again to end at once");
    let file = match stored::find(args)? {
        Some(run) if stored::asks_what_run_asked(args) => {
            return stored::check(args, run, &interrupted, output);
        }
        Some(run) => run.path().join("history.jsonl"),
        None => args.file.clone(),
    };
    let args = &CheckArgs { file, ..args.clone() };
    let Some(checked) = judge(args, output, &interrupted)? else {
        output.note("interrupted: nothing was decided");
        return Ok(Exit::Interrupted);
    };
    if let Some(torn) = &checked.notes.torn {
        output.note(&format!(
            "{}: line {} was cut short after {} bytes; judged without it",
            args.file.display(),
            torn.line,
            torn.bytes
        ));
    }
    let exit = exit(&checked);
    exit.note();
    if output.json {
        output.json(&told::json(args, &checked, exit));
    } else {
        output.page(&told::page(args, &checked, exit, output));
    }
    Ok(exit)
}

/// Reads and judges; nothing if interrupted before anything was found.
fn judge(
    args: &CheckArgs,
    output: &Output,
    interrupted: &Arc<AtomicBool>,
) -> anyhow::Result<Option<Checked>> {
    let options = ReadOptions {
        format: args.format.0,
        independent: args.independent,
        ..ReadOptions::default()
    };
    let stop = stop(args, interrupted);
    let mut budget = Budget { stop: Some(stop.clone()), ..Budget::default() };
    if let Some(configurations) = args.budget_configurations {
        budget.configurations = configurations;
    }
    if args.budget_memory.is_some() {
        budget.bytes = u64::MAX; // What the groups leave of the memory asked for.
    }
    let keys = if args.all_keys { Keys::All } else { Keys::UntilViolation };
    let judging = Options { budget, keys, ..Options::default() };
    let memory = args.budget_memory.unwrap_or_else(Size::of_machine);
    let file = if args.file.as_os_str() == "-" { "/dev/stdin".into() } else { args.file.clone() };
    let bar = std::cell::RefCell::new(ReadingBar::new(output.progress()));
    let mut checked: Option<Checked> = None;
    let mut asking: anyhow::Result<Option<Asking>> = Ok(None);
    let end = read_in_passes(
        &file,
        |again| {
            // Unless another is asked for: what this cannot judge is left alone.
            let model = args.model.unwrap_or(ModelKind::CasRegister);
            Passes::new(&options, memory.room(), again).judging(model)
        },
        &mut |reading| {
            let pass = [reading.beat.pass, reading.beat.passes];
            bar.borrow_mut().read(pass, [Some(reading.read), reading.of], reading.beat.events);
            if stop.asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        },
        &mut |group| {
            if interrupted.load(Ordering::Relaxed) {
                return ControlFlow::Break(());
            }
            bar.borrow().judging(group.history.len() as u64);
            let so_far = checked.get_or_insert_with(|| Checked {
                format: group.format,
                notes: group.notes,
                tally: group.tally.clone(),
                keys: 0,
                groups: 0,
                memory,
                answered: Vec::new(),
                vacuous: None,
            });
            so_far.keys += group.history.keys().len() as u64;
            so_far.groups += 1;
            if let Ok(None) = asking {
                asking = Asking::of(&group.tally, args.model, judging.clone()).map(Some);
            }
            let Ok(Some(asking)) = &mut asking else { return ControlFlow::Break(()) };
            asking.judge(&group);
            if stop.asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        },
    );
    bar.borrow().finish();
    let end = end?;
    let asking = asking?;
    // What has been found stays found.
    let has_found = asking.as_ref().is_some_and(Asking::has_found);
    if interrupted.load(Ordering::Relaxed) && !has_found {
        return Ok(None);
    }
    let (mut checked, mut asking) = checked.zip(asking).context("nothing was read")?;
    if end == End::Stopped {
        asking.doubt(&Doubt::Stopped { key: None });
    }
    checked.answered = asking.finish();
    checked.vacuous = vacuity_of(&checked.tally).map(|doubt| doubt.to_string());
    Ok(Some(checked))
}

/// When to give up: when interrupted, or when the time is up.
fn stop(args: &CheckArgs, interrupted: &Arc<AtomicBool>) -> Stop {
    let interrupted = interrupted.clone();
    let end = args.budget_seconds.and_then(|seconds| {
        Instant::now().checked_add(Duration::from_secs(seconds)) // Else it is never.
    });
    Stop::when(move || {
        interrupted.load(Ordering::Relaxed) || end.is_some_and(|end| Instant::now() >= end)
    })
}

fn exit(checked: &Checked) -> Exit {
    let verdicts = checked.answered.iter().map(|it| match it.verdict {
        Verdict::Invalid { .. } => Exit::Violation,
        Verdict::Unknown { .. } => Exit::Unknown,
        Verdict::Valid { .. } => Exit::Valid,
    });
    let exit = verdicts.fold(Exit::Valid, Exit::and);
    // Somebody else's history may be thin and yet known to be valid: the doubt is told. In one of
    // ours a run is judged, and a run in which nothing succeeded tested nothing.
    let ours = checked.format == Format::JsonLines;
    let nothing = checked.tally.operations == 0 || ours && checked.tally.counts().ok == 0;
    if nothing { exit.and(Exit::Unknown) } else { exit }
}
