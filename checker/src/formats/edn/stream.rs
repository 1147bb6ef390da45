//! The maps of a file in EDN, one by one, however long the file.

use std::io::{BufRead, ErrorKind};
use std::sync::Arc;

use super::map;
use super::parse::Parser;
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
    /// The line of the last map read, and where in the window that line is known to be.
    event_line: u64,
    counted: usize,
    around: Around,
    metadata: Option<Value>,
}

/// The bracket around all maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Around {
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
    Map { draft: Box<Draft>, at: usize },
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
            event_line: 1,
            counted: 0,
            around: Around::Unknown,
            metadata: None,
        }
    }
}

impl Forms {
    /// The line on which the last map begins.
    pub(in crate::formats) fn line_of_event(&self) -> u64 {
        self.event_line
    }

    pub(in crate::formats) fn metadata(&self) -> Option<&Value> {
        self.metadata.as_ref()
    }

    /// The next event's fields; `None` at the end of the file.
    pub(in crate::formats) fn advance(
        &mut self,
        input: &mut impl BufRead,
        limit: usize,
        format: Format,
        scratch: &mut Scratch,
        notes: &mut Notes,
    ) -> Result<Option<Draft>, FormatError> {
        loop {
            scratch.items.clear();
            let mut parser = Parser::part(&self.window, self.start, !self.at_end);
            let mut around = self.around;
            let step = step(&mut parser, &mut around, &mut self.metadata, format, scratch);
            let read = parser.at;
            match step {
                Ok(Step::Map { draft, at }) => {
                    self.count_lines(at);
                    (self.start, self.around) = (read, around);
                    return Ok(Some(*draft));
                }
                Ok(Step::Other) => (self.start, self.around) = (read, around),
                Ok(Step::End) => {
                    self.start = read;
                    if self.at_end {
                        return Ok(self.end(notes));
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

    fn end(&self, notes: &mut Notes) -> Option<Draft> {
        if let Around::Open(_) = self.around {
            let (line, _) = self.place(self.start);
            notes.torn = Some(Torn { line, bytes: 0 });
        }
        None
    }

    /// What comes of a fault. A form that is cut off is torn if it is the last line; if it spans
    /// lines, a bracket that never closes may have swallowed them all.
    fn fault(&self, fault: Fault, notes: &mut Notes) -> Result<Option<Draft>, FormatError> {
        let rest = self.window[self.start..].trim_ascii_start();
        if matches!(fault.cause, Cause::Incomplete { .. }) && !rest.contains(&b'\n') {
            let (line, _) = self.place(self.window.len() - rest.len());
            notes.torn = Some(Torn { line, bytes: rest.len() });
            return Ok(None);
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

    fn count_lines(&mut self, at: usize) {
        self.event_line += lines(&self.window[self.counted..at]);
        self.counted = at;
    }

    /// Reads on, by as much as is left unread at least.
    fn fill(&mut self, input: &mut impl BufRead, limit: usize) -> Result<(), FormatError> {
        const PART: usize = 1 << 16;
        const BOM: &[u8] = b"\xEF\xBB\xBF";
        let is_first = self.window.is_empty() && (self.line, self.column) == (1, 1);
        self.count_lines(self.start.max(self.counted));
        (self.line, self.column) = self.place(self.start);
        // The lines between are counted already if a map has been read beyond.
        self.window.drain(..self.start);
        self.counted -= self.start;
        self.start = 0;
        let left = self.window.len();
        if left > limit {
            return Err(self.error(0, Problem::TooLong { limit }));
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

/// Reads whatever is next in the file.
fn step(
    parser: &mut Parser<'_>,
    around: &mut Around,
    metadata: &mut Option<Value>,
    format: Format,
    scratch: &mut Scratch,
) -> Result<Step, Fault> {
    const EXPECTED: &str = "an operation, as `{:process 0, :type :invoke, ...}`";
    let Some(byte) = parser.peek(0)? else { return Ok(Step::End) };
    let at = parser.at;
    match (byte, *around) {
        (_, Around::Closed) => {
            Err(parser.unexpected(at, "nothing after the bracket that closes the history"))
        }
        (b'[' | b'(', Around::Unknown) => {
            *around = Around::Open(if byte == b'[' { b']' } else { b')' });
            parser.at += 1;
            Ok(Step::Other)
        }
        (byte, Around::Open(close)) if byte == close => {
            *around = Around::Closed;
            parser.at += 1;
            Ok(Step::Other)
        }
        (b'{' | b'#', Around::Unknown | Around::Nothing | Around::Open(_)) => {
            if *around == Around::Unknown {
                *around = Around::Nothing;
            }
            if byte == b'#' {
                parser.tag()?;
                match parser.peek(0)? {
                    Some(b'{') => {}
                    Some(_) => return Err(parser.unexpected(parser.at, EXPECTED)),
                    None => return Err(Fault::incomplete(at, EXPECTED)),
                }
            }
            if format == Format::Elle && metadata.is_none() {
                *metadata = Some(parser.value(scratch, 0)?);
                return Ok(Step::Other);
            }
            let mut draft = map::draft(parser, scratch)?;
            if format == Format::Elle && draft.f.is_none() {
                draft.f = Some(Arc::from("txn"));
            }
            Ok(Step::Map { draft: Box::new(draft), at })
        }
        _ => Err(parser.unexpected(at, EXPECTED)),
    }
}

/// How many lines end in these bytes.
fn lines(bytes: &[u8]) -> u64 {
    bytes.iter().map(|&byte| u64::from(byte == b'\n')).sum()
}
