//! The verdict box, and the counterexample below it.

use rashomon_checker::drawing::{self, Meanwhile};
use rashomon_checker::{Anomaly, AnomalyClass, Time};

use super::{Frame, Glyphs, Headline, Page, Screen, lost, percent, thousands, to_copy};
use crate::execute::Finished;
use crate::fault::Plan;
use crate::judge::{Judgement, Outcome};
use crate::run::drive::{Ended, SpanOutcome};
use crate::settings::{Driver, Settings};

/// A finished run, and where it is.
pub(crate) struct Told<'a> {
    /// What was run.
    pub(crate) settings: &'a Settings,
    /// What came of it.
    pub(crate) finished: &'a Finished,
    /// Its folder, if it was kept.
    pub(crate) folder: Option<String>,
    /// Whether its plan is the one that its seed draws, so that the command tells it all.
    pub(crate) plan_is_drawn: bool,
}

/// The whole text for a terminal.
pub(crate) fn verdict_page(told: &Told<'_>, screen: Screen) -> Page {
    let Told { settings, finished, .. } = told;
    let judgement = &finished.judgement;
    let outcome = judgement.outcome();
    let headline = Headline::of(finished.exit());
    let exit = headline.exit.number();
    let seconds = finished.driven.end.0 / 1_000_000_000;
    let tenths = finished.driven.end.0 / 100_000_000 % 10;
    let how = match settings.driver {
        Driver::Cluster => "processes",
        Driver::Simulation => "simulated",
    };
    let aside = format!("{} · {how} {seconds}.{tenths} s · exit {exit}", settings.target.name());
    let mut frame = Frame::new(screen, headline, &aside);
    found(&mut frame, settings, finished, outcome);
    frame.rule();
    evidence(&mut frame, settings, finished);
    let mut page = frame.close();
    if told.plan_is_drawn {
        to_copy(&mut page, "again", &settings.command());
    }
    if let Some(folder) = &told.folder {
        to_copy(&mut page, "replay", &format!("rashomon replay {folder}"));
        to_copy(&mut page, "run", folder);
    }
    let first = first(judgement);
    if let Some((_, anomaly)) = first {
        page.push_str("\n");
        page.push_str(&anomaly_text(anomaly, &finished.driven.spans, screen.glyphs));
    }
    let why = match first {
        Some((check, anomaly)) => format!("{} (asked: {check})", anomaly.class.title()),
        None => match judgement.all_doubts().next() {
            Some(doubt) => doubt.to_string(),
            None => "in this run".to_owned(),
        },
    };
    headline.repeat(&mut page, screen, &why);
    page
}

fn found(frame: &mut Frame, settings: &Settings, finished: &Finished, outcome: Outcome) {
    let judgement = &finished.judgement;
    let claim = settings.target.claim();
    frame.line("claims", &format!("{claim}: {}", claim.because));
    if outcome == Outcome::Violation {
        let stands = if judgement.breaks(&claim) {
            "broken by this run"
        } else {
            "stands: more was asked than it promises"
        };
        frame.line("", stands);
    }
    let asked: Vec<String> = judgement
        .checks
        .iter()
        .map(|report| {
            let sign = match report.outcome() {
                Outcome::Valid => "✓",
                Outcome::Violation => "✗",
                Outcome::Unknown => "?",
            };
            format!("{sign} {}", report.check.name())
        })
        .collect();
    frame.line("asked", &asked.join("   "));
    match first(judgement) {
        Some((check, anomaly)) => {
            frame.line("broken", check);
            frame.line("found", &format!("{}: {}", anomaly.class.title(), anomaly.summary));
            let total = thousands(finished.history.len() as u64);
            let size = anomaly.witness.operations.len();
            frame.line("witness", &format!("{size} of {total} operations suffice; drawn below"));
            let during = during(anomaly, &finished.driven.spans);
            if !during.is_empty() {
                frame.line("during", &during.join(", "));
            }
            let classes = lost::classes(judgement.anomalies().map(|(_, anomaly)| anomaly));
            if !classes.is_empty() {
                frame.line("in all", &classes.join(", "));
            }
            let ledger = &judgement.ledger;
            let certain = judgement.checks.iter().all(|report| report.suspected.is_empty());
            for (label, elements) in [("lost", &ledger.lost), ("diverged", &ledger.diverged)] {
                if certain && !elements.is_empty() {
                    let of = thousands(ledger.acknowledged);
                    let named = lost::named(elements);
                    frame.line(label, &format!("of {of} acknowledged writes, {named}"));
                }
            }
        }
        None if outcome == Outcome::Valid => {
            frame.line("found", "nothing against it, in this run");
        }
        None => {}
    }
    match finished.driven.ended {
        Ended::InTime => {}
        Ended::Violation { at } => {
            frame.line("stopped", &format!("at {at}, after the first violation"));
        }
        Ended::Interrupted { at } => frame.line("stopped", &format!("at {at}, interrupted")),
    }
    for doubt in judgement.all_doubts() {
        frame.line("doubt", &doubt.to_string());
    }
}

