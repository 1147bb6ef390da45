//! Operations and faults on real processes, again and again.

use super::output::Output;
use super::session::{Kept, Session};
use crate::exit::Exit;
use crate::recurrence::{Recurrence, Trial};
use crate::report::{TrialLine, TrialsTold, trials_report, trials_text};
use crate::scenario::Scenario;
use crate::shrink::Failure;

/// Runs a scenario on real processes this often, unless the user interrupts it, and tells how often it fails so.
///
/// # Errors
/// If a cluster does not start, or a run cannot be kept.
pub(super) fn trials(
    session: &Session<'_>,
    scenario: &Scenario,
    sought: Option<&Failure>,
    count: u64,
) -> anyhow::Result<Exit> {
    let output = session.output;
    let (mut lines, mut came) = (Vec::new(), Recurrence::default());
    let mut exit = Exit::Valid;
    while came.trials() < count && !session.is_interrupted() {
        let kept = session.trial(scenario)?;
        if kept.exit == Exit::Interrupted {
            break; // It ended early, and tells nothing.
        }
        let line = line(&kept, sought);
        note(output, &line, came.trials() + 1, count);
        came.add(line.trial);
        exit = exit.and(kept.exit);
        lines.push(line);
    }
    if session.is_interrupted() {
        exit = exit.and(Exit::Interrupted);
    }
    let told = TrialsTold { sought, asked: count, came, lines: &lines };
    if output.json {
        output.json(&trials_report(&told, exit));
    } else {
        output.result(&trials_text(&told));
    }
    Ok(exit)
}

fn line(kept: &Kept, sought: Option<&Failure>) -> TrialLine {
    let found = Failure::first(&kept.finished.judgement).map(|it| it.to_string());
    let doubt = || kept.finished.judgement.all_doubts().next().map(ToString::to_string);
    TrialLine {
        run: kept.folder.id(),
        trial: Trial::of(&kept.finished, sought),
        why: found.or_else(doubt).unwrap_or_default(),
    }
}

fn note(output: &Output, line: &TrialLine, number: u64, count: u64) {
    let text = format!("trial {number} of {count}: {} {}", line.trial.name(), line.why);
    output.note(text.trim_end());
}
