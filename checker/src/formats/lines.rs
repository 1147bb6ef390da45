//! Lines of bounded length.

use std::io::{BufRead, Read};

use super::error::{Fault, FormatError, Problem};

/// One line at a time, of a file read from its beginning.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    buffer: Vec<u8>,
    /// The line last read, counted from 1.
    pub(super) number: u64,
    /// Whether the line last read ended with a line break.
    pub(super) ended: bool,
}

impl Lines {
    /// Reads the next line. `false` at the end of the file.
    pub(super) fn advance(
        &mut self,
        input: &mut impl BufRead,
        limit: usize,
    ) -> Result<bool, FormatError> {
        self.buffer.clear();
        self.number += 1;
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let read = input.take(most).read_until(b'\n', &mut self.buffer);
        read.map_err(|error| FormatError::input(self.number, &error))?;
        self.ended = self.buffer.last() == Some(&b'\n');
        if self.ended {
            self.buffer.pop();
        } else if self.buffer.len() > limit {
            let problem = Problem::TooLong { limit };
            return Err(FormatError { line: self.number, column: 1, problem });
        }
        if self.ended && self.buffer.last() == Some(&b'\r') {
            self.buffer.pop();
        }
        Ok(self.ended || !self.buffer.is_empty())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        let bytes = &self.buffer[..];
        let is_first = self.number == 1;
        bytes.strip_prefix(b"\xEF\xBB\xBF").filter(|_| is_first).unwrap_or(bytes)
    }

    /// The line as text.
    pub(super) fn text(&self) -> Result<&str, Fault> {
        let bytes = self.bytes();
        std::str::from_utf8(bytes)
            .map_err(|error| Fault::wrong(error.valid_up_to(), Problem::NotText))
    }

    /// The error, for a fault in this line.
    pub(super) fn error(&self, fault: Fault) -> FormatError {
        fault.within_line(self.number, self.bytes())
    }
}
