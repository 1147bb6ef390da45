//! The verdict box, and the counterexample below it.

use rashomon_checker::drawing::{self, Meanwhile};
use rashomon_checker::{Anomaly, Consistency, Time};
use rashomon_results::{
    CheckRecord, CheckVerdict, DriverRecord, RequiredBy, RestRecord, RunRecord, RunVerdict,
    SpanRecord, StopReason,
};
use rashomon_targets::{FaultKind, SafetyProperty};

use super::{
    Frame, Headline, Page, Screen, availability, count, latency_text, lost, percent, stale_by_age,
    thousands, to_copy,
};
use crate::fault::Plan;
use crate::judge::weight;
use crate::record::efficacy;
use crate::subject::USUAL_FAULTS;

/// The whole text for a terminal.
pub(crate) fn verdict_page(record: &RunRecord, screen: Screen) -> Page {
    let headline = Headline::of_run(record);
    let seconds = record.known.end.0 / 1_000_000_000;
    let tenths = record.known.end.0 / 100_000_000 % 10;
    let how = match record.driver {
        DriverRecord::Cluster => "processes",
        DriverRecord::Simulation => "simulated",
    };
    let (target, exit) = (&record.target.target, record.exit);
    let aside = format!("{target} · {how} {seconds}.{tenths} s · exit {exit}");
    let mut frame = Frame::new(screen, headline, &aside);
    found(&mut frame, record);
    frame.rule();
    evidence(&mut frame, record);
    let mut page = frame.close();
    if let Some(command) = &record.again {
        to_copy(&mut page, "again", command);
    }
    if let Some(folder) = &record.run {
        to_copy(&mut page, "replay", &format!("rashomon replay {folder}"));
        let is_other = |key: &&str| record.target.options.contains_key(*key);
        let is_ours = !["own", "program"].iter().any(is_other);
        if record.verdict == RunVerdict::Violation && is_ours {
            let next = match record.driver {
                DriverRecord::Simulation => "shrink",
                DriverRecord::Cluster => "reproduce",
            };
            to_copy(&mut page, next, &format!("rashomon {next} {folder}"));
        }
        to_copy(&mut page, "run", folder);
    }
    let first = first(record);
    if let Some((_, anomaly)) = first {
        page.push_str("\n");
        page.push_str(&anomaly_text(anomaly, &record.evidence.faults, screen));
    }
    let why = match first {
        Some((check, anomaly)) => {
            format!("{} (required: {})", anomaly.class.title(), check.check)
        }
        None => match (record.required_breach(), record.all_doubts().next()) {
            (Some(breach), _) => breach.to_string(),
            (None, Some(doubt)) => doubt.to_string(),
            (None, None) => in_this_run(record),
        },
    };
    headline.repeat(&mut page, screen, &why);
    page
}

/// The last line of a page without a violation or doubt.
fn in_this_run(record: &RunRecord) -> String {
    let broken = record.beyond().filter(|check| check.verdict == CheckVerdict::Invalid);
    let broken: Vec<&str> = broken.map(|check| check.check.as_str()).collect();
    match broken.as_slice() {
        [] => "in this run".to_owned(),
        broken => format!("in this run; not {} (not required)", broken.join(", ")),
    }
}

/// What was required, by the claim or a flag, and the result.
fn required(frame: &mut Frame, record: &RunRecord) {
    let by = match record.required.by {
        RequiredBy::Claim => "as it claims",
        RequiredBy::Flag => "by --require",
    };
    let uncovered = &record.required.uncovered;
    let text = match record.required.checks.as_slice() {
        [] if uncovered.is_empty() => {
            "nothing: the target promises nothing that this workload can test".to_owned()
        }
        [] => format!("nothing: the target's claim does not cover {}", uncovered.join(", ")),
        _ => format!("{}   ({by})", signed(record.required()).join("   ")),
    };
    frame.line("required", &text);
}

/// The checks, each with the sign of its answer.
fn signed<'a>(checks: impl Iterator<Item = &'a CheckRecord>) -> Vec<String> {
    let sign = |verdict| match verdict {
        CheckVerdict::Valid => "✓",
        CheckVerdict::Invalid => "✗",
        CheckVerdict::Unknown => "?",
        CheckVerdict::NotJudged => "–",
    };
    let not_judged = |verdict| match verdict {
        CheckVerdict::NotJudged => ", not judged",
        CheckVerdict::Valid | CheckVerdict::Invalid | CheckVerdict::Unknown => "",
    };
    let told = checks.map(|check| {
        format!("{} {}{}", sign(check.verdict), check.check, not_judged(check.verdict))
    });
    told.collect()
}

