//! Progress of a campaign: a line that is redrawn on a terminal, lines elsewhere.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rashomon_results::JobRecord;

use super::estimate::{Estimate, rough};
use crate::campaign::{Campaign, Job, Tally};
use crate::cli::output::Output;
use crate::report::progress::Show;
use crate::report::{count, thousands};

/// How often a line is redrawn, and how often one is written where it cannot be.
const REDRAW: Duration = Duration::from_millis(100);
const BEAT: Duration = Duration::from_secs(30);

/// Shows the progress of a campaign.
pub(super) struct Showing<'a> {
    output: &'a Output,
    campaign: &'a Campaign,
    estimate: Estimate,
    planned: u64,
    before: u64,
    started: Instant,
    bar: ProgressBar,
    told: Mutex<ShownSoFar>,
}

/// What was shown last.
struct ShownSoFar {
    at: Instant,
    signatures: BTreeSet<String>,
    /// How many runs of each cell this program has to make still.
    left: Vec<u64>,
}

impl<'a> Showing<'a> {
    /// Of a campaign of `planned` runs, of which some were done `before`.
    pub(super) fn new(
        output: &'a Output,
        campaign: &'a Campaign,
        (planned, before): (u64, u64),
        estimate: Estimate,
    ) -> Self {
        let target = match output.progress() {
            Show::Live => ProgressDrawTarget::stderr(),
            Show::Lines | Show::Nothing => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(planned.max(1)), target);
        let style = ProgressStyle::with_template(" runs   {bar:30} {pos} of {len}  {msg}")
            .expect("the template is constant");
        bar.set_style(style.progress_chars("━╸ "));
        bar.set_position(before);
        let told = ShownSoFar { at: Instant::now(), signatures: BTreeSet::new(), left: Vec::new() };
        let started = Instant::now();
        Self { output, campaign, estimate, planned, before, started, bar, told: Mutex::new(told) }
    }

    /// The jobs that are to be done.
    pub(super) fn expect(&self, jobs: &[Job]) {
        let mut left = vec![0; self.campaign.cells.len()];
        for job in jobs {
            left[usize::try_from(job.cell).expect("cells are counted by usize")] += job.count;
        }
        self.told.lock().expect("no thread panics with it").left = left;
    }

    /// A job is done; `tally` has it.
    pub(super) fn done(&self, job: &JobRecord, tally: &Tally) {
        let mut told = self.told.lock().expect("no thread panics with it");
        if let Some(left) =
            usize::try_from(job.cell).ok().and_then(|place| told.left.get_mut(place))
        {
            *left = left.saturating_sub(job.count);
        }
        let show = self.output.progress();
        for failure in &job.facts.failures {
            if told.signatures.insert(failure.signature.clone()) && show == Show::Lines {
                let place = usize::try_from(job.cell).expect("cells are counted by usize");
                let names = &self.campaign.cells[place].names;
                self.line(
                    "found",
                    &format!("{} in {names}, seed {}", failure.signature, failure.seed),
                );
            }
        }
        let is_due = match show {
            Show::Live => told.at.elapsed() >= REDRAW,
            Show::Lines => told.at.elapsed() >= BEAT,
            Show::Nothing => false,
        };
        if !is_due {
            return;
        }
        told.at = Instant::now();
        let runs = tally.runs();
        let until = self.estimate.until_end(self.campaign, tally, &told.left);
        let text = format!(
            "{}/s  {} left  {}{}",
            thousands(self.rate(runs)),
            rough(until),
            count(tally.violations(), "violation"),
            match tally.failures.len() {
                0 => String::new(),
                kinds => format!(" of {}", count(kinds as u64, "signature")),
            }
        );
        if show == Show::Live {
            self.bar.set_position(runs);
            self.bar.set_message(text);
        } else {
            self.line(
                "status",
                &format!("{} of {}  {text}", thousands(runs), thousands(self.planned)),
            );
        }
    }

    /// Runs a second since the beginning.
    fn rate(&self, runs: u64) -> u64 {
        let ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        runs.saturating_sub(self.before).saturating_mul(1000) / ms
    }

    fn line(&self, kind: &str, text: &str) {
        let tenths = self.started.elapsed().as_millis() / 100;
        let clock = format!("{:02}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10);
        self.output.note(&format!("{clock} {kind:<8} {text}"));
    }

    /// Takes the live line away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
