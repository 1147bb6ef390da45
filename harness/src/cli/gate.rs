//! `rashomon gate`: a campaign against a baseline that was accepted. Worse than that: exit 1, and what is worse.

mod hunting;
mod writing;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context;
use clap::ValueEnum;
use rashomon_results::{BaselineRecord, JournalHead, StoreError};
use rashomon_targets::PlantedBug;

use self::hunting::hunt;
use self::writing::{GateFiles, write};
use super::campaign::{
    Book, CampaignFile, Conduct, Limits, Violations, folder_of, forget_kept, keep_failures, read,
};
use super::output::Output;
use super::{StoreArgs, words};
use crate::campaign::{Campaign, Cut, Job, Jobs, ToldCampaign};
use crate::exit::Exit;
use crate::gate::{BugHunt, GateRules, ToldGate, accepted, judge, no_longer_required};
use crate::identity;
use crate::interrupt;
use crate::parallel::all_cores;
use crate::report::{count, gate_page, gate_report};

/// The gate of this repository.
const FILE: &str = "results/baselines/reference.toml";

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon gate
  rashomon gate results/baselines/ci.toml --junit junit.xml --sarif rashomon.sarif --markdown summary.md
  rashomon gate nightly.toml --update-baseline
  rashomon gate nightly.toml --profile ci --plant no-fencing --expect-violation

The file is that of a campaign (rashomon campaign --example); [gate] in it names planted bugs that have to be found.
Its baseline stands beside it: NAME.json, or NAME.PROFILE.json.

Exit codes: 0 nothing is worse, 1 something is, 2 there is no baseline that fits, 3 something is not known.")]
pub(super) struct GateArgs {
    /// The campaign, in TOML
    #[arg(value_name = "FILE", default_value = FILE)]
    file: PathBuf,
    /// Run the part that a profile of the file names
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// The baseline [default: beside the file, NAME.json or NAME.PROFILE.json]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what is found as the new baseline, to be committed
    #[arg(long, conflicts_with_all = ["plant", "expect_violation"])]
    update_baseline: bool,
    /// Stop after this time, such as 10m, and say what was not run [default: as the file says]
    #[arg(long, value_name = "TIME", value_parser = words::time)]
    budget: Option<Duration>,
    /// Whether the gate is passed if something is not known: undecided cells, what was not run
    #[arg(long, value_name = "WHAT", default_value = "fail")]
    on_unknown: OnUnknown,
    /// Pass if something is worse, and only then: to see that the gate is awake
    #[arg(long)]
    expect_violation: bool,
    /// Plant this bug in every target that can have it (see `rashomon list bugs`)
    #[arg(long, value_name = "BUG", value_parser = words::bug)]
    plant: Option<PlantedBug>,
    /// How many runs at a time [default: one for each core]
    #[arg(long, value_name = "N", value_parser = |text: &str| words::whole(text, 1_usize, 4_096))]
    threads: Option<usize>,
    #[command(flatten)]
    files: GateFiles,
    /// Where campaigns are kept
    #[arg(
        long,
        value_name = "DIR",
        default_value = "results/campaigns",
        env = "RASHOMON_CAMPAIGNS"
    )]
    campaigns: PathBuf,
    #[command(flatten)]
    store: StoreArgs,
}

/// What becomes of a gate where something is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OnUnknown {
    /// Exit 3
    Fail,
    /// A warning
    Warn,
}

/// Executes `rashomon gate`.
pub(super) fn gate(args: &GateArgs, output: &Output) -> anyhow::Result<Exit> {
    let name = args.file.display().to_string();
    let text = std::fs::read_to_string(&args.file).with_context(|| {
        format!(
            "cannot read {name}; name a campaign's file (rashomon campaign --example prints one)"
        )
    })?;
    let file = read(&name, &text, args.profile.as_deref()).map_err(anyhow::Error::msg)?;
    let baseline_file = args.baseline.clone().unwrap_or_else(|| beside(&args.file, &file.campaign));
    let baseline = baseline(args, &file.campaign, &baseline_file)?;
    let campaign = match args.plant {
        None => file.campaign.clone(),
        Some(bug) => file.campaign.with_bug(bug).with_context(|| {
            format!("--plant {}: no target of {name} can have it; plant another one", bug.name)
        })?,
    };
    let command = GateCommand {
        args,
        file: &file,
        campaign: &campaign,
        baseline: baseline.as_ref(),
        baseline_file: &baseline_file,
        output,
    };
    command.run()
}

/// Where the baseline of a file is.
fn beside(file: &Path, campaign: &Campaign) -> PathBuf {
    file.with_file_name(format!("{}.json", folder_of(campaign)))
}

/// The baseline that is to be compared with; none if one is to be written.
///
/// # Errors
/// If there is none, it is of another campaign, or it required more.
fn baseline(
    args: &GateArgs,
    campaign: &Campaign,
    path: &Path,
) -> anyhow::Result<Option<BaselineRecord>> {
    if args.update_baseline {
        return Ok(None);
    }
    let fix = "run this command with --update-baseline, look at what it wrote, and commit it";
    let shown = path.display();
    let found = match BaselineRecord::load(path) {
        // It may be one of an older build, which had less in it.
        Err(error @ StoreError::Content { .. }) => anyhow::bail!("{error}; {fix}"),
        found => found?.with_context(|| format!("there is no baseline {shown}; {fix}"))?,
    };
    anyhow::ensure!(
        found.campaign == campaign.hash() && found.cells.len() == campaign.cells.len(),
        "{shown} is the baseline of another campaign: the file asked for something else then ({}, now {}); {fix}",
        found.campaign,
        campaign.hash()
    );
    if let Some(less) = no_longer_required(&found, campaign) {
        anyhow::bail!("{shown} does not fit: {less}; {fix}");
    }
    Ok(Some(found))
}

