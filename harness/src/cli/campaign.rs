//! `rashomon campaign`: many kinds of run, each with many seeds, resumable at any point.

mod book;
mod combine;
mod conduct;
mod estimate;
mod export;
mod file;
mod gate_keys;
mod keeping;
mod lane;
mod limits;
mod showing;
mod shrinking;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use rashomon_results::{FailingSeeds, JournalHead, JournalWriter, StoreError};

pub(super) use self::book::Book;
use self::book::Refused;
pub(super) use self::conduct::Conduct;
use self::export::{Export, ExportArgs};
pub(super) use self::file::{CampaignFile, read};
use self::keeping::learn;
pub(super) use self::keeping::{forget_kept, keep_failures};
pub(super) use self::lane::Violations;
pub(super) use self::limits::{Limited, Limits};
use super::output::Output;
use super::{StoreArgs, words};
use crate::campaign::{Campaign, Cut, Job, JobClass, Jobs, Share, ToldCampaign};
use crate::exit::Exit;
use crate::identity;
use crate::interrupt;
use crate::parallel::all_cores;
use crate::report::{
    campaign_markdown, campaign_page, campaign_report, count, misfits_text, thousands,
};

/// What `--example` prints.
const EXAMPLE: &str = include_str!("../../examples/nightly.toml");
/// The file of seeds that have failed, beside the campaigns.
const FAILING_SEEDS: &str = "failing-seeds.jsonl";

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  rashomon campaign --example > nightly.toml
  rashomon campaign nightly.toml
  rashomon campaign nightly.toml --profile ci --budget 10m --markdown summary.md
  rashomon campaign nightly.toml --share 3/16
  rashomon campaign nightly.toml --merge results/campaigns/nightly
  rashomon campaign nightly.toml --export slurm --shares 16 > campaign.sbatch

