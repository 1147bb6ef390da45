//! `rashomon check`.

mod asking;
mod assumed;
mod figures;
mod judging;
mod memory;
mod report;
mod stored;
mod told;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rashomon_checker::formats::{Format, ReadOptions};
use rashomon_checker::passes::Passes;
use rashomon_checker::{Budget, Consistency, Invariant, ModelKind, Stop, Verdict};
use rashomon_results::{Input, Mapping, find_history, read_in_passes};

use self::judging::{Came, Checked, Judging};
use self::memory::Size;
use super::StoreArgs;
use super::output::Output;
use super::values::{Wanted, consistency, format_parser, invariant, model_parser};
use super::words;
use crate::exit::Exit;
use crate::interrupt;
use crate::report::ReadingBar;
use crate::system;

#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon check latest
  rashomon check history.edn --model cas-register
  rashomon check store/latest                        # a folder of a Jepsen test
  rashomon check client-1.jsonl client-2.jsonl.gz    # merged by time
  rashomon check requests.csv --map requests.toml --model kv
  rashomon check latest --ladder                     # the strongest model kept, the weakest broken
  rashomon check history.jsonl --require causal
  rashomon check txns.edn --require serializable     # transactions on lists, as Elle has them
  rashomon check history.jsonl --invariant bank      # balances add up to the same
  rashomon check etcd_002.log --model cas-register --json
  rashomon check week.jsonl --budget-memory 500MB --budget-seconds 600
  kubectl logs recorder | rashomon check -

docs/judge-your-own-log.md says how to write a log that can be judged.

A history that does not fit into memory is read several times, with a group of keys each time. If a
single key does not fit: a register to which each value is written once is judged completely while it is
read; of any other key, only the part that fits is judged. What a budget leaves undecided is unknown:
exit 3.")]
pub(super) struct CheckArgs {
    /// The history: a file in any of the formats of `rashomon list formats`, gzipped or not;
    /// several files of one history, merged by time; a folder of a Jepsen test; `-` for standard
    /// input. Or a stored run, by its folder, its id, a unique prefix of the id, its history.jsonl,
    /// or `latest`: it is judged as `run` judged it
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The model to judge it against [default: guessed from the operations]
    #[arg(long, value_name = "NAME", value_parser = model_parser())]
    model: Option<ModelKind>,
    /// The format of the files [default: detected]
    #[arg(long, value_name = "NAME", value_parser = format_parser(), default_value = "auto",
        hide_default_value = true)]
    format: Wanted,
    /// Values are `[key value]` pairs of independent objects, as Jepsen's `independent` writes them;
    /// `--independent=no` if the pair is the value
    #[arg(long, value_name = "yes|no", num_args = 0..=1, require_equals = true,
        default_missing_value = "yes")]
    independent: Option<Independent>,
    /// What the fields of your own log (JSON lines or CSV) mean: a few lines of TOML, as in
    /// docs/judge-your-own-log.md
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    map: Option<PathBuf>,
    /// The number of configurations to visit, for all keys together [default: 20000000, about ten seconds]
    #[arg(long, value_name = "N", value_parser = |text: &str| words::whole(text, 0, u64::MAX))]
    budget_configurations: Option<u64>,
    /// The memory budget for the whole program, such as 500MB or 2GiB [default: three quarters of
    /// what is available]
    #[arg(long, value_name = "SIZE", value_parser = Size::parse)]
    budget_memory: Option<Size>,
    /// The time budget in seconds [default: none]
    #[arg(long, value_name = "N", value_parser = |text: &str| words::whole(text, 0, u64::MAX))]
    budget_seconds: Option<u64>,
    /// Search every key within the budget, even when a key is already known to violate
    #[arg(long)]
    all_keys: bool,
    /// Report which consistency models the history keeps and which it breaks: the strongest that
    /// hold, the weakest that are broken
    #[arg(long)]
    ladder: bool,
    /// A consistency model to require, such as causal (see `rashomon list consistency`); may be given
    /// more than once [default: linearizable, or what was required of a stored run]
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = consistency)]
    require: Vec<Consistency>,
    /// An invariant that its objects are required to keep, such as total-queue (see `rashomon list
    /// invariants`); may be given more than once. Alone, nothing else is asked
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = invariant)]
    invariant: Vec<Invariant>,
    #[command(flatten)]
    store: StoreArgs,
}

/// Whether values are pairs of a key and a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Independent {
    Yes,
    No,
}

impl CheckArgs {
    /// Whether nothing is asked but invariants, so that no model is needed.
    fn asks_invariants_alone(&self) -> bool {
        let asks_more = self.model.is_some() || !self.require.is_empty() || self.ladder;
        !self.invariant.is_empty() && !asks_more
    }
}

/// Executes `rashomon check`.
pub(super) fn check(args: &CheckArgs, output: &Output) -> anyhow::Result<Exit> {
    let interrupted = interrupt::stop_flag("stopping; press Ctrl-C again to end at once");
    let files = match stored::find(args)? {
        Some(run) if stored::asks_what_run_asked(args) => {
            return stored::check(args, run, &interrupted, output);
        }
        Some(run) => vec![run.path().join("history.jsonl")],
        None => args.files.clone(),
    };
    let args = &CheckArgs { files, ..args.clone() };
    let checked = match judge(args, output, &interrupted)? {
        Came::Judged(checked) => checked,
        Came::Interrupted => {
            output.refuse(Exit::Interrupted, "interrupted before anything was decided");
            return Ok(Exit::Interrupted);
        }
        Came::TimeUp => {
            told::time_up(args, output);
            return Ok(Exit::Unknown);
        }
    };
    if let Some(torn) = &checked.notes.torn {
        output.note(&format!("line {} was cut short; judged without it", torn.line));
    }
    let exit = exit(&checked);
    exit.note();
    if output.json {
        output.json(&told::report(&checked, exit));
    } else {
        output.page(&told::page(&checked, exit, output));
    }
    Ok(exit)
}

