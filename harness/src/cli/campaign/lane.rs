//! Does the jobs of a campaign on this machine: simulated ones on all cores, real processes one after another.

use std::path::Path;
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use rashomon_results::{JobFactsRecord, JobHowRecord, JobRecord, Store};

use super::book::Book;
use super::limits::{Limits, cpu_us, us};
use super::showing::Showing;
use crate::campaign::{Campaign, CampaignCell, Facts, Job, JobClass, SeenRun, execute_simulated};
use crate::execute::{self, Keep, Noting};
use crate::exit::Exit;
use crate::identity;
use crate::kept;
use crate::parallel::{Each, up_to_first};
use crate::record::{Told, record};
use crate::run::drive::Ended;

/// What a violation means for how the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Violations {
    /// However the program ends from now on, it ends with a violation.
    EndIt,
    /// Nothing yet: the runs are compared with others first.
    AreCompared,
}

/// Does jobs, and writes them down.
pub(super) struct Lane<'a> {
    campaign: &'a Campaign,
    violations: Violations,
    book: Mutex<Book>,
    store: &'a Path,
}

impl<'a> Lane<'a> {
    /// A lane that writes into a book; runs of real processes that fail are kept in the store.
    pub(super) fn new(
        (campaign, book): (&'a Campaign, Book),
        store: &'a Path,
        violations: Violations,
    ) -> Self {
        Self { campaign, violations, book: Mutex::new(book), store }
    }

    /// What is done.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().expect("no thread panics with it")
    }

    /// The book, all of it on the disk.
    ///
    /// # Errors
    /// If the disk does not take it.
    pub(super) fn into_book(self) -> anyhow::Result<Book> {
        let mut book = self.book.into_inner().expect("all threads have ended");
        book.sync()?;
        Ok(book)
    }

    /// Does these jobs in about this order, until it is time to stop. A job that is stopped counts for nothing.
    ///
    /// # Errors
    /// If a run cannot be made, or the journal cannot be written.
    pub(super) fn run(
        &mut self,
        jobs: &[Job],
        limits: &Limits<'_>,
        showing: &Showing<'_>,
    ) -> anyhow::Result<()> {
        let is_simulated = |job: &&Job| self.cell(job).is_simulated();
        let (simulated, real): (Vec<&Job>, Vec<&Job>) = jobs.iter().partition(is_simulated);
        // Clusters of processes would disturb each other, and whatever else runs.
        for (jobs, threads) in [(simulated, limits.threads), (real, 1)] {
            let place = |number: u64| usize::try_from(number).expect("jobs are counted by usize");
            let each = Each {
                run: |number| self.one(jobs[place(number)], limits, showing),
                ends: |done: &anyhow::Result<()>| done.is_err(),
                stop: || limits.is_interrupted() || limits.is_over(),
            };
            let done = up_to_first(jobs.len() as u64, threads, &each);
            done.into_values().collect::<anyhow::Result<()>>()?;
        }
        Ok(())
    }

    fn cell(&self, job: &Job) -> &'a CampaignCell {
        &self.campaign.cells[usize::try_from(job.cell).expect("cells are counted by usize")]
    }

    fn one(&self, job: &Job, limits: &Limits<'_>, showing: &Showing<'_>) -> anyhow::Result<()> {
        let (started, cpu) = (Instant::now(), cpu_us());
        let stop = || limits.is_interrupted();
        let cell = self.cell(job);
        let facts = if cell.is_simulated() {
            execute_simulated(job, cell, &stop)?
        } else {
            self.real(job, cell, &stop)?
        };
        let Some(facts) = facts else { return Ok(()) };
        let record = JobRecord {
            cell: job.cell,
            first: job.first,
            count: job.count,
            old: job.class == JobClass::Old,
            facts,
            how: JobHowRecord { cpu_us: cpu_us().saturating_sub(cpu), wall_us: us(started) },
        };
        let mut book = self.book();
        book.finish(&record)?;
        if record.facts.violation > 0 && self.violations == Violations::EndIt {
            Exit::Violation.note();
        }
        showing.done(&record, &book.tally);
        Ok(())
    }

    /// A run of real processes. One that fails is kept, as no seed repeats it.
    fn real(
        &self,
        job: &Job,
        cell: &CampaignCell,
        stop: &dyn Fn() -> bool,
    ) -> anyhow::Result<Option<JobFactsRecord>> {
        let settings = cell.settings(job.first);
        let plan = execute::plan(&settings);
        let folder = kept::begin(self.store, &settings, &plan)?;
        let mut seen = SeenRun::new(stop);
        let mut noting = Noting::new(&mut seen);
        let finished =
            execute::execute(&settings, &plan, Keep::in_folder(&folder, None)?, &mut noting)?;
        kept::as_run(&folder, (&settings, &plan), noting.operations(), &finished)?;
        let is_stopped = matches!(finished.driven.ended, Ended::Interrupted { .. });
        let told = record(Told {
            build: identity::build_with_canary(),
            settings: &settings,
            finished: &finished,
            folder: Some(folder.path().display().to_string()),
            plan_is_drawn: true,
        });
        kept::end(&folder, &told)?;
        let is_violation = told.verdict == rashomon_results::RunVerdict::Violation;
        if !is_violation {
            Store::at(self.store).remove(&folder)?;
        }
        if is_stopped && !is_violation {
            return Ok(None);
        }
        let mut facts = Facts::default();
        let id = folder.id();
        facts.take((job.first, is_violation.then_some(&*id)), &finished, seen);
        Ok(Some(facts.record()))
    }
}
