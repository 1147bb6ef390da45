//! Writes the reports of a gate that programs of a build read.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;
use rashomon_checker::visible_json;

use crate::cli::output::Output;
use crate::gate::ToldGate;
use crate::report::{gate_annotations, gate_junit, gate_markdown, gate_sarif, gate_summary};

/// Says that a step of a GitHub workflow runs this program.
const IN_GITHUB: &str = "GITHUB_ACTIONS";
/// The file to which such a step appends its summary.
const SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Which reports are written.
#[derive(Debug, clap::Args)]
pub(super) struct GateFiles {
    /// Also write the report as XML of `JUnit`
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Also write what is worse as SARIF 2.1.0
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
    /// Also write the report as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Annotate the file, and append to the summary of the step [default: github where `GITHUB_ACTIONS=true`]
    #[arg(long, value_name = "WHERE")]
    annotate: Option<Annotate>,
}

/// Where annotations go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Annotate {
    /// Commands of a GitHub workflow, on standard error
    Github,
    /// Nowhere
    Nowhere,
}

/// Writes what was asked for.
///
/// # Errors
/// If a file cannot be written; the others are.
pub(super) fn write(files: &GateFiles, told: &ToldGate<'_>) -> anyhow::Result<()> {
    let sarif = || {
        let text = serde_json::to_string_pretty(&gate_sarif(told));
        visible_json(&format!("{}\n", text.expect("its keys are texts"))).into_owned()
    };
    let written = [
        put(files.junit.as_deref(), || gate_junit(told)),
        put(files.sarif.as_deref(), sarif),
        put(files.markdown.as_deref(), || gate_markdown(told)),
        annotate(files, told),
    ];
    written.into_iter().collect()
}

/// Writes a file, if it was asked for.
fn put(path: Option<&Path>, text: impl FnOnce() -> String) -> anyhow::Result<()> {
    let Some(path) = path else { return Ok(()) };
    std::fs::write(path, text()).with_context(|| format!("cannot write {}", path.display()))
}

/// Annotates, if that was asked for.
fn annotate(files: &GateFiles, told: &ToldGate<'_>) -> anyhow::Result<()> {
    let is_there = || std::env::var(IN_GITHUB).is_ok_and(|value| value == "true");
    let annotates = match files.annotate {
        Some(Annotate::Github) => true,
        Some(Annotate::Nowhere) => false,
        None => is_there(),
    };
    if annotates {
        for line in gate_annotations(told) {
            Output::command(&line);
        }
        if let Some(path) = std::env::var_os(SUMMARY).filter(|path| !path.is_empty()) {
            append(Path::new(&path), &gate_summary(told))?;
        }
    }
    Ok(())
}

fn append(path: &Path, text: &str) -> anyhow::Result<()> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))
}
