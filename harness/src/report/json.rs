//! The verdict for machines: one object, whose fields are only ever added to.

use rashomon_checker::visible;
use serde_json::{Value, json};

use super::Told;
use crate::judge::Outcome;
use crate::record::SCHEMA;
use crate::run::drive::Ended;
use crate::settings::Driver;

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
            json!({
                "check": report.check.name(), "verdict": report.name(),
                "anomalies": report.anomalies, "suspected": report.suspected,
                "doubts": report.doubts,
            })
        })
        .collect();
    json!({
        "schema": SCHEMA,
        "verdict": outcome,
        "exit": finished.exit().number(),
        "run": told.folder,
        "seed": settings.seed,
        "target": settings.target,
        "workload": settings.workload,
        "driver": settings.driver,
        "clock": match settings.driver {
            Driver::Cluster => "nanoseconds of this machine's monotonic clock",
            Driver::Simulation => "simulated nanoseconds",
        },
        "settings": settings,
        "asked": finished.judgement.checks.iter().map(|it| it.check.name()).collect::<Vec<_>>(),
        "known": finished.driven,
        "claim": settings.target.claim(),
        "claim_broken": finished.judgement.breaks(&settings.target.claim()),
        "checks": checks,
        "ledger": finished.judgement.ledger,
        "doubts": finished.judgement.doubts,
        "stopped": match finished.driven.ended {
            Ended::InTime => Value::Null,
            Ended::Violation { at } => json!({ "at": at, "why": "the first violation" }),
            Ended::Interrupted { at } => json!({ "at": at, "why": "interrupted" }),
        },
        "evidence": {
            "operations": finished.tally.invoked, "ok": finished.tally.ok,
            "fail": finished.tally.fail, "info": finished.tally.info,
            "concurrency": finished.history.peak_concurrency(),
            "bug_hits": finished.driven.bug_hits,
            "faults": faults,
        },
        "again": told.plan_is_drawn.then(|| settings.command()),
    })
}

/// A line for one of many runs.
pub(crate) fn summary_line(told: &Told<'_>) -> String {
    let finished = told.finished;
    let word = match finished.judgement.outcome() {
        Outcome::Valid => "valid    ",
        Outcome::Violation => "VIOLATION",
        Outcome::Unknown => "unknown  ",
    };
    let judgement = &finished.judgement;
    let first = judgement.anomalies().next().map(|(_, anomaly)| anomaly.summary.clone());
    let doubt = || judgement.all_doubts().next().map(ToString::to_string);
    let why = first.or_else(doubt).unwrap_or_default();
    let seed = told.settings.seed;
    format!("{word}  seed {seed:<12} {:>6} ops  {}", finished.tally.invoked, visible(&why))
        .trim_end()
        .to_owned()
}
