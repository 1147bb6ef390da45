//! What machines read: objects whose fields are only ever added to. `docs/json.md` has them all.

use rashomon_results::RunRecord;
use rashomon_results::strict::{Header, Stamped};
use serde::Serialize;

use super::verdict::first;
use crate::exit::Exit;
use rashomon_checker::visible;

/// Why there is no result.
#[derive(Debug, Serialize)]
pub(crate) struct ErrorReport<'a> {
    exit: u8,
    message: &'a str,
}

impl<'a> ErrorReport<'a> {
    const HEADER: Header = Header { format: "rashomon-error", version: 1 };

    /// The object in place of a result.
    pub(crate) fn new(exit: Exit, message: &'a str) -> Stamped<Self> {
        Self::HEADER.on(Self { exit: exit.number(), message })
    }
}

/// A line for one of many runs.
pub(crate) fn summary_line(record: &RunRecord) -> String {
    let word = match record.verdict {
        rashomon_results::RunVerdict::Valid => "valid    ",
        rashomon_results::RunVerdict::Violation => "VIOLATION",
        rashomon_results::RunVerdict::Unknown => "unknown  ",
    };
    let (seed, operations) = (record.seed, record.evidence.operations);
    format!("{word}  seed {seed:<12} {operations:>6} ops  {}", visible(&why(record)))
        .trim_end()
        .to_owned()
}

/// What was found first, or else the first doubt, in a sentence; nothing if there is neither.
pub(crate) fn why(record: &RunRecord) -> String {
    let found = first(record).map(|(_, anomaly)| anomaly.summary.clone());
    let breach = || record.required_breach().map(ToString::to_string);
    let doubt = || record.all_doubts().next().map(ToString::to_string);
    found.or_else(breach).or_else(doubt).unwrap_or_default()
}
