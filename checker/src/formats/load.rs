//! From a file to a history.

use std::io::BufRead;

use super::{Format, LoadError, Notes, ReadOptions, Reader};
use crate::{History, HistoryBuilder, Value};

/// A history, and what its file said beside it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The history.
    pub history: History,
    /// How it was written.
    pub format: Format,
    /// What was passed over.
    pub notes: Notes,
    /// The map about the test with which a file of Elle's begins.
    pub metadata: Option<Value>,
}

/// Reads a history to its end.
///
/// Time in proportion to the length of the file; memory for the history, and for the longest line
/// or form.
///
/// # Errors
///
/// If the file cannot be read, or its events are not a history. Nothing is kept of it then.
pub fn load(input: impl BufRead, options: &ReadOptions) -> Result<Loaded, LoadError> {
    let mut reader = Reader::new(input, options)?;
    let mut builder = HistoryBuilder::new();
    while let Some(event) = reader.next() {
        let pushed = builder.push(&event?);
        pushed.map_err(|error| LoadError::History { line: reader.line(), error })?;
    }
    let (notes, metadata) = (reader.notes(), reader.metadata().cloned());
    Ok(Loaded { history: builder.finish(), format: reader.format(), notes, metadata })
}