/// The files to read, and what they mean.
fn input(args: &CheckArgs, memory: Size, stop: &Stop) -> anyhow::Result<Input> {
    let found = |file: &PathBuf| match file {
        file if file.as_os_str() == "-" => Ok("/dev/stdin".into()),
        folder if folder.is_dir() => find_history(folder),
        file => Ok(file.clone()),
    };
    let paths = args.files.iter().map(found).collect::<Result<Vec<PathBuf>, _>>()?;
    let mapping = args.map.as_deref().map(Mapping::read).transpose()?;
    let keep = usize::try_from(memory.room().bytes / 10).unwrap_or(usize::MAX).min(KEEP_MAX);
    Ok(Input { paths, mapping, keep, stop: stop.clone() })
}

/// Most bytes of a pipe that are kept so that it can be read again.
const KEEP_MAX: usize = 64 << 20;

/// Reads and judges.
fn judge(args: &CheckArgs, output: &Output, interrupted: &Arc<AtomicBool>) -> anyhow::Result<Came> {
    let options = ReadOptions {
        format: if args.map.is_some() { Some(Format::JsonLines) } else { args.format.0 },
        independent: args.independent == Some(Independent::Yes),
        ..ReadOptions::default()
    };
    let (stop, reading) = (stop(args, interrupted), reading_stop(args, interrupted));
    let memory = memory_to_take(args, output);
    let input = input(args, memory, &reading)?;
    let bar = std::cell::RefCell::new(ReadingBar::new(output.progress()));
    let mut judging = Judging::new(args, memory, &stop);
    let end = read_in_passes(
        &input,
        |again| {
            // Unless another is given: what this cannot judge is skipped.
            let model = args.model.unwrap_or(ModelKind::CasRegister);
            let passes = Passes::new(&options, memory.room(), again).judging(model);
            if args.independent.is_none() { passes.finding_tuples() } else { passes }
        },
        &mut |at| {
            let pass = [at.beat.pass, at.beat.passes];
            bar.borrow_mut().read(pass, [Some(at.read), at.of], at.beat.events);
            if reading.asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        },
        &mut |group| {
            if interrupted.load(Ordering::Relaxed) {
                return ControlFlow::Break(());
            }
            bar.borrow().judging(group.history.len() as u64);
            judging.take(group, &input.paths)?;
            if stop.asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        },
    );
    bar.borrow().finish();
    judging.finish(end?, interrupted)
}

/// The memory budget of the program: the one given, or else three quarters of the free memory.
fn memory_to_take(args: &CheckArgs, output: &Output) -> Size {
    args.budget_memory.unwrap_or_else(|| {
        for lack in system::lacks_for_judging() {
            output.note(lack);
        }
        Size::of_machine()
    })
}

/// The budget of judging: the one given, or else the defaults.
fn budget(args: &CheckArgs, stop: &Stop) -> Budget {
    let mut budget = Budget { stop: Some(stop.clone()), ..Budget::default() };
    if let Some(configurations) = args.budget_configurations {
        budget.configurations = configurations;
    }
    if args.budget_memory.is_some() {
        budget.bytes = u64::MAX; // What the groups leave of the memory asked for.
    }
    budget
}

/// When to give up: when interrupted, or when the time is up.
fn stop(args: &CheckArgs, interrupted: &Arc<AtomicBool>) -> Stop {
    stop_after(args.budget_seconds.map(Duration::from_secs), interrupted)
}

/// When to read no more: somewhat earlier, so that there is time to judge what came.
fn reading_stop(args: &CheckArgs, interrupted: &Arc<AtomicBool>) -> Stop {
    let time = args.budget_seconds.map(|seconds| Duration::from_secs(seconds) / 5 * 4);
    stop_after(time, interrupted)
}

fn stop_after(time: Option<Duration>, interrupted: &Arc<AtomicBool>) -> Stop {
    let interrupted = interrupted.clone();
    let end = time.and_then(|time| Instant::now().checked_add(time)); // Else it is never.
    Stop::when(move || {
        interrupted.load(Ordering::Relaxed) || end.is_some_and(|end| Instant::now() >= end)
    })
}

fn exit(checked: &Checked) -> Exit {
    let required = checked.answered.iter().filter(|it| it.required);
    let verdicts = required.map(|it| match it.verdict {
        Verdict::Invalid { .. } => Exit::Violation,
        Verdict::Unknown { .. } => Exit::Unknown,
        Verdict::Valid { .. } => Exit::Valid,
    });
    let exit = verdicts.fold(Exit::Valid, Exit::and);
    // The user's history may be thin and yet known to be valid: the doubt is reported. In one of
    // ours a run is judged, and a run in which nothing succeeded tested nothing.
    let ours = checked.format == Format::JsonLines;
    let nothing = checked.tally.operations == 0 || ours && checked.tally.counts().ok == 0;
    if nothing { exit.and(Exit::Unknown) } else { exit }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: CheckArgs,
    }

    #[test]
    fn a_memory_budget_is_the_searchs_too() {
        let bytes = |line: &[&str]| {
            let args = Line::try_parse_from(line).unwrap().args;
            budget(&args, &Stop::when(|| false)).bytes
        };
        let cap = Budget::default().bytes;
        assert_eq!(bytes(&["check", "h.jsonl"]), cap);
        assert!(bytes(&["check", "h.jsonl", "--budget-memory", "20GB"]) > cap);
    }
}
