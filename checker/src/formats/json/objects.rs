//! The objects of an array in JSON, one by one, however long the array.

use std::io::{BufRead, ErrorKind};

use crate::formats::Torn;
use crate::formats::error::{Fault, FormatError, Problem, characters};

/// A window on an array: the object last read, and where it is.
///
/// Time O(n); memory for the longest object. Commas between objects are not asked for.
#[derive(Clone, Debug)]
pub(in crate::formats) struct Objects {
    object: Vec<u8>,
    /// The line and column at which the object begins, counted from 1.
    start: (u64, u64),
    /// The line and column of the next byte.
    next: (u64, u64),
    around: ObjectAround,
}

/// The brackets around all objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ObjectAround {
    Before,
    Inside,
    After,
}

/// What came of looking for the next object.
pub(in crate::formats) enum NextObject {
    Object,
    End,
    /// The file ends within the array.
    Torn(Torn),
}

/// Where in an object a byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    Plain,
    Text,
    Escape,
}

impl Default for Objects {
    fn default() -> Self {
        Self { object: Vec::new(), start: (1, 1), next: (1, 1), around: ObjectAround::Before }
    }
}

impl Objects {
    /// The line on which the object begins.
    pub(in crate::formats) fn line(&self) -> u64 {
        self.start.0
    }

    /// The object as text.
    pub(in crate::formats) fn text(&self) -> Result<&str, Fault> {
        std::str::from_utf8(&self.object)
            .map_err(|error| Fault::wrong(error.valid_up_to(), Problem::NotText))
    }

    /// The error, for a fault in the object.
    pub(in crate::formats) fn error(&self, fault: Fault) -> FormatError {
        let before = &self.object[..fault.at.min(self.object.len())];
        let (line, column) = match before.iter().rposition(|&byte| byte == b'\n') {
            None => (self.start.0, self.start.1 + characters(before)),
            Some(last) => {
                let lines: u64 = before.iter().map(|&byte| u64::from(byte == b'\n')).sum();
                (self.start.0 + lines, 1 + characters(&before[last + 1..]))
            }
        };
        FormatError { line, column, problem: fault.problem("the end of the object") }
    }

    /// Reads the next object.
    pub(in crate::formats) fn advance(
        &mut self,
        input: &mut impl BufRead,
        limit: usize,
    ) -> Result<NextObject, FormatError> {
        self.object.clear();
        let (mut depth, mut within) = (0u64, Within::Plain);
        loop {
            let part = match input.fill_buf() {
                Ok(part) => part,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(FormatError::input(self.next.0, &error)),
            };
            if part.is_empty() {
                return Ok(self.end());
            }
            let mut read = 0;
            let mut is_whole = false;
            for &byte in part {
                if depth == 0 && !self.between(byte)? {
                    self.step(byte);
                    read += 1;
                    continue;
                }
                self.object.push(byte);
                self.step(byte);
                read += 1;
                (depth, within) = inside(byte, depth, within);
                if depth == 0 {
                    is_whole = true;
                    break;
                }
            }
            input.consume(read);
            if is_whole {
                return Ok(NextObject::Object);
            }
            if self.object.len() > limit {
                let (line, column) = self.start;
                return Err(FormatError { line, column, problem: Problem::TooLong { limit } });
            }
        }
    }

    fn step(&mut self, byte: u8) {
        match byte {
            b'\n' => self.next = (self.next.0 + 1, 1),
            _ => self.next.1 += u64::from(byte & 0xC0 != 0x80),
        }
    }

    /// Takes a byte between objects; whether it begins one.
    fn between(&mut self, byte: u8) -> Result<bool, FormatError> {
        let is_first =
            self.next == (1, 1) || self.next.0 == 1 && self.around == ObjectAround::Before;
        match (byte, self.around) {
            (b' ' | b'\t' | b'\r' | b'\n', _) | (b',', ObjectAround::Inside) => Ok(false),
            // A mark of the order of bytes.
            (0xEF | 0xBB | 0xBF, ObjectAround::Before) if is_first => Ok(false),
            (b'[', ObjectAround::Before) => {
                self.around = ObjectAround::Inside;
                Ok(false)
            }
            (b']', ObjectAround::Inside) => {
                self.around = ObjectAround::After;
                Ok(false)
            }
            (b'{', ObjectAround::Inside) => {
                self.start = self.next;
                Ok(true)
            }
            (_, around) => {
                let expected = match around {
                    ObjectAround::Before => "`[` before all events",
                    ObjectAround::Inside => "an event, as `{\"process\":0, ...}`, or `]`",
                    ObjectAround::After => "nothing after the `]` that closes the history",
                };
                let problem = Fault::unexpected(&[byte], 0, expected).problem("");
                Err(FormatError { line: self.next.0, column: self.next.1, problem })
            }
        }
    }

    /// What the end of the file is.
    fn end(&self) -> NextObject {
        if self.around == ObjectAround::After {
            return NextObject::End;
        }
        let line = if self.object.is_empty() { self.next.0 } else { self.start.0 };
        NextObject::Torn(Torn { line, bytes: self.object.len() })
    }
}

/// How deep the next byte is, and what it is part of.
fn inside(byte: u8, depth: u64, within: Within) -> (u64, Within) {
    match (within, byte) {
        (Within::Plain, b'{' | b'[') => (depth + 1, Within::Plain),
        (Within::Plain, b'}' | b']') => (depth - 1, Within::Plain),
        (Within::Plain, b'"') | (Within::Escape, _) => (depth, Within::Text),
        (Within::Text, b'"') => (depth, Within::Plain),
        (Within::Text, b'\\') => (depth, Within::Escape),
        (within, _) => (depth, within),
    }
}
