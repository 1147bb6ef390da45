//! `rashomon list`.

use std::path::PathBuf;

use clap::ValueEnum;
use rashomon_checker::consistency::{StalenessBound, Versions};
use rashomon_checker::formats::Format;
use rashomon_checker::{Consistency, Invariant, ModelKind, ladder};
use rashomon_results::Store;
use rashomon_targets::{About, Family, Flag, TargetConfig};
use rashomon_workloads::Kind;
use serde::Serialize;

use super::StoreArgs;
use super::output::Output;
use super::stored::StoredRun;
use crate::claims;
use crate::exit::Exit;
use crate::fault::{self, Fault};
use crate::subject::{Program, USUAL_FAULTS};

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Systems that can be tested, and what each variant claims
    Targets,
    /// Workloads that can be run
    Workloads,
    /// Faults that can be injected
    Faults,
    /// Models of objects that a history can be judged against
    Models,
    /// Consistency models that can be required
    Consistency,
    /// Invariants that each kind of object keeps, however weak its consistency
    Invariants,
    /// Formats of histories
    Formats,
    /// Bugs that can be planted
    Bugs,
    /// Stored runs, newest first, with their verdicts
    Runs,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon list bugs
  rashomon list targets --json
  rashomon list runs")]
pub(super) struct ListArgs {
    /// What to list
    what: What,
    #[command(flatten)]
    store: StoreArgs,
}

/// Something that is listed, for machines.
#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    summary: &'a str,
}

/// A stored run, for machines.
#[derive(Serialize)]
struct RunRow {
    name: String,
    summary: String,
    verdict: String,
    path: PathBuf,
}

/// Executes `rashomon list`.
pub(super) fn list(args: &ListArgs, output: &Output) -> anyhow::Result<Exit> {
    let row = |name: &'static str, summary: &str| (name, summary.to_owned());
    let rows: Vec<(&str, String)> = match args.what {
        What::Targets => return Ok(list_targets(output)),
        What::Workloads => Kind::ALL.iter().map(|it| row(it.name(), it.summary())).collect(),
        What::Faults => Fault::ALL.iter().map(|it| row(it.kind.name(), &fault(it))).collect(),
        What::Models => ModelKind::ALL.iter().map(|it| row(it.name(), it.summary())).collect(),
        What::Consistency => consistency(),
        What::Invariants => Invariant::ALL.iter().map(|it| row(it.name(), it.summary())).collect(),
        What::Formats => Format::ALL.iter().map(|it| row(it.name(), it.summary())).collect(),
        What::Bugs => Family::bugs().map(|it| row(it.name, it.summary)).collect(),
        What::Runs => return runs(args, output),
    };
    Ok(show(&rows, output))
}

/// Shows what is listed.
fn show(rows: &[(&str, String)], output: &Output) -> Exit {
    if output.json {
        let rows = rows.iter().map(|(name, summary)| Row { name, summary });
        output.json(&rows.collect::<Vec<_>>());
        return Exit::Valid;
    }
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, summary) in rows {
        output.result(&format!("{name:<width$}  {summary}\n"));
    }
    Exit::Valid
}

/// Lists each family with its flags, and below it what each of its variants claims. Configurations
/// that differ in sizes only, and claim the same, are one variant.
fn list_targets(output: &Output) -> Exit {
    let mut variants: Vec<(&str, String, String)> = Vec::new();
    for configured in TargetConfig::every(claims::SIZES) {
        let name = format!("{} {}", configured.name(), configured.variant());
        let claim = configured.claim();
        let under: Vec<&str> = claim.under.iter().map(|kind| kind.name()).collect();
        let told = format!("{claim}, under {}: {}", under.join(", "), claim.because);
        let variant = (configured.name(), name, told);
        if !variants.contains(&variant) {
            variants.push(variant);
        }
    }
    let mut rows: Vec<(&str, String)> = Vec::new();
    for about in Family::ALL {
        rows.push((about.name, target(about)));
        let own = variants.iter().filter(|(family, ..)| *family == about.name);
        rows.extend(own.map(|(_, name, claim)| (name.as_str(), claim.clone())));
    }
    rows.push((Program::NAME, Program::SUMMARY.to_owned()));
    show(&rows, output)
}

/// Consistency models and what each requires. Of those that differ only in a number, the first.
fn consistency() -> Vec<(&'static str, String)> {
    let listed = Consistency::ALL.iter().filter(|it| match it {
        Consistency::KAtomic(versions) => *versions == Versions::TWO,
        Consistency::BoundedStaleness(bound) => *bound == StalenessBound::LEAST,
        _ => true,
    });
    let told = |it: &Consistency| {
        let is_judged = ladder::is_judged(*it)
            || Consistency::ALL.iter().any(|&other| ladder::is_judged(other) && other.implies(*it));
        let note = if is_judged { "" } else { " (not judged)" };
        (it.name(), format!("{}{note}", it.summary()))
    };
    listed.map(told).collect()
}

/// Lists stored runs.
fn runs(args: &ListArgs, output: &Output) -> anyhow::Result<Exit> {
    let store = &args.store.store;
    let runs: Vec<StoredRun> = Store::at(store).runs()?.iter().map(StoredRun::of).collect();
    if output.json {
        let row = |run: StoredRun| RunRow {
            summary: format!("{} {}", run.verdict, run.why).trim().to_owned(),
            path: store.join(&run.id),
            name: run.id,
            verdict: run.verdict,
        };
        output.json(&runs.into_iter().map(row).collect::<Vec<_>>());
        return Ok(Exit::Valid);
    }
    if runs.is_empty() {
        output.note(&format!(
            "no runs in {}; `rashomon run` makes one, and --store DIR looks elsewhere",
            store.display()
        ));
    }
    for run in runs {
        output.result(&format!("{}\n", output.glyphs.fit(&run.line())));
    }
    Ok(Exit::Valid)
}

/// A fault in one sentence, and its parameters in a plan file.
fn fault(about: &fault::About) -> String {
    let by_name = if USUAL_FAULTS.contains(&about.kind) { "" } else { "; only where it is named" };
    format!("{}; {}{by_name}", about.summary, about.parameters)
}

/// A target in one sentence, and the flags that make it.
fn target(about: &About) -> String {
    let flags: Vec<String> = (about.flags)().iter().map(Flag::written).collect();
    format!("{}; {}", about.summary, flags.join(" "))
}