/// A gate to be passed, and how.
struct GateCommand<'a> {
    args: &'a GateArgs,
    file: &'a CampaignFile,
    /// That of the file, with a bug if one is to be planted.
    campaign: &'a Campaign,
    baseline: Option<&'a BaselineRecord>,
    baseline_file: &'a Path,
    output: &'a Output,
}

impl GateCommand<'_> {
    fn run(&self) -> anyhow::Result<Exit> {
        let (args, campaign) = (self.args, self.campaign);
        let (began, started) = (SystemTime::now(), Instant::now());
        let stop = interrupt::stop_flag("stopping; the report covers what was done so far");
        let deadline =
            args.budget.or(self.file.budget).and_then(|budget| started.checked_add(budget));
        let threads = args.threads.unwrap_or_else(all_cores);
        let limits = Limits { threads, deadline, stop: &stop };
        // The bugs come first: whether this program is blind decides what all else is worth.
        let bugs = if args.plant.is_some() { &[] } else { self.file.gate.bugs() };
        let hunts = hunt(bugs, self.file.gate.bug_seeds(), &limits, self.output)?;
        // No campaign has this folder: names have no plus.
        let folder = args.campaigns.join(format!("{}+gate", folder_of(campaign)));
        let book = self.runs(&folder, &limits)?;
        let mut told = ToldCampaign {
            campaign,
            tally: &book.tally,
            build: &book.head.build,
            share: None,
            planned: planned(campaign),
            before: 0,
            kept: std::collections::BTreeMap::new(),
            cut: None,
            elapsed: Duration::ZERO,
            threads,
        };
        let is_whole = told.not_run() == 0 && hunts.iter().all(|hunt| hunt.block.is_some());
        told.cut = match limits.cut() {
            Some(Cut::Budget) if is_whole => None,
            cut => cut,
        };
        if told.cut != Some(Cut::Interrupted) {
            match keep_failures(&told, &book, (&folder, &args.store.store)) {
                Ok(kept) => told.kept = kept,
                // What was found is reported nevertheless.
                Err(why) => self.output.note(&format!("failing runs are not kept: {why:#}")),
            }
        }
        told.elapsed = started.elapsed();
        self.tell(&told, &hunts, began)
    }

    /// Runs the campaign, all of it anew: what another build found counts for nothing here.
    fn runs(&self, folder: &Path, limits: &Limits<'_>) -> anyhow::Result<Book> {
        let campaign = self.campaign;
        let jobs = Jobs::of(campaign);
        let build = identity::build_with_canary();
        let head = JournalHead {
            profile: campaign.profile.clone(),
            ..JournalHead::new(build, campaign.name.clone(), campaign.hash())
        };
        let book = Book::begin(&folder.join("journal.jsonl"), head, (campaign, &jobs))?;
        forget_kept(folder)?;
        let to_do: Vec<Job> = jobs.all().to_vec();
        let conduct = Conduct {
            campaign,
            planned: planned(campaign),
            store: &self.args.store.store,
            violations: Violations::AreCompared,
            output: self.output,
        };
        let says = |estimate: &str| {
            let cells = count(campaign.cells.len() as u64, "cell");
            let runs = count(planned(campaign), "run");
            format!("gate {}: {cells}, {runs}\n{estimate}", campaign.name)
        };
        conduct.run(book, &to_do, limits, &says)
    }

    fn tell(
        &self,
        campaign: &ToldCampaign<'_>,
        hunts: &[BugHunt],
        began: SystemTime,
    ) -> anyhow::Result<Exit> {
        let (args, output) = (self.args, self.output);
        let judged = judge(campaign.tally, self.baseline, hunts);
        let (file, baseline_file) =
            (args.file.display().to_string(), self.baseline_file.display().to_string());
        let mut told = ToldGate {
            campaign,
            baseline: self.baseline,
            judged: &judged,
            hunts,
            file: &file,
            lines: &self.file.lines,
            baseline_file: &baseline_file,
            planted: args.plant,
            is_accepted: false,
            rules: GateRules {
                unknown_fails: args.on_unknown == OnUnknown::Fail,
                expects_regression: args.expect_violation,
            },
            began,
        };
        let saved = if args.update_baseline && told.is_acceptable() {
            accepted(campaign, hunts).save(self.baseline_file).map(|()| true)
        } else {
            Ok(false)
        };
        told.is_accepted = matches!(saved, Ok(true));
        // No file that cannot be written hides what was found.
        told.exit().note();
        if output.json {
            output.json(&gate_report(&told));
        } else {
            output.page(&gate_page(&told, output.screen()));
        }
        let written = write(&args.files, &told);
        saved?;
        written?;
        Ok(told.exit())
    }
}

/// How many runs a campaign asks for.
fn planned(campaign: &Campaign) -> u64 {
    campaign.seeds.count.saturating_mul(campaign.cells.len() as u64)
}
