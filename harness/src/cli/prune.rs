//! `rashomon prune`.

use std::time::{Duration, SystemTime};

use rashomon_results::strict::Header;
use rashomon_results::{RunFolder, Store};
use serde::Serialize;

use super::StoreArgs;
use super::output::Output;
use super::stored::StoredRun;
use super::words;
use crate::exit::Exit;
use crate::report::count;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon prune --keep 20
  rashomon prune --older-than 7d --dry-run
  rashomon prune --keep 5 --older-than 30d

With both, a run is removed if it is older than TIME and not among the newest N. Only folders in the store
that contain a run.toml of rashomon are removed, and never those of a run that may still be in progress.")]
pub(super) struct PruneArgs {
    /// Keep the newest N runs
    #[arg(long, value_name = "N", value_parser = |text: &str| words::whole(text, 0, u32::MAX))]
    keep: Option<u32>,
    /// Remove runs that began longer ago than this, such as 7d
    #[arg(long, value_name = "TIME", value_parser = words::time)]
    older_than: Option<Duration>,
    /// Show what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    store: StoreArgs,
}

/// A run without a verdict may still go on; after this long it does not.
const UNFINISHED: Duration = Duration::from_hours(24);

/// What a report of what was removed says first.
const HEADER: Header = Header { format: "rashomon-prune", version: 1 };

/// What was removed, for machines.
#[derive(Serialize)]
struct Pruned {
    dry_run: bool,
    removed: Vec<String>,
    left: usize,
}

/// Executes `rashomon prune`.
pub(super) fn prune(args: &PruneArgs, output: &Output) -> anyhow::Result<Exit> {
    anyhow::ensure!(
        args.keep.is_some() || args.older_than.is_some(),
        "no rule says which runs to remove: give --keep N, --older-than TIME, or both"
    );
    let store = Store::at(&args.store.store);
    let runs = store.runs()?;
    let all = runs.len();
    let now = SystemTime::now();
    let old: Vec<RunFolder> = runs
        .into_iter()
        .skip(args.keep.unwrap_or(0) as usize)
        .filter(|run| goes(args, run, now))
        .collect();
    let verb = if args.dry_run { "would remove" } else { "removed" };
    for run in &old {
        let line = StoredRun::of(run).line();
        if !args.dry_run {
            store.remove(run)?;
        }
        if !output.json {
            output.result(&format!("{verb}  {line}\n"));
        }
    }
    let left = all - old.len();
    if output.json {
        let ids: Vec<String> = old.iter().map(RunFolder::id).collect();
        output.json(&HEADER.on(Pruned { dry_run: args.dry_run, removed: ids, left }));
    } else {
        let (removed, left) = (count(old.len() as u64, "run"), count(left as u64, "run"));
        output.result(&format!("{verb} {removed}; {left} left\n"));
    }
    Ok(Exit::Valid)
}

/// Whether a run that is not among the newest is removed.
fn goes(args: &PruneArgs, run: &RunFolder, now: SystemTime) -> bool {
    let age = run.began().and_then(|began| now.duration_since(began).ok());
    let is_over = |limit: Duration| age.is_some_and(|age| age > limit);
    let is_finished = run.path().join("verdict.json").exists() || is_over(UNFINISHED);
    is_finished && args.older_than.is_none_or(is_over)
}