A campaign that was interrupted, or killed, goes on where it was: give the same command again.")]
pub(super) struct CampaignArgs {
    /// The campaign, in TOML
    #[arg(value_name = "FILE", required_unless_present = "example")]
    file: Option<PathBuf>,
    /// Print an example of a file, with comments
    #[arg(long, conflicts_with = "file")]
    example: bool,
    /// Run the part that a profile of the file names
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Stop after this time, such as 10m, and say what was not run [default: as the file says]
    #[arg(long, value_name = "TIME", value_parser = words::time)]
    budget: Option<Duration>,
    /// Do one share of the jobs, such as 3/16: shares are counted from 0
    #[arg(long, value_name = "SHARE", conflicts_with = "merge")]
    share: Option<Share>,
    /// Join the journals of shares in this folder, and report; runs nothing
    #[arg(long, value_name = "DIR")]
    merge: Option<PathBuf>,
    /// Put the results so far aside, and start over
    #[arg(long, conflicts_with_all = ["merge", "export"])]
    fresh: bool,
    /// Also write the report as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Do not cut down the run of each failure
    #[arg(long)]
    no_shrink: bool,
    /// Cut down the run of each failure in at most this number of runs
    #[arg(long, default_value = "100", value_name = "N", value_parser = |text: &str| words::whole(text, 2_u64, 1_000_000))]
    shrink_runs: u64,
    /// How many runs at a time [default: one for each core]
    #[arg(long, value_name = "N", value_parser = |text: &str| words::whole(text, 1_usize, 4_096))]
    threads: Option<usize>,
    #[command(flatten)]
    export: ExportArgs,
    /// Where campaigns are kept: journals, and seeds that have failed
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

/// Executes `rashomon campaign`.
pub(super) fn campaign(args: &CampaignArgs, output: &Output) -> anyhow::Result<Exit> {
    let Some(path) = &args.file else {
        output.result(EXAMPLE);
        return Ok(Exit::Valid);
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read {}; --example prints a file", path.display()))?;
    let name = path.display().to_string();
    let file = read(&name, &text, args.profile.as_deref()).map_err(anyhow::Error::msg)?;
    let campaign = &file.campaign;
    if let Some(export) = args.export.wanted() {
        let spread = Export { file: path, profile: args.profile.as_deref(), campaign };
        output.result(&spread.text(&export)?);
        return Ok(Exit::Valid);
    }
    let folder = args.campaigns.join(folder_of(campaign));
    let share = args.share.unwrap_or(Share::ALL);
    if args.fresh {
        // Other shares may be under way.
        let own = folder.join(share.journal());
        put_aside(if share == Share::ALL { &folder } else { &own }, output)?;
    }
    let head = JournalHead {
        profile: campaign.profile.clone(),
        share: share.record(),
        ..JournalHead::new(identity::build_with_canary(), campaign.name.clone(), campaign.hash())
    };
    let jobs = Jobs::of(campaign);
    let opened = Book::open(&folder.join(share.journal()), head, (campaign, &jobs), output);
    let book = match opened.and_then(|book| match &args.merge {
        Some(from) => book.merge(from, output),
        None => Ok(book),
    }) {
        Ok(book) => book,
        Err(Refused::Contradiction(why)) => {
            output.refuse(Exit::OurBug, &why);
            return Ok(Exit::OurBug);
        }
        Err(Refused::Other(why)) => return Err(why),
    };
    CampaignCommand { args, file: &file, jobs: &jobs, share, output }.run(book)
}

/// A campaign to be run, and how.
struct CampaignCommand<'a> {
    args: &'a CampaignArgs,
    file: &'a CampaignFile,
    jobs: &'a Jobs,
    share: Share,
    output: &'a Output,
}

impl CampaignCommand<'_> {
    fn run(&self, book: Book) -> anyhow::Result<Exit> {
        let (args, campaign, output) = (self.args, &self.file.campaign, self.output);
        let started = Instant::now();
        let threads = args.threads.unwrap_or_else(all_cores);
        let seeds_file = args.campaigns.join(FAILING_SEEDS);
        let failing = FailingSeeds::load(&seeds_file)?;
        let stop = interrupt::stop_flag(
            "stopping; what is done is kept, and the same command goes on from there",
        );
        let mine: Vec<Job> = self.mine();
        let planned = mine.iter().map(|job| job.count).sum();
        let before = book.tally.runs();
        let deadline =
            args.budget.or(self.file.budget).and_then(|budget| started.checked_add(budget));
        let limits = Limits { threads, deadline, stop: &stop };
        let book = if args.merge.is_some() {
            book
        } else {
            let conduct = Conduct {
                campaign,
                planned,
                store: &args.store.store,
                violations: Violations::EndIt,
                output,
            };
            let to_do = self.in_order(&mine, &failing, &book);
            let says = |estimate: &str| self.begins(planned, before, estimate);
            conduct.run(book, &to_do, &limits, &says)?
        };
        let mut told = ToldCampaign {
            campaign,
            tally: &book.tally,
            build: &book.head.build,
            share: self.share.record(),
            planned,
            before,
            kept: std::collections::BTreeMap::new(),
            cut: None,
            elapsed: Duration::ZERO,
            threads,
        };
        told.cut = match limits.cut() {
            Some(Cut::Budget) if args.merge.is_some() || told.not_run() == 0 => None,
            cut => cut,
        };
        // A share hands on what it found: who merges the shares keeps the shortest of all.
        if self.share == Share::ALL && told.cut != Some(Cut::Interrupted) {
            let folder = args.campaigns.join(folder_of(campaign));
            told.kept = keep_failures(&told, &book, (&folder, &args.store.store))?;
            // Another campaign may have learnt of seeds meanwhile.
            learn(&mut FailingSeeds::load(&seeds_file)?, &told)?;
            if !args.no_shrink {
                let how = (args.shrink_runs, &*args.store.store);
                shrinking::shrink_kept(&mut told.kept, how, &limits, output)?;
            }
        }
        told.elapsed = started.elapsed();
        self.tell(&told)
    }

