//! Histories on disk, written event by event.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use rashomon_checker::Event;
use rashomon_checker::formats::json;

use crate::StoreError;

/// Appends events to a history file. Each is handed to the operating system before the next step of
/// the run, so that nothing recorded is lost when the harness is killed.
#[derive(Debug)]
pub struct HistoryWriter {
    path: PathBuf,
    file: File,
    line: String,
}

impl HistoryWriter {
    /// A new file with a header.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        let mut file = File::create(path).map_err(|e| StoreError::write(path, e))?;
        json::write_header(&mut file).map_err(|e| StoreError::write(path, e))?;
        Ok(Self { path: path.to_owned(), file, line: String::new() })
    }

    /// Appends an event.
    ///
    /// # Errors
    /// If it cannot be written; all before it is there.
    pub fn write(&mut self, event: &Event) -> Result<(), StoreError> {
        self.line.clear();
        json::push_event(&mut self.line, event);
        if !self.line.ends_with('\n') {
            self.line.push('\n');
        }
        self.file.write_all(self.line.as_bytes()).map_err(|e| StoreError::write(&self.path, e))
    }

    /// Makes the file survive a crash of the machine.
    ///
    /// # Errors
    /// If the disk does not take it.
    pub fn finish(self) -> Result<(), StoreError> {
        // Some file systems, and pipes, know no sync; what was written is written.
        match self.file.sync_data() {
            Err(e) if e.kind() == std::io::ErrorKind::StorageFull => {
                Err(StoreError::write(&self.path, e))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use rashomon_checker::{EventKind, ProcessId, Value};

    use super::*;

    #[test]
    fn a_full_disk_is_named_and_what_was_recorded_is_kept() {
        // /dev/full takes nothing, as a full disk.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.jsonl");
        std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        let error = HistoryWriter::create(&path).unwrap_err().to_string();
        assert!(error.contains("history.jsonl") && error.contains("No space left"), "{error}");
        assert!(error.contains("--store"), "{error}");
    }

    #[test]
    fn every_event_is_in_the_file_before_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.jsonl");
        let mut writer = HistoryWriter::create(&path).unwrap();
        for (index, kind) in [(0, EventKind::Invoke), (1, EventKind::Ok)] {
            writer.write(&Event::new(index, ProcessId(1), kind, "read", Value::Nil)).unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            let lines = usize::try_from(index).unwrap() + 2;
            assert_eq!(text.lines().count(), lines, "{text}");
        }
    }
}
