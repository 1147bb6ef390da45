//! The maps of a file in EDN, one by one, however long the file.

use std::cell::Cell;
use std::io::{BufRead, ErrorKind};
use std::sync::Arc;

use super::map;
use super::parse::EdnParser;
use crate::Value;
use crate::formats::draft::{Draft, Scratch};
use crate::formats::error::{Cause, Fault, FormatError, Problem, characters};
use crate::formats::{Format, Notes, Torn};

/// A window on a file, and where in the file it is.
///
/// A form cut off by the end of the window is read again from its beginning when the window has at
/// least doubled, so a form of n bytes costs O(n) all the same, and the window is at most twice
/// the longest form.
#[derive(Debug)]
pub(in crate::formats) struct Forms {
    window: Vec<u8>,
    /// What is before this has been read.
    start: usize,
    at_end: bool,
    /// The line and column of `window[0]`.
    line: u64,
    column: u64,
    /// Where in the window the last map read begins.
    event: usize,
    /// A byte of the window that was counted to, and its line: counting goes on there.
    counted: Cell<(usize, u64)>,
    around: FormAround,
    metadata: Option<Value>,
}

/// The bracket around all maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FormAround {
    /// Nothing has been read.
    Unknown,
    /// There is none.
    Nothing,
    /// It closes with this.
    Open(u8),
    /// It has closed.
    Closed,
}

enum Step {
    Map { at: usize },
    Other,
    End,
}

impl Default for Forms {
    fn default() -> Self {
        Self {
            window: Vec::new(),
            start: 0,
            at_end: false,
            line: 1,
            column: 1,
            event: 0,
            counted: Cell::new((0, 1)),
            around: FormAround::Unknown,
            metadata: None,
        }
    }
}

impl Forms {
    /// The line on which the last map read begins.
    pub(in crate::formats) fn line_of_event(&self) -> u64 {
        let (from, line) = self.counted.get();
        let (from, line) = if from <= self.event { (from, line) } else { (0, self.line) };
        let line = line + lines(&self.window[from..self.event.min(self.window.len())]);
        self.counted.set((self.event, line));
        line
    }

    pub(in crate::formats) fn metadata(&self) -> Option<&Value> {
        self.metadata.as_ref()
    }

    /// Sets the fields of the next event; `false` at the end of the file.
    pub(in crate::formats) fn advance(
        &mut self,
        input: &mut impl BufRead,
        limit: usize,
        format: Format,
        draft: &mut Draft,
        scratch: &mut Scratch,
        notes: &mut Notes,
    ) -> Result<bool, FormatError> {
        loop {
            scratch.items.clear();
            *draft = Draft::default();
            let mut parser = EdnParser::part(&self.window, self.start, !self.at_end);
            let mut around = self.around;
            let step = match format {
                Format::Elle if self.metadata.is_none() => {
                    metadata(&mut parser, &mut self.metadata, scratch)
                }
                _ => step(&mut parser, &mut around, draft, scratch),
            };
            let read = parser.at;
            match step {
                Ok(Step::Map { at }) => {
                    (self.event, self.start, self.around) = (at, read, around);
                    if format == Format::Elle && draft.f.is_none() {
                        draft.f = Some(Arc::from("txn"));
                    }
                    return Ok(true);
                }
                Ok(Step::Other) => (self.start, self.around) = (read, around),
                Ok(Step::End) => {
                    self.start = read;
                    if self.at_end {
                        self.end(notes);
                        return Ok(false);
                    }
                    self.fill(input, limit)?;
                }
                Err(Fault { cause: Cause::Incomplete { .. }, .. }) if !self.at_end => {
                    self.fill(input, limit)?;
                }
                Err(fault) => return self.fault(fault, notes),
            }
        }
    }

    fn end(&self, notes: &mut Notes) {
        if let FormAround::Open(_) = self.around {
            let (line, _) = self.place(self.start);
            notes.torn = Some(Torn { line, bytes: 0 });
        }
    }