    /// The jobs of this share.
    fn mine(&self) -> Vec<Job> {
        let all = self.jobs.all().iter().enumerate();
        all.filter(|(place, _)| self.share.has(*place)).map(|(_, job)| *job).collect()
    }

    /// What is left of them: jobs with seeds that have failed before come first.
    fn in_order(&self, mine: &[Job], failing: &FailingSeeds, book: &Book) -> Vec<Job> {
        let campaign = &self.file.campaign;
        let mut old: Vec<(u32, u64)> = Vec::new();
        for (cell, of) in (0..).zip(&campaign.cells) {
            old.extend(failing.of(&of.key()).into_iter().map(|seed| (cell, seed)));
        }
        let has_old = |job: &&Job| {
            old.iter().any(|&(cell, seed)| {
                cell == job.cell && (job.first..job.first + job.count).contains(&seed)
            })
        };
        let is_outside = |&&(_, seed): &&(u32, u64)| !campaign.seeds.contains(seed);
        let extra = old.iter().filter(is_outside).filter(|_| self.share.is_first());
        let extra = extra.map(|&(cell, first)| Job { cell, first, count: 1, class: JobClass::Old });
        let (first, rest): (Vec<&Job>, Vec<&Job>) = mine.iter().partition(has_old);
        let all = extra.chain(first.into_iter().chain(rest).copied());
        all.filter(|job| !book.has(job)).collect()
    }

    /// What is said before the first run.
    fn begins(&self, planned: u64, before: u64, estimate: &str) -> String {
        let campaign = &self.file.campaign;
        let done = match before {
            0 => String::new(),
            runs if runs == planned => {
                "; all of them were done before, and nothing is run".to_owned()
            }
            runs => format!("; {} of them were done before", thousands(runs)),
        };
        let share = self
            .share
            .record()
            .map_or_else(String::new, |it| format!(", share {} of {}", it.index, it.of));
        let misfits = if campaign.misfits.is_empty() {
            String::new()
        } else {
            format!("\nnot run, as they do not fit:\n{}", misfits_text(campaign).trim_end())
        };
        format!(
            "campaign {}{share}: {} with {}, {}{done}{misfits}\n{}",
            campaign.name,
            count(campaign.cells.len() as u64, "cell"),
            count(campaign.seeds.count, "seed"),
            count(planned, "run"),
            estimate
        )
    }

    fn tell(&self, told: &ToldCampaign<'_>) -> anyhow::Result<Exit> {
        let output = self.output;
        if let Some(path) = &self.args.markdown {
            std::fs::write(path, campaign_markdown(told))
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        if output.json {
            output.json(&campaign_report(told));
        } else {
            output.page(&campaign_page(told, output.screen()));
        }
        Ok(told.exit())
    }
}

/// The folder of a campaign, in that of all campaigns.
pub(super) fn folder_of(campaign: &Campaign) -> String {
    match &campaign.profile {
        None => campaign.name.clone(),
        Some(profile) => format!("{}.{profile}", campaign.name),
    }
}

/// Moves results out of the way: a folder, or a journal.
///
/// # Errors
/// If another process writes them, or they cannot be moved.
fn put_aside(results: &Path, output: &Output) -> anyhow::Result<()> {
    if !results.exists() {
        return Ok(());
    }
    let journals =
        if results.is_dir() { book::journals(results)? } else { vec![results.to_owned()] };
    // Held until all is moved: a process that writes would write into what is aside.
    let _locks = journals
        .iter()
        .map(|path| JournalWriter::lock(path))
        .collect::<Result<Vec<_>, StoreError>>()?;
    let name = results.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let free = (1..).map(|number| results.with_file_name(format!("{name}.old-{number}")));
    let aside = free.into_iter().find(|path| !path.exists()).context("some number is free")?;
    std::fs::rename(results, &aside)
        .with_context(|| format!("cannot move {}", results.display()))?;
    output.note(&format!("the results so far are in {} now", aside.display()));
    Ok(())
}
