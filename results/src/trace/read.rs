//! Traces read back, line by line.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::{HEADER, Occurrence, TraceLine};
use crate::{StoreError, strict};

/// How a trace ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceEnding {
    /// It holds everything.
    Whole,
    /// It reached its limit: lines at its end are left out.
    Cut {
        /// How many.
        not_written: u64,
    },
    /// It has no last line: the run is under way or was killed, or the disk took no more. The last of it
    /// may be missing.
    BrokenOff,
}

/// The lines of a trace, in the order of the file; the last line, which says how it ends, is not
/// among them.
#[derive(Debug)]
pub struct TraceReader {
    path: PathBuf,
    input: BufReader<File>,
    line: Vec<u8>,
    number: u64,
    ending: TraceEnding,
}

impl TraceReader {
    /// Opens a trace.
    ///
    /// # Errors
    /// If it cannot be read, or is of another format or version.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let file = File::open(path).map_err(|e| StoreError::read(path, e))?;
        let mut reader = Self {
            path: path.to_owned(),
            input: BufReader::new(file),
            line: Vec::new(),
            number: 0,
            ending: TraceEnding::BrokenOff,
        };
        // The writer hands the first line over at once: without it, it is no trace.
        reader.read_line()?;
        strict::header(reader.text()?, HEADER).map_err(|problem| reader.wrong(&problem))?;
        Ok(reader)
    }

    /// How it ends; known once it has been read to its end.
    pub fn ending(&self) -> TraceEnding {
        self.ending
    }

    /// Reads a line; `false` at the end of the file, and at a line that was never finished. That may
    /// end within a character: only whole lines are text.
    fn read_line(&mut self) -> Result<bool, StoreError> {
        self.line.clear();
        self.number += 1;
        let read = self.input.read_until(b'\n', &mut self.line);
        read.map_err(|e| StoreError::read(&self.path, e))?;
        Ok(self.line.ends_with(b"\n"))
    }

    /// The line that was read last.
    fn text(&self) -> Result<&str, StoreError> {
        str::from_utf8(&self.line).map_err(|error| self.wrong(&error.to_string()))
    }

    fn wrong(&self, problem: &str) -> StoreError {
        let problem = format!("line {}: {problem}", self.number);
        StoreError::Content { path: self.path.clone(), problem }
    }

    fn advance(&mut self) -> Result<Option<TraceLine>, StoreError> {
        if self.ending != TraceEnding::BrokenOff || !self.read_line()? {
            return Ok(None);
        }
        let line: TraceLine =
            strict::line(self.text()?.trim_end()).map_err(|problem| self.wrong(&problem))?;
        if let Occurrence::End { not_written } = line.occurrence {
            self.ending = match not_written {
                0 => TraceEnding::Whole,
                _ => TraceEnding::Cut { not_written },
            };
            if self.read_line()? || !self.line.is_empty() {
                return Err(self.wrong("nothing comes after the line `end`"));
            }
            return Ok(None);
        }
        Ok(Some(line))
    }
}

impl Iterator for TraceReader {
    type Item = Result<TraceLine, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.advance().transpose()
    }
}
