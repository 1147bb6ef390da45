//! A history judged, for machines.

use std::path::PathBuf;

use rashomon_checker::Doubt;
use rashomon_checker::invariants::{Figure, Latencies};
use rashomon_results::strict::Header;
use rashomon_results::{CheckRecord, DoubtRecord};
use serde::Serialize;

use crate::cli::ladder::LadderReport;

/// What a report of a check says first.
pub(super) const HEADER: Header = Header { format: "rashomon-check", version: 1 };

/// A history judged.
#[derive(Serialize)]
pub(super) struct CheckReport<'a> {
    pub(super) verdict: &'static str,
    pub(super) exit: u8,
    pub(super) files: &'a [PathBuf],
    pub(super) history_format: &'static str,
    pub(super) operations: u64,
    pub(super) keys: u64,
    pub(super) groups: u64,
    pub(super) checks: Vec<Answer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ladder: Option<LadderReport>,
    pub(super) doubts: Vec<DoubtRecord>,
    pub(super) order: &'static str,
    pub(super) independent: &'static str,
    pub(super) passed_over: PassedOver,
    pub(super) notes: Vec<String>,
    #[serde(rename = "try")]
    pub(super) advice: Option<String>,
    pub(super) budget_bytes: u64,
    pub(super) peak_bytes: Option<u64>,
}

/// An answer, as of a run, and how it was found.
#[derive(Serialize)]
pub(super) struct Answer<'a> {
    #[serde(flatten)]
    pub(super) check: CheckRecord,
    pub(super) found: u64,
    pub(super) methods: Vec<&'a str>,
    pub(super) undecided: Vec<&'a Doubt>,
    pub(super) guessed_from: Option<Vec<&'a str>>,
    pub(super) figures: &'a [Figure],
    pub(super) latencies: &'a [Latencies],
}

/// What is in the files and was not judged.
#[derive(Serialize)]
pub(super) struct PassedOver {
    pub(super) nemesis_events: u64,
    pub(super) other_lines: u64,
    pub(super) torn_bytes: Option<u64>,
}

/// A history that was not judged at all within the time budget.
#[derive(Serialize)]
pub(super) struct TimeUp<'a> {
    pub(super) verdict: &'static str,
    pub(super) exit: u8,
    pub(super) files: &'a [PathBuf],
    pub(super) checks: [Answer<'a>; 0],
    pub(super) doubts: [DoubtRecord; 1],
}