/// The checks that were not required: whether each is promised, and what was found.
fn beyond(frame: &mut Frame, record: &RunRecord) {
    let (promised, not): (Vec<&CheckRecord>, Vec<&CheckRecord>) =
        record.beyond().partition(|check| check.promised);
    for (checks, what) in [(promised, "promised, and not required"), (not, "not promised")] {
        if checks.is_empty() {
            continue;
        }
        frame.line("beyond", &format!("{}   ({what})", signed(checks.iter().copied()).join("   ")));
        for check in checks {
            if let Some(anomaly) = least(check.anomalies.iter()) {
                let found = format!("{}: {}", anomaly.class.title(), anomaly.summary);
                let flag = match check.check.parse::<Consistency>() {
                    Ok(_) => "--require",
                    Err(_) => "check --invariant",
                };
                frame.line("", &format!("{found}; {flag} {} draws it", check.check));
            }
        }
    }
}

fn found(frame: &mut Frame, record: &RunRecord) {
    let claim = &record.claim;
    frame.line("claims", &format!("{}: {}", claim.text, claim.because));
    if record.claim_broken {
        frame.line("", "broken by this run");
    } else if record.verdict == RunVerdict::Violation {
        frame.line("", "not broken: the run required more than it promises");
    }
    required(frame, record);
    match first(record) {
        Some((check, anomaly)) => {
            frame.line("broken", &check.check);
            first_found(frame, record, anomaly);
        }
        None if record.verdict == RunVerdict::Valid => {
            frame.line("found", "no violation in this run");
        }
        None => {}
    }
    for breach in record.breaches() {
        frame.line("inside", &breach.to_string());
    }
    beyond(frame, record);
    if let Some(stop) = record.stopped {
        let why = match stop.why {
            StopReason::Violation => "after the first violation",
            StopReason::Interrupted => "interrupted",
        };
        frame.line("stopped", &format!("at {}, {why}", stop.at));
    }
    // Two checks may have one doubt.
    let mut told: Vec<String> = Vec::new();
    for doubt in record.all_doubts().map(ToString::to_string) {
        if !told.contains(&doubt) {
            frame.line("doubt", &doubt);
            told.push(doubt);
        }
    }
}

/// The anomaly that is shown first, and how many more there are.
fn first_found(frame: &mut Frame, record: &RunRecord, anomaly: &Anomaly) {
    frame.line("found", &format!("{}: {}", anomaly.class.title(), anomaly.summary));
    let total = thousands(record.evidence.operations);
    let size = anomaly.witness.operations.len();
    frame.line(
        "witness",
        &format!(
            "{size} of {total} operations {}; drawn below",
            if size == 1 { "is enough" } else { "are enough" }
        ),
    );
    let during = during(anomaly, &record.evidence.faults);
    if !during.is_empty() {
        frame.line("during", &during.join(", "));
    }
    let classes = lost::classes(record.anomalies().map(|(_, anomaly)| anomaly));
    if !classes.is_empty() {
        frame.line("in all", &classes.join(", "));
    }
    let ledger = &record.ledger;
    let certain = record.checks.iter().all(|check| check.suspected.is_empty());
    for (label, elements) in [("lost", &ledger.lost), ("diverged", &ledger.diverged)] {
        if certain && !elements.is_empty() {
            let of = thousands(ledger.acknowledged);
            let named = lost::named(elements);
            frame.line(label, &format!("of {of} acknowledged writes, {named}"));
        }
    }
}

