//! `rashomon check`.

use std::path::PathBuf;

use anyhow::Context;
use rashomon_checker::formats::{Format, ReadOptions, UnknownFormat};
use rashomon_checker::linearizability::{self, FailedCas, Options};
use rashomon_checker::{
    Anomaly, Budget, ConvergenceKind, History, ModelKind, Verdict, convergence, vacuity,
};
use rashomon_results::load_history;
use serde_json::json;

use super::output::Output;
use crate::exit::Exit;
use crate::report::{Frame, Paint, anomaly_text, thousands};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon check results/runs/latest/history.jsonl
  rashomon check history.edn --model cas-register
  rashomon check etcd_002.log --model cas-register --json")]
pub(super) struct CheckArgs {
    /// The history: our JSON lines, Jepsen's EDN or console log, Porcupine's kv files
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
    /// Most configurations to visit for a key
    #[arg(long, value_name = "N")]
    budget_configurations: Option<u64>,
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

/// What was asked, and what came of it.
type Answered = (String, Verdict<Anomaly>);

/// Carries out `rashomon check`.
pub(super) fn check(args: &CheckArgs, output: &Output) -> anyhow::Result<Exit> {
    let options = ReadOptions {
        format: args.format.0,
        independent: args.independent,
        ..ReadOptions::default()
    };
    let loaded = load_history(&args.file, &options)?;
    let history = &loaded.history;
    if let Some(torn) = &loaded.notes.torn {
        output.note(&format!(
            "{}: line {} was cut short after {} bytes; judged without it",
            args.file.display(),
            torn.line,
            torn.bytes
        ));
    }
    let mut budget = Budget::default();
    if let Some(configurations) = args.budget_configurations {
        budget.configurations = configurations;
    }
    // Jepsen's etcd client, whose logs these are, fails a `cas` for one reason only.
    let failed_cas = match loaded.format {
        Format::JepsenLog => FailedCas::Mismatched,
        _ => FailedCas::SaysNothing,
    };
    let answered =
        answer(history, args.model, &Options { budget, failed_cas, ..Options::default() })?;
    let verdict = answered.iter().map(|(_, verdict)| verdict.clone()).reduce(Verdict::and);
    let verdict = verdict.context("nothing to ask of this history")?;
    let vacuous = vacuity(history).map(|doubt| doubt.to_string());
    let exit = match (&verdict, &vacuous) {
        (Verdict::Invalid { .. }, _) => Exit::Violation,
        (Verdict::Unknown { .. }, _) => Exit::Unknown,
        // Somebody else's history may be thin and yet known to be valid; one in which nothing
        // succeeded is nothing.
        (Verdict::Valid { .. }, Some(_)) if history.counts().ok == 0 => Exit::Unknown,
        (Verdict::Valid { .. }, _) => Exit::Valid,
    };
    if output.json {
        let checks: Vec<_> = answered
            .iter()
            .map(|(asked, verdict)| json!({"check": asked, "verdict": verdict}))
            .collect();
        output.json(&json!({
            "schema": "rashomon.check/1", "file": args.file, "format": loaded.format.name(),
            "operations": history.len(), "exit": exit.number(), "checks": checks, "doubts": vacuous,
        }));
    } else {
        output.result(&text(args, loaded.format, history, &answered, vacuous, exit, output));
    }
    Ok(exit)
}

/// Puts the questions that fit.
fn answer(
    history: &History,
    model: Option<ModelKind>,
    options: &Options,
) -> anyhow::Result<Vec<Answered>> {
    let counts = history.counts_by_f();
    let has = |f: &str| counts.contains_key(f);
    let any_final = history.indices().any(|index| history.is_final(index));
    let mut answered = Vec::new();
    let is_set = model == Some(ModelKind::Set) || (model.is_none() && has("add"));
    let guess = match () {
        () if is_set => ModelKind::Set,
        () if has("append") && has("get") => ModelKind::Kv,
        () if has("append") => ModelKind::ListAppend,
        () if has("enqueue") => ModelKind::Queue,
        () if has("push") => ModelKind::Stack,
        () if has("insert") => ModelKind::PriorityQueue,
        () if has("write") || has("cas") || has("read") || has("put") => ModelKind::CasRegister,
        () => anyhow::bail!(
            "cannot tell a model from the operations ({}); give --model",
            counts.keys().copied().collect::<Vec<_>>().join(", ")
        ),
    };
    let kind = model.unwrap_or(guess);
    // A set with final reads was recorded to see whether it converges; it need not be linearizable.
    if !(is_set && any_final && model.is_none()) {
        let report = linearizability::check(history, kind, options);
        answered.push((format!("linearizable as {}", kind.name()), report.verdict));
    }
    if any_final {
        let convergence_kind =
            if is_set { ConvergenceKind::Set } else { ConvergenceKind::Register };
        let verdict = convergence::check(history, convergence_kind).verdict;
        answered.push(("replicas converge, nothing lost".to_owned(), verdict));
    }
    Ok(answered)
}

fn text(
    args: &CheckArgs,
    format: Format,
    history: &History,
    answered: &[Answered],
    vacuous: Option<String>,
    exit: Exit,
    output: &Output,
) -> String {
    let (title, paint) = match exit {
        Exit::Violation => ("✗ VIOLATION", Paint::Red),
        Exit::Valid => ("✓ NO VIOLATION FOUND", Paint::Green),
        Exit::Unknown | Exit::Usage | Exit::Interrupted => ("? UNDECIDED", Paint::Yellow),
    };
    let aside = format!("{} · exit {}", format.name(), exit.number());
    let mut frame = Frame::new(output.glyphs, paint, title, &aside);
    frame.verbatim("file", &args.file.display().to_string());
    frame.line(
        "read",
        &format!(
            "{} operations on {} keys, up to {} at once",
            thousands(history.len() as u64),
            thousands(history.keys().len() as u64),
            history.peak_concurrency()
        ),
    );
    for (asked, verdict) in answered {
        let sign = match verdict {
            Verdict::Valid { .. } => "✓",
            Verdict::Invalid { .. } => "✗",
            Verdict::Unknown { .. } => "?",
        };
        frame.line("asked", &format!("{sign} {asked}"));
        for anomaly in verdict.anomalies().take(3) {
            frame.line("found", &anomaly.summary);
        }
        let rest = verdict.anomalies().count().saturating_sub(3);
        if rest > 0 {
            frame.line("", &format!("and {rest} more; --json has all"));
        }
        for doubt in verdict.doubts() {
            frame.line("doubt", &doubt.to_string());
        }
    }
    if let Some(doubt) = vacuous {
        frame.line("doubt", &doubt);
    }
    let mut text = frame.close();
    let first = answered.iter().find_map(|(_, verdict)| verdict.anomalies().next());
    if let Some(anomaly) = first {
        text.push('\n');
        text.push_str(&anomaly_text(anomaly, &[], output.glyphs));
    }
    text
}