    /// What comes of a fault. A form that is cut off is torn if it is the last line; if it spans
    /// lines, a bracket that never closes may have swallowed them all.
    fn fault(&self, fault: Fault, notes: &mut Notes) -> Result<bool, FormatError> {
        let rest = self.window[self.start..].trim_ascii_start();
        if matches!(fault.cause, Cause::Incomplete { .. }) && !rest.contains(&b'\n') {
            let (line, _) = self.place(self.window.len() - rest.len());
            notes.torn = Some(Torn { line, bytes: rest.len() });
            return Ok(false);
        }
        Err(self.error(fault.at, fault.problem("the end of the file")))
    }

    fn error(&self, at: usize, problem: Problem) -> FormatError {
        let (line, column) = self.place(at);
        FormatError { line, column, problem }
    }

    /// The line and column of a byte of the window.
    fn place(&self, at: usize) -> (u64, u64) {
        let before = &self.window[..at.min(self.window.len())];
        match before.iter().rposition(|&byte| byte == b'\n') {
            None => (self.line, self.column + characters(before)),
            Some(last) => (self.line + lines(before), 1 + characters(&before[last + 1..])),
        }
    }

    /// Reads on, by as much as is left unread at least.
    fn fill(&mut self, input: &mut impl BufRead, limit: usize) -> Result<(), FormatError> {
        const PART: usize = 1 << 16;
        const BOM: &[u8] = b"\xEF\xBB\xBF";
        let is_first = self.window.is_empty() && (self.line, self.column) == (1, 1);
        (self.line, self.column) = self.place(self.start);
        self.window.drain(..self.start);
        (self.start, self.event) = (0, 0);
        self.counted.set((0, self.line));
        let left = self.window.len();
        if left > limit {
            let form = left - self.window.trim_ascii_start().len();
            return Err(self.error(form, Problem::TooLong { limit }));
        }
        while self.window.len() < left + left.max(BOM.len()) {
            let part = match input.fill_buf() {
                Ok(part) => part,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(FormatError::input(self.line, &error)),
            };
            if part.is_empty() {
                self.at_end = true;
                break;
            }
            let length = part.len().min(PART);
            self.window.extend_from_slice(&part[..length]);
            input.consume(length);
        }
        if is_first && self.window.starts_with(BOM) {
            self.window.drain(..BOM.len());
        }
        Ok(())
    }
}

/// What stands for an operation in the errors.
const OPERATION: &str = "an operation, as `{:process 0, :type :invoke, ...}`";

/// Reads whatever is next in the file.
fn step(
    parser: &mut EdnParser<'_>,
    around: &mut FormAround,
    draft: &mut Draft,
    scratch: &mut Scratch,
) -> Result<Step, Fault> {
    let Some(byte) = parser.peek(0)? else { return Ok(Step::End) };
    let at = parser.at;
    match (byte, *around) {
        (_, FormAround::Closed) => {
            return Err(parser.unexpected(at, "nothing after the bracket that closes the history"));
        }
        (b'[' | b'(', FormAround::Unknown) => {
            *around = FormAround::Open(if byte == b'[' { b']' } else { b')' });
            parser.at += 1;
            return Ok(Step::Other);
        }
        (byte, FormAround::Open(close)) if byte == close => {
            *around = FormAround::Closed;
            parser.at += 1;
            return Ok(Step::Other);
        }
        (_, FormAround::Unknown) => *around = FormAround::Nothing,
        (_, FormAround::Nothing | FormAround::Open(_)) => {}
    }
    if byte == b'#' {
        parser.tag()?;
        if parser.peek(0)?.is_none() {
            return Err(Fault::incomplete(at, OPERATION));
        }
    }
    if parser.peek(0)? != Some(b'{') {
        return Err(parser.unexpected(parser.at, OPERATION));
    }
    map::read(parser, draft, scratch)?;
    Ok(Step::Map { at })
}

/// Reads the map about the test with which a file of Elle's begins.
fn metadata(
    parser: &mut EdnParser<'_>,
    metadata: &mut Option<Value>,
    scratch: &mut Scratch,
) -> Result<Step, Fault> {
    match parser.peek(0)? {
        Some(b'{') => *metadata = Some(parser.value(scratch, 0)?),
        Some(_) => return Err(parser.unexpected(parser.at, "a map about the test")),
        None => return Ok(Step::End),
    }
    Ok(Step::Other)
}

/// How many lines end in these bytes.
fn lines(bytes: &[u8]) -> u64 {
    bytes.iter().map(|&byte| u64::from(byte == b'\n')).sum()
}
