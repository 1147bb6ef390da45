//! `rashomon audit`: what a design claims, and what comes next above it.

mod file;
mod running;
mod words;
mod written;

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Context;
use rashomon_targets::TargetConfig;

use self::running::{AuditLimits, audit_all};
use self::words::{Audited, AuditedArgs};
use self::written::WrittenAudit;
use super::output::Output;
use super::{StoreArgs, words as given};
use crate::audit;
use crate::campaign::{Cut, SeedRange};
use crate::exit::Exit;
use crate::interrupt;
use crate::report::{ToldAudit, audit_markdown, audit_page, audit_report};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon audit primary-replica --reads replica
  rashomon audit leaderless --n 3 -r 2 -w 2 --seeds 30 --json
  rashomon audit --all --sim --budget 5m
  rashomon audit --all --markdown results/audits/audit.md
  rashomon audit --claims claims.toml history.edn
  rashomon audit --claims claims.toml primary-replica --failover raft
  rashomon audit --example > claims.toml

Each run is judged by the claim, and by the models above it that no run before has refuted. docs/audits.md says
how to read the result.")]
pub(super) struct AuditArgs {
    #[command(flatten)]
    audited: AuditedArgs,
    /// Hold the claims of this file against the target, the history or the stored run
    #[arg(long, value_name = "FILE", conflicts_with_all = ["all", "markdown", "budget"])]
    claims: Option<PathBuf>,
    /// Print an example of a file of claims, with comments
    #[arg(long)]
    example: bool,
    /// Audit every variant of every family
    #[arg(long, conflicts_with = "target")]
    all: bool,
    /// Runs of each design with each workload
    #[arg(long, default_value = "12", value_name = "N", value_parser = |text: &str| given::whole(text, 1_u64, 100_000))]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value = "1", value_name = "N", value_parser = |text: &str| given::whole(text, 0, u64::MAX >> 2))]
    seed: u64,
    /// Stop after this time, such as 5m, and say what was not run
    #[arg(long, value_name = "TIME", value_parser = given::time)]
    budget: Option<Duration>,
    /// In simulation, as audits always are
    #[arg(long)]
    sim: bool,
    /// Also write the report as Markdown, which is the same for the same build and seeds
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    #[command(flatten)]
    store: StoreArgs,
}

/// What `--example` prints.
const EXAMPLE: &str = include_str!("../../examples/claims.toml");

/// Executes `rashomon audit`.
pub(super) fn audit(args: &AuditArgs, output: &Output) -> anyhow::Result<Exit> {
    if args.example {
        output.result(EXAMPLE);
        return Ok(Exit::Valid);
    }
    let audited = args.audited.audited()?;
    let seeds = SeedRange { first: args.seed, count: args.seeds };
    if let Some(claims) = &args.claims {
        let audited = audited.context("--claims needs a target, a history or a stored run")?;
        let stop = &interrupt::stop_flag("stopping; what is known so far is reported");
        let store = &args.store.store;
        return WrittenAudit { claims, store, seeds, stop }.run(&audited, output);
    }
    let designs: Vec<TargetConfig> = match (args.all, audited) {
        (true, _) => audit::designs(),
        (false, Some(Audited::Target(target))) => vec![target],
        (false, Some(Audited::History(name))) => anyhow::bail!(
            "`{}` is no target{}; a history is audited with --claims FILE, and `rashomon check` judges it",
            rashomon_checker::visible(&name),
            given::meant(&name, rashomon_targets::Family::ALL.iter().map(|about| about.name))
        ),
        (false, None) => anyhow::bail!(
            "name a target, as in `rashomon audit primary-replica --reads any`, or give --all"
        ),
    };
    let stop = interrupt::stop_flag("stopping; what is known so far is reported");
    let started = Instant::now();
    let deadline = args.budget.and_then(|budget| started.checked_add(budget));
    let limits = AuditLimits { deadline, stop: &stop };
    let (designs, runs, planned) = audit_all(&designs, seeds, &limits, output)?;
    let cut = match (stop.load(Ordering::Relaxed), runs < planned) {
        (true, _) => Some(Cut::Interrupted),
        (false, true) => Some(Cut::Budget),
        (false, false) => None,
    };
    let told =
        ToldAudit { designs: &designs, seeds, runs, planned, cut, elapsed: started.elapsed() };
    if let Some(path) = &args.markdown {
        std::fs::write(path, audit_markdown(&told))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if output.json {
        output.json(&audit_report(&told));
    } else {
        output.page(&audit_page(&told, output.screen()));
    }
    Ok(told.exit())
}