fn evidence(frame: &mut Frame, record: &RunRecord) {
    for it in &record.ledger.latencies {
        frame.line("stale", &latency_text(it));
    }
    stale_by_age(frame, &record.ledger.stale_by_age);
    let evidence = &record.evidence;
    let share = |part| percent(part, evidence.operations);
    // Less than a second is not printed, so that equal runs print equal boxes.
    let judged = match evidence.judged_seconds {
        0 => String::new(),
        seconds => format!("; judged in {seconds} s"),
    };
    frame.line(
        "evidence",
        &format!(
            "{}: {} ok, {} fail, {} info; up to {} at once; seed {}{judged}",
            count(evidence.operations, "operation"),
            share(evidence.ok),
            share(evidence.fail),
            share(evidence.info),
            evidence.concurrency,
            record.seed,
        ),
    );
    let is_stopped = record.stopped.is_some();
    // What was still to come when a run was stopped was not tried.
    let (begun, to_come): (Vec<&SpanRecord>, Vec<&SpanRecord>) =
        evidence.faults.iter().partition(|span| span.struck.is_some() || !is_stopped);
    frame.line("faults", &faults_text(&begun, to_come.len()));
    if let Some(of) = &evidence.availability {
        availability(frame, of);
    }
    if record.known.rest == Some(RestRecord::NotLooked) {
        let why = "not observed: what final reads lack would only be suspected";
        frame.line("rest", why);
    }
    let is_untried = |kind: &FaultKind| !begun.iter().any(|span| span.kind == kind.name());
    let (usual, more): (Vec<FaultKind>, Vec<FaultKind>) =
        FaultKind::ALL.into_iter().filter(is_untried).partition(|kind| USUAL_FAULTS.contains(kind));
    let mut kinds: Vec<String> = usual.iter().map(|kind| kind.name().to_owned()).collect();
    kinds.push(format!("{} more kinds of fault (list faults)", more.len()));
    let untried = kinds.join(", ");
    // What real processes tell comes in no certain order, so nothing listens.
    let is_told = |property: &String| *property != SafetyProperty::Progress.name();
    let unheard = record.driver == DriverRecord::Cluster && record.claim.safety.iter().any(is_told);
    let inside = if unheard { "safety inside (give --sim), " } else { "" };
    frame.line("not tried", &format!("{untried}, {inside}other sizes and seeds"));
    let bugs = &record.target.bugs;
    if !bugs.is_empty() {
        let hits = count(evidence.bug_hits, "time");
        frame.line("planted", &format!("{}: had an effect {hits}", bugs.join(", ")));
    }
}

/// What faults did, and how many were still to come when the run was stopped.
fn faults_text(begun: &[&SpanRecord], to_come: usize) -> String {
    let worked = begun.iter().filter(|span| efficacy(span.efficacy).had_effect()).count();
    let each: Vec<String> =
        begun.iter().map(|span| format!("{} ({})", span.kind, efficacy(span.efficacy))).collect();
    let faults = match (begun.len(), worked) {
        (0, _) => "none".to_owned(),
        (all, worked) if all == worked => format!("{all}, all took effect: {}", each.join(", ")),
        (all, worked) => format!("{worked} of {all} took effect: {}", each.join(", ")),
    };
    match to_come {
        0 => faults,
        more => format!("{faults}; {more} had not started"),
    }
}

/// The anomaly to report first, and its check.
pub(crate) fn first(record: &RunRecord) -> Option<(&CheckRecord, &Anomaly)> {
    record.anomalies().min_by_key(|(_, anomaly)| weight(anomaly))
}

/// That of several.
fn least<'a>(anomalies: impl Iterator<Item = &'a Anomaly>) -> Option<&'a Anomaly> {
    anomalies.min_by_key(|anomaly| weight(anomaly))
}

/// Explains an anomaly: a drawing of the operations, then the argument step by step.
pub(crate) fn anomaly_text(anomaly: &Anomaly, spans: &[SpanRecord], screen: Screen) -> String {
    let faults = spans.iter().filter_map(|span| {
        let (from, to) = (span.struck?, span.healed?);
        let (kind, what) = ("fault".to_owned(), span.what.clone());
        Some(Meanwhile { kind, from, to, what })
    });
    screen.glyphs.fit(&drawing::explain(anomaly, &faults.collect::<Vec<_>>(), screen.columns))
}

/// The faults in force while the witness happened.
fn during(anomaly: &Anomaly, spans: &[SpanRecord]) -> Vec<String> {
    let ops = anomaly.witness.operations.iter().filter(|op| !op.is_final);
    let (mut from, mut to) = (Time(u64::MAX), Time(0));
    for op in ops {
        from = from.min(op.invoke_time);
        to = to.max(op.complete_time.unwrap_or(op.invoke_time));
    }
    spans
        .iter()
        .filter(|span| match (span.struck, span.healed) {
            (Some(struck), Some(healed)) => struck <= to && from <= healed,
            (_, _) => false,
        })
        .map(|span| span.what.clone())
        .collect()
}

/// The plan, printed before a run.
pub(crate) fn plan_text(plan: &Plan) -> String {
    let mut text = String::new();
    for span in &plan.spans {
        let once = span.once.map_or_else(String::new, |once| format!(" {once}"));
        text.push_str(&format!("  {:>8} to {:>8}  {}{once}\n", span.start, span.end(), span.fault));
    }
    text
}
