//! The journal of a campaign, and what it adds up to: the truth about what is done.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;
use rashomon_results::{
    JobFactsRecord, JobRecord, JournalHead, JournalWriter, StoreError, read_journal,
};

use crate::campaign::{Campaign, CampaignCell, Job, JobClass, Jobs, Tally};
use crate::cli::output::Output;
use crate::report::count;

/// The journal of a campaign, open for writing, and what it adds up to.
pub(in crate::cli) struct Book {
    /// Its first line.
    pub(in crate::cli) head: JournalHead,
    /// What its jobs add up to.
    pub(in crate::cli) tally: Tally,
    writer: JournalWriter,
    path: PathBuf,
    /// The jobs that are done, each with a checksum of its facts.
    done: BTreeMap<Job, u32>,
    /// The jobs that the campaign asks for.
    asked: Vec<Job>,
    /// Whether the runs of each cell are the same whenever they are made.
    repeats: Vec<bool>,
}

/// Why a journal is not taken.
#[derive(Debug)]
pub(super) enum Refused {
    /// Two journals say different things of one job: a bug of ours, or of the machine.
    Contradiction(String),
    /// Anything else.
    Other(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

/// What becomes of a job that is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// It was not known.
    New,
    /// It was known, and found the same.
    Known,
    /// It was known, and found something else.
    Contradicts,
}

impl Book {
    /// Opens a journal, or begins one, and adds up what it holds. A last line that is not whole is cut off.
    pub(super) fn open(
        path: &Path,
        head: JournalHead,
        (campaign, jobs): (&Campaign, &Jobs),
        output: &Output,
    ) -> Result<Self, Refused> {
        let mut book = Self::of(path, head, (campaign, jobs))?;
        let mut contradiction = None;
        let read = read_journal(path, &mut |head, job| {
            book.check(head, path)?;
            if book.take(&job, path)? == Taken::Contradicts {
                contradiction = Some(job);
            }
            Ok(())
        })?;
        if let Some(job) = contradiction {
            return Err(Refused::Contradiction(contradicts(&job, path, path)));
        }
        if let Some(read) = &read {
            // A journal without a job must fit, too.
            book.check(&read.head, path).map_err(anyhow::Error::msg)?;
            if read.torn > 0 {
                output.note(&format!(
                    "{}: the last line was not whole ({}); it is cut off, and its job is done again",
                    path.display(),
                    count(read.torn, "byte")
                ));
            }
        }
        book.writer.resume(&book.head, read.as_ref())?;
        Ok(book)
    }

    /// Begins a journal; one that is there is emptied.
    ///
    /// # Errors
    /// If it cannot be written, or another process writes it.
    pub(in crate::cli) fn begin(
        path: &Path,
        head: JournalHead,
        (campaign, jobs): (&Campaign, &Jobs),
    ) -> anyhow::Result<Self> {
        let mut book = Self::of(path, head, (campaign, jobs))?;
        book.writer.resume(&book.head, None)?;
        Ok(book)
    }

    /// One in which nothing is yet. What the file holds is read afterwards.
    fn of(
        path: &Path,
        head: JournalHead,
        (campaign, jobs): (&Campaign, &Jobs),
    ) -> Result<Self, StoreError> {
        let writer = JournalWriter::lock(path)?;
        let mut asked = jobs.all().to_vec();
        asked.sort_unstable();
        Ok(Self {
            head,
            tally: Tally::new(campaign.cells.len()),
            writer,
            path: path.to_owned(),
            done: BTreeMap::new(),
            asked,
            repeats: campaign.cells.iter().map(CampaignCell::is_simulated).collect(),
        })
    }

    /// Takes over what the journals in a folder hold, and this one does not.
    pub(super) fn merge(mut self, folder: &Path, output: &Output) -> Result<Self, Refused> {
        let mut journals = journals(folder)?;
        let own = self.path.canonicalize()?;
        journals.retain(|path| path.canonicalize().is_ok_and(|path| path != own));
        if journals.is_empty() {
            let folder = folder.display();
            let fix = "give the folder that holds the journal.K-of-N.jsonl of the shares";
            return Err(Refused::Other(anyhow::anyhow!(
                "{folder}: there is no journal to merge; {fix}"
            )));
        }
        // Nothing is written before all of them are known to agree: the remedy is to remove one of them.
        let mut new: Vec<BTreeSet<Job>> = Vec::new();
        for path in &journals {
            new.push(self.take_all(path)?);
        }
        for (path, new) in journals.iter().zip(&mut new) {
            let jobs = new.len() as u64;
            self.append_all(path, new)?;
            output.note(&format!("merged {} of {}", count(jobs, "job"), path.display()));
        }
        self.writer.sync()?;
        Ok(self)
    }

