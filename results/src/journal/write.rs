//! Writes a journal: each line with one write, and to the disk every second.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{JobRecord, JournalHead, JournalRead, sealed};
use crate::StoreError;

/// How often what was written is made to survive a crash of the machine.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// Appends finished jobs to a journal, which no other process may write meanwhile.
#[derive(Debug)]
pub struct JournalWriter {
    path: PathBuf,
    file: File,
    synced: Instant,
    /// Bytes of whole lines; nothing, once a line could not be written.
    whole: Option<u64>,
}

impl JournalWriter {
    /// Opens a journal for writing, and makes sure that nobody else writes it; makes its folder if need be.
    /// What it holds is read afterwards.
    ///
    /// # Errors
    /// If it cannot be written, or another process writes it.
    pub fn lock(path: &Path) -> Result<Self, StoreError> {
        let failed = |e| StoreError::write(path, e);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| StoreError::write(folder, e))?;
        }
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {
                Ok(Self { path: path.to_owned(), file, synced: Instant::now(), whole: Some(0) })
            }
            Err(TryLockError::WouldBlock) => Err(StoreError::Content {
                path: path.to_owned(),
                problem:
                    "another process runs this campaign; wait for it, or give each process a share \
                          of its own (--share 1/2 and --share 0/2)"
                        .to_owned(),
            }),
            Err(TryLockError::Error(e)) => Err(failed(e)),
        }
    }

    /// Makes it ready for more: with its first line if it has none, and without what is not whole.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn resume(
        &mut self,
        head: &JournalHead,
        read: Option<&JournalRead>,
    ) -> Result<(), StoreError> {
        let whole = read.map_or(0, |it| it.whole);
        self.file.set_len(whole).map_err(|e| self.failed(e))?;
        self.whole = Some(whole);
        if read.is_none() {
            let text = serde_json::to_string(head).map_err(|error| self.unfit(&error))?;
            self.put(&format!("{text}\n"))?;
            self.sync()?;
        }
        Ok(())
    }

    /// Appends a job.
    ///
    /// # Errors
    /// If it cannot be written; all before it is there.
    pub fn append(&mut self, job: &JobRecord) -> Result<(), StoreError> {
        let text = serde_json::to_string(job).map_err(|error| self.unfit(&error))?;
        self.put(&sealed(&text))?;
        if self.synced.elapsed() >= SYNC_EVERY { self.sync() } else { Ok(()) }
    }

    /// Makes what was written survive a crash of the machine.
    ///
    /// # Errors
    /// If the disk does not take it.
    pub fn sync(&mut self) -> Result<(), StoreError> {
        self.synced = Instant::now();
        self.file.sync_data().map_err(|e| self.failed(e))
    }

    /// After one that failed none is written: nothing may stand behind a line that is not whole.
    fn put(&mut self, text: &str) -> Result<(), StoreError> {
        let Some(whole) = self.whole.take() else {
            return Err(self.failed(std::io::Error::other("an earlier line could not be written")));
        };
        if let Err(error) = self.file.write_all(text.as_bytes()) {
            // If that fails too, the next reader cuts it off.
            let _ = self.file.set_len(whole);
            return Err(self.failed(error));
        }
        self.whole = Some(whole + text.len() as u64);
        Ok(())
    }

    fn failed(&self, cause: std::io::Error) -> StoreError {
        StoreError::write(&self.path, cause)
    }

    fn unfit(&self, problem: &dyn std::fmt::Display) -> StoreError {
        StoreError::Content { path: self.path.clone(), problem: problem.to_string() }
    }
}
