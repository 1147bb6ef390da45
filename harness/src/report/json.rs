//! The verdict for machines: one object, whose fields are only ever added to.

use rashomon_checker::{Anomaly, visible};
use serde_json::{Value, json};

use super::Told;
use crate::judge::Outcome;

/// The object that `--json` prints and `verdict.json` holds.
pub(crate) fn run_result(told: &Told<'_>) -> Value {
    let finished = told.finished;
    let settings = told.settings;
    let outcome = finished.judgement.outcome();
    let faults: Vec<Value> = finished
        .driven
        .spans
        .iter()
        .map(|o| {
            json!({
                "fault": o.span, "kind": o.span.kind(), "primary": o.primary,
                "struck": o.struck, "healed": o.healed, "efficacy": o.efficacy,
            })
        })
        .collect();
    let checks: Vec<Value> = finished
        .judgement
        .checks
        .iter()
        .map(|report| {
            let anomalies: Vec<&Anomaly> = report.verdict.anomalies().collect();
            let doubts: Vec<String> = report.verdict.doubts().map(ToString::to_string).collect();
            json!({
                "check": report.check, "verdict": report.verdict.name(),
                "anomalies": anomalies, "doubts": doubts,
            })
        })
        .collect();
    json!({
        "schema": "rashomon.result/1",
        "verdict": outcome,
        "exit": exit(outcome),
        "run": told.folder,
        "seed": settings.seed,
        "target": settings.target,
        "workload": settings.workload,
        "driver": settings.driver,
        "claim": settings.target.claim(),
        "claim_broken": finished.judgement.breaks(&settings.target.claim()),
        "checks": checks,
        "ledger": finished.judgement.ledger,
        "doubts": finished.judgement.doubts,
        "stopped": finished.driven.stopped.map(|at| {
            json!({ "at": at, "why": "the first violation" })
        }),
        "evidence": {
            "operations": finished.tally.invoked, "ok": finished.tally.ok,
            "fail": finished.tally.fail, "info": finished.tally.info,
            "concurrency": finished.history.peak_concurrency(),
            "bug_hits": finished.bug_hits,
            "faults": faults,
        },
        "again": told.plan_is_drawn.then(|| settings.command()),
    })
}

/// The exit code of an outcome.
pub(crate) fn exit(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Valid => 0,
        Outcome::Violation => 1,
        Outcome::Unknown => 3,
    }
}

/// A line for one of many runs.
pub(crate) fn summary_line(told: &Told<'_>) -> String {
    let finished = told.finished;
    let word = match finished.judgement.outcome() {
        Outcome::Valid => "valid    ",
        Outcome::Violation => "VIOLATION",
        Outcome::Unknown => "unknown  ",
    };
    let first = finished.judgement.anomalies().next();
    let why = if let Some((_, anomaly)) = first {
        anomaly.summary.clone()
    } else {
        let doubts = finished.judgement.checks.iter().flat_map(|c| c.verdict.doubts());
        let mut all = doubts.map(ToString::to_string);
        all.next().or_else(|| finished.judgement.doubts.first().cloned()).unwrap_or_default()
    };
    let seed = told.settings.seed;
    format!("{word}  seed {seed:<12} {:>6} ops  {}", finished.tally.invoked, visible(&why))
        .trim_end()
        .to_owned()
}
