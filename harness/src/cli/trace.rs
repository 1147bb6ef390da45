//! `rashomon trace`.

use std::time::Duration;

use rashomon_results::strict::Header;
use rashomon_results::{
    Occurrence, RunFolder, Store, TRACE_FILE, TraceEnding, TraceLine, TraceReader,
};
use serde::Serialize;

use super::StoreArgs;
use super::output::Output;
use super::words;
use crate::exit::Exit;
use crate::report::{TraceText, count};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon trace latest
  rashomon trace latest --from 0.33 --to 340ms
  rashomon trace latest --around 512

Times are those of reports: since the start of the run. An event's index is in history.jsonl.")]
pub(super) struct TraceArgs {
    /// The run: its folder, its id, a unique beginning of it, or `latest`
    run: String,
    /// Only what happens while the operation with this event of the history is under way, and a little
    /// before and after
    #[arg(long, value_name = "INDEX", conflicts_with_all = ["from", "to"])]
    around: Option<u64>,
    /// Only what happens at this time or later, such as 0.33 or 330ms
    #[arg(long, value_name = "TIME", value_parser = words::instant)]
    from: Option<Duration>,
    /// Only what happens at this time or earlier
    #[arg(long, value_name = "TIME", value_parser = words::instant)]
    to: Option<Duration>,
    #[command(flatten)]
    store: StoreArgs,
}

/// What is shown before and after an operation, in nanoseconds.
const MARGIN: u64 = 10_000_000;

/// What a window of a trace says first, for machines.
const HEADER: Header = Header { format: "rashomon-trace-window", version: 1 };

/// A window of a trace, for machines.
#[derive(Serialize)]
struct TraceWindow {
    run: String,
    from: u64,
    to: Option<u64>,
    /// `whole`, `cut` or `broken-off`: the trace, not the window.
    ending: &'static str,
    not_written: u64,
    lines: Vec<TraceLine>,
}

/// A window of time, in nanoseconds, its ends included.
#[derive(Clone, Copy)]
struct Window {
    from: u64,
    to: u64,
}

/// Carries out `rashomon trace`.
pub(super) fn trace(args: &TraceArgs, output: &Output) -> anyhow::Result<Exit> {
    let folder = Store::at(&args.store.store).find(&args.run)?;
    let (lines, ending) = read(&folder)?;
    let window = window(args, &lines)?;
    let inside = |line: &TraceLine| (window.from..=window.to).contains(&line.time);
    if output.json {
        let run = folder.path().display().to_string();
        let (ending, not_written) = match ending {
            TraceEnding::Whole => ("whole", 0),
            TraceEnding::Cut { not_written } => ("cut", not_written),
            TraceEnding::BrokenOff => ("broken-off", 0),
        };
        let to = (window.to < u64::MAX).then_some(window.to);
        let lines = lines.into_iter().filter(inside).collect();
        let shown = TraceWindow { run, from: window.from, to, ending, not_written, lines };
        output.json(&HEADER.on(shown));
        return Ok(Exit::Valid);
    }
    let mut text = TraceText::default();
    let (mut page, mut shown) = (String::new(), 0_u64);
    for line in &lines {
        if inside(line) {
            page.push_str(&text.line(line));
            shown += 1;
        } else {
            text.pass_over(line);
        }
    }
    output.result(&page);
    output.note(&format!("{} of {}", count(shown, "event"), count(lines.len() as u64, "event")));
    match ending {
        TraceEnding::Whole => {}
        TraceEnding::Cut { not_written } => output.note(&format!(
            "the trace had reached its limit: {} of the end of the run are not in it",
            count(not_written, "event")
        )),
        TraceEnding::BrokenOff => {
            output.note(
                "the trace has no end: the run is still under way, or was killed, or its disk took no \
                 more; its last events may be missing",
            );
        }
    }
    Ok(Exit::Valid)
}

/// All lines in the order of time. On real processes each node has a line written when the harness hears
/// of it.
fn read(folder: &RunFolder) -> anyhow::Result<(Vec<TraceLine>, TraceEnding)> {
    let path = folder.path().join(TRACE_FILE);
    anyhow::ensure!(
        path.is_file(),
        "{} has no {TRACE_FILE}: an earlier rashomon ran it; `rashomon replay {}` runs it again",
        folder.id(),
        folder.id()
    );
    let mut reader = TraceReader::open(&path)?;
    let mut lines = reader.by_ref().collect::<Result<Vec<TraceLine>, _>>()?;
    lines.sort_by_key(|line| line.time);
    Ok((lines, reader.ending()))
}

fn window(args: &TraceArgs, lines: &[TraceLine]) -> anyhow::Result<Window> {
    let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let Some(event) = args.around else {
        let from = args.from.map_or(0, nanos);
        let to = args.to.map_or(u64::MAX, nanos);
        anyhow::ensure!(from <= to, "--from is later than --to; exchange them");
        return Ok(Window { from, to });
    };
    let events = || {
        lines.iter().filter_map(|line| match line.occurrence {
            Occurrence::Invoked { index, process, .. }
            | Occurrence::Completed { index, process, .. } => Some((line.time, index, process)),
            _ => None,
        })
    };
    let Some((_, _, process)) = events().find(|&(_, index, _)| index == event) else {
        anyhow::bail!(
            "no event {event} in the trace; give the `index` of a line of history.jsonl, or --from and --to"
        );
    };
    // A process has one operation at a time: the event, and the one of its process after an invocation
    // or before a completion.
    let of_process: Vec<_> = events().filter(|&(_, _, it)| it == process).collect();
    let pair = of_process.chunks(2).find(|pair| pair.iter().any(|&(_, index, _)| index == event));
    let times: Vec<u64> = pair.unwrap_or_default().iter().map(|&(time, ..)| time).collect();
    let first = times.first().copied().unwrap_or(0);
    let last = times.last().copied().unwrap_or(first);
    Ok(Window { from: first.saturating_sub(MARGIN), to: last.saturating_add(MARGIN) })
}