    /// Counts what another journal holds, and writes nothing: which jobs were not known.
    fn take_all(&mut self, path: &Path) -> Result<BTreeSet<Job>, Refused> {
        let mut new = BTreeSet::new();
        let mut contradiction = None;
        read_journal(path, &mut |head, job| {
            self.check(head, path)?;
            match self.take(&job, path)? {
                Taken::New => drop(new.insert(key(&job))),
                Taken::Known => {}
                Taken::Contradicts => contradiction = Some(job),
            }
            Ok(())
        })?;
        match contradiction {
            Some(job) => Err(Refused::Contradiction(contradicts(&job, path, &self.path))),
            None => Ok(new),
        }
    }

    /// Writes these jobs of another journal, which have been counted, into this one.
    fn append_all(&mut self, path: &Path, new: &mut BTreeSet<Job>) -> Result<(), Refused> {
        let mut unwritten = None;
        read_journal(path, &mut |_, job| {
            if new.remove(&key(&job)) && unwritten.is_none() {
                unwritten = self.writer.append(&job).err();
            }
            Ok(())
        })?;
        unwritten.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Whether a journal is of this build and of this campaign.
    fn check(&self, head: &JournalHead, path: &Path) -> Result<(), String> {
        let fix = "give --fresh to put it aside and start over (to merge, move it away)";
        let (was, is) = (&head.build, &self.head.build);
        if was != is {
            let told = |it: &rashomon_results::BuildRecord| {
                let canary = it.canary.as_deref().unwrap_or("none");
                format!("rashomon {} of {}, canary {canary}", it.version, it.short_commit())
            };
            return Err(format!(
                "this journal is of another build ({}) than this one ({}), and results of two builds are \
                 not mixed; {fix}, or go on with that build",
                told(was),
                told(is)
            ));
        }
        if head.campaign != self.head.campaign {
            return Err(format!(
                "this journal is of another campaign: the file asked for something else then ({}, now {}); \
                 {fix}, or undo the change of the file ({})",
                head.campaign,
                self.head.campaign,
                path.display()
            ));
        }
        Ok(())
    }

    /// Whether a job is done.
    pub(super) fn has(&self, job: &Job) -> bool {
        self.done.contains_key(job)
    }

    /// Writes down a job that has just been done.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub(super) fn finish(&mut self, job: &JobRecord) -> anyhow::Result<()> {
        self.writer.append(job)?;
        let path = self.path.clone();
        self.take(job, &path).map_err(anyhow::Error::msg)?;
        Ok(())
    }

    /// Has the disk take what was written.
    ///
    /// # Errors
    /// If it does not.
    pub(super) fn sync(&mut self) -> anyhow::Result<()> {
        Ok(self.writer.sync()?)
    }

    /// Counts a job, unless it is known.
    fn take(&mut self, record: &JobRecord, path: &Path) -> Result<Taken, String> {
        let job = key(record);
        let Job { cell, first, count, class } = job;
        let is_there = usize::try_from(cell).ok().filter(|&place| place < self.repeats.len());
        let is_asked =
            class == JobClass::Old && count == 1 || self.asked.binary_search(&job).is_ok();
        let Some(place) = is_there.filter(|_| is_asked) else {
            let path = path.display();
            return Err(format!(
                "the campaign has no job {cell}.{first}-{count}; {path} was changed"
            ));
        };
        let sum = checksum(&record.facts)?;
        match self.done.get(&job) {
            None => {
                self.done.insert(job, sum);
                self.tally.add(record);
                Ok(Taken::New)
            }
            // Real processes find something else each time: the first counts.
            Some(&known) if known == sum || !self.repeats[place] => Ok(Taken::Known),
            Some(_) => Ok(Taken::Contradicts),
        }
    }
}

/// The journals in a folder, in order.
pub(super) fn journals(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut journals: Vec<PathBuf> = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("journal") && name.ends_with(".jsonl")
        })
        .collect();
    journals.sort();
    Ok(journals)
}

fn key(record: &JobRecord) -> Job {
    let class = if record.old { JobClass::Old } else { JobClass::Asked };
    let &JobRecord { cell, first, count, .. } = record;
    Job { cell, first, count, class }
}

/// Equal facts have an equal checksum, which is of all of them.
fn checksum(facts: &JobFactsRecord) -> Result<u32, String> {
    let text = serde_json::to_vec(facts).map_err(|error| error.to_string())?;
    Ok(crc32fast::hash(&text))
}

fn contradicts(job: &JobRecord, path: &Path, own: &Path) -> String {
    let JobRecord { cell, first, count, .. } = job;
    let own = own.display();
    format!(
        "{}: job {cell}.{first}-{count} found something else here than in another journal of the same build, \
         though a simulated run is the same on every machine. Neither counts: this is a bug in rashomon, or a \
         machine that computes wrongly. Remove one of the journals ({own} too, if it has been merged into that \
         one before), run that share again, and compare",
        path.display()
    )
}