fn evidence(frame: &mut Frame, settings: &Settings, finished: &Finished) {
    let tally = finished.tally;
    let share = |part| percent(part, tally.invoked);
    // Less is no news, and equal runs print equal boxes.
    let judged = match finished.judged_in.as_secs() {
        0 => String::new(),
        seconds => format!("; judged in {seconds} s"),
    };
    frame.line(
        "evidence",
        &format!(
            "{} operations: {} ok, {} fail, {} info; up to {} at once; seed {}{judged}",
            thousands(tally.invoked),
            share(tally.ok),
            share(tally.fail),
            share(tally.info),
            finished.history.peak_concurrency(),
            settings.seed,
        ),
    );
    let is_stopped = finished.driven.ended != Ended::InTime;
    // What was still to come when a run was stopped was not tried.
    let (begun, to_come): (Vec<&SpanOutcome>, Vec<&SpanOutcome>) =
        finished.driven.spans.iter().partition(|outcome| outcome.struck.is_some() || !is_stopped);
    frame.line("faults", &faults_text(&begun, to_come.len()));
    let kinds: Vec<&str> = rashomon_targets::FaultKind::ALL
        .into_iter()
        .filter(|kind| !begun.iter().any(|outcome| outcome.span.kind() == kind.name()))
        .map(rashomon_targets::FaultKind::name)
        .collect();
    let untried = if kinds.is_empty() { String::new() } else { kinds.join(", ") + ", " };
    frame.line("not tried", &format!("{untried}clocks, disks, other sizes and seeds"));
    if !settings.target.bugs.is_empty() {
        let bugs: Vec<&str> = settings.target.bugs.iter().map(|bug| bug.name()).collect();
        let hits = thousands(finished.driven.bug_hits);
        frame.line("planted", &format!("{}: mattered {hits} times at the living", bugs.join(", ")));
    }
}

/// What faults did, and how many were still to come when the run was stopped.
fn faults_text(begun: &[&SpanOutcome], to_come: usize) -> String {
    let worked = begun.iter().filter(|outcome| outcome.efficacy.had_effect()).count();
    let each: Vec<String> = begun
        .iter()
        .map(|outcome| format!("{} ({})", outcome.span.kind(), outcome.efficacy))
        .collect();
    let faults = match (begun.len(), worked) {
        (0, _) => "none".to_owned(),
        (all, worked) if all == worked => format!("{all}, all took effect: {}", each.join(", ")),
        (all, worked) => format!("{worked} of {all} took effect: {}", each.join(", ")),
    };
    match to_come {
        0 => faults,
        more => format!("{faults}; {more} were still to come"),
    }
}

/// The anomaly to tell first: what was lost for good, then what takes the fewest operations.
fn first(judgement: &Judgement) -> Option<(&'static str, &Anomaly)> {
    judgement.anomalies().min_by_key(|(_, anomaly)| {
        let lost = matches!(anomaly.class, AnomalyClass::LostWrite | AnomalyClass::LostElement);
        (!lost, anomaly.witness.operations.len())
    })
}

/// Why it is an anomaly: the operations drawn, then the argument step by step.
pub(crate) fn anomaly_text(anomaly: &Anomaly, spans: &[SpanOutcome], glyphs: Glyphs) -> String {
    let faults = spans.iter().filter_map(|outcome| {
        let (from, to) = (outcome.struck?, outcome.healed?);
        let (kind, what) = ("fault".to_owned(), outcome.span.fault.to_string());
        Some(Meanwhile { kind, from, to, what })
    });
    glyphs.fit(&drawing::explain(anomaly, &faults.collect::<Vec<_>>()))
}

/// The faults in force while the witness happened.
fn during(anomaly: &Anomaly, spans: &[SpanOutcome]) -> Vec<String> {
    let ops = anomaly.witness.operations.iter().filter(|op| !op.is_final);
    let (mut from, mut to) = (Time(u64::MAX), Time(0));
    for op in ops {
        from = from.min(op.invoke_time);
        to = to.max(op.complete_time.unwrap_or(op.invoke_time));
    }
    spans
        .iter()
        .filter(|outcome| match (outcome.struck, outcome.healed) {
            (Some(struck), Some(healed)) => struck <= to && from <= healed,
            (_, _) => false,
        })
        .map(|outcome| outcome.span.fault.to_string())
        .collect()
}

/// The plan, printed before a run.
pub(crate) fn plan_text(plan: &Plan) -> String {
    let mut text = String::new();
    for span in &plan.spans {
        text.push_str(&format!("  {:>8} to {:>8}  {}\n", span.start, span.end(), span.fault));
    }
    text
}
