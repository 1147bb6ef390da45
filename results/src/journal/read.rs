//! Reads a journal, a line at a time: memory does not grow with it.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::Path;

use super::{JobRecord, JournalHead, opened};
use crate::{StoreError, strict};

/// A journal that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRead {
    /// Its first line.
    pub head: JournalHead,
    /// How many bytes of it are whole lines.
    pub whole: u64,
    /// How many bytes after these are not, as the program was killed.
    pub torn: u64,
}

/// Reads a journal, and hands on each job as it comes; `None` if there is no journal, or one whose first line
/// is not whole, in which nothing can be. O(n) time, for n bytes, and the memory of one line.
///
/// # Errors
/// If it cannot be read, is no journal of this version, or is damaged before its last line; and what `take` says
/// of a job.
pub fn read_journal(
    path: &Path,
    take: &mut dyn FnMut(&JournalHead, JobRecord) -> Result<(), String>,
) -> Result<Option<JournalRead>, StoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(StoreError::read(path, e)),
    };
    let mut lines = Lines { reader: BufReader::with_capacity(1 << 18, file), line: Vec::new() };
    let read = |e| StoreError::read(path, e);
    let wrong = |number: u64, problem: String| StoreError::Content {
        path: path.to_owned(),
        problem: format!("line {number}: {problem}"),
    };
    let Some(first) = lines.next().map_err(read)?.filter(|first| first.is_whole) else {
        return Ok(None);
    };
    let head: JournalHead = std::str::from_utf8(first.text)
        .map_err(|error| error.to_string())
        .and_then(|text| strict::json(text, JournalHead::HEADER))
        .map_err(|problem| wrong(1, problem))?;
    let mut whole = first.text.len() as u64 + 1;
    let mut broken: Option<(u64, u64)> = None;
    let mut number = 1;
    while let Some(line) = lines.next().map_err(read)? {
        number += 1;
        // Nothing is ever written after a line that is not whole.
        if let Some((at, _)) = broken {
            let fix = "the file was damaged; remove this line, and its job is done again";
            return Err(wrong(at, format!("its checksum is wrong; {fix}")));
        }
        let length = line.text.len() as u64 + u64::from(line.is_whole);
        let record = std::str::from_utf8(line.text).ok().and_then(opened);
        match record.filter(|_| line.is_whole) {
            Some(body) => {
                let job = job(body).map_err(|problem| wrong(number, problem))?;
                take(&head, job).map_err(|problem| wrong(number, problem))?;
                whole += length;
            }
            None => broken = Some((number, length)),
        }
    }
    Ok(Some(JournalRead { head, whole, torn: broken.map_or(0, |(_, length)| length) }))
}

/// Reads a job from a line without its checksum.
fn job(body: &str) -> Result<JobRecord, String> {
    // The checksum is no field of the record: the brace that closes it stands behind the checksum.
    let mut text = String::with_capacity(body.len() + 1);
    text.push_str(body);
    text.push('}');
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

/// Lines of a file.
struct Lines {
    reader: BufReader<File>,
    line: Vec<u8>,
}

/// A line without its end.
struct JournalLine<'a> {
    text: &'a [u8],
    /// Whether it has its end.
    is_whole: bool,
}

impl Lines {
    fn next(&mut self) -> std::io::Result<Option<JournalLine<'_>>> {
        self.line.clear();
        if self.reader.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        let is_whole = self.line.ends_with(b"\n");
        let text = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        Ok(Some(JournalLine { text, is_whole }))
    }
}
