//! Traces on disk, written as they happen.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use rashomon_checker::visible_json;

use super::{HEADER, Occurrence, TraceLine};
use crate::StoreError;

/// Bytes that are collected before they are written.
const CHUNK: usize = 64 << 10;
/// A line waits at most until the first line this much later, in nanoseconds of the run.
const WAITS: u64 = 100_000_000;

/// Appends lines to a trace, up to a limit.
///
/// Lines are handed to the operating system in chunks, and at the latest with the first line that is
/// 100 ms later: a run that is killed leaves a trace that loads and lacks the last of it. Two runs
/// with the same lines leave the same bytes.
#[derive(Debug)]
pub struct TraceWriter {
    path: PathBuf,
    file: File,
    waiting: String,
    /// The time of the first line that waits.
    since: u64,
    /// Bytes that may still be written.
    room: usize,
    not_written: u64,
    /// What went wrong first. Nothing is written from then on.
    failed: Option<StoreError>,
}

impl TraceWriter {
    /// How many bytes a trace has at most, its last line apart: 64 MiB.
    pub const LIMIT: usize = 64 << 20;

    /// A new file that holds at most `limit` bytes and the last line.
    ///
    /// # Errors
    /// If it cannot be written.
    ///
    /// # Panics
    /// Never: the header is two plain fields.
    pub fn create(path: &Path, limit: usize) -> Result<Self, StoreError> {
        let file = File::create(path).map_err(|e| StoreError::write(path, e))?;
        let mut header = serde_json::to_string(&HEADER).expect("two plain fields");
        header.push('\n');
        let mut writer = Self {
            path: path.to_owned(),
            file,
            room: limit.saturating_sub(header.len()),
            waiting: header,
            since: 0,
            not_written: 0,
            failed: None,
        };
        writer.flush();
        writer.failed.take().map_or(Ok(writer), Err)
    }

    /// Appends a line. Once one is left out because there is no room, so are all after it. An error of
    /// the disk is returned by [`finish`](Self::finish).
    pub fn write(&mut self, line: &TraceLine) {
        if self.not_written > 0 || self.failed.is_some() {
            self.not_written += 1;
            return;
        }
        let start = self.waiting.len();
        if start == 0 {
            self.since = line.time;
        }
        self.push(line);
        if let Some(left) = self.room.checked_sub(self.waiting.len() - start) {
            self.room = left;
        } else {
            self.waiting.truncate(start);
            self.not_written = 1;
        }
        if self.waiting.len() >= CHUNK || line.time >= self.since.saturating_add(WAITS) {
            self.flush();
        }
    }

    /// Writes the last line: how many were left out.
    ///
    /// # Errors
    /// If the disk took not all.
    pub fn finish(mut self, time: u64) -> Result<(), StoreError> {
        self.push(&TraceLine {
            time,
            occurrence: Occurrence::End { not_written: self.not_written },
        });
        self.flush();
        self.failed.take().map_or(Ok(()), Err)
    }

    fn push(&mut self, line: &TraceLine) {
        let text = serde_json::to_string(line).expect("keys of lines are texts");
        self.waiting.push_str(&visible_json(&text));
        self.waiting.push('\n');
    }

    fn flush(&mut self) {
        if self.failed.is_none()
            && let Err(cause) = self.file.write_all(self.waiting.as_bytes())
        {
            self.failed = Some(StoreError::write(&self.path, cause));
        }
        self.waiting.clear();
    }
}

impl Drop for TraceWriter {
    /// What waits is worth keeping also where the run failed.
    fn drop(&mut self) {
        self.flush();
    }
}
