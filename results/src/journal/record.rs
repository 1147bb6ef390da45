//! A job that is done, and what was found.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::strict::Header;
use crate::{BuildRecord, FiguresRecord};

/// The first line of a journal: whose results the others are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalHead {
    /// `rashomon-journal`.
    pub format: String,
    /// The version of the format.
    pub version: u64,
    /// The build that runs it.
    pub build: BuildRecord,
    /// The name of the campaign.
    pub name: String,
    /// The profile of the file that was asked for, if one was.
    pub profile: Option<String>,
    /// A hash of what the file asks for, as 16 hexadecimal digits.
    pub campaign: String,
    /// Which share of the jobs this is; nothing if it is all of them.
    pub share: Option<ShareRecord>,
}

/// One of several shares of a campaign's jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ShareRecord {
    /// Which, counted from 0.
    pub index: u32,
    /// Of how many.
    pub of: u32,
}

/// A finished job: runs of one cell that differ in their seeds only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobRecord {
    /// The number of the cell in the campaign, from 0.
    pub cell: u32,
    /// The seed of the first run.
    pub first: u64,
    /// How many runs, with consecutive seeds.
    pub count: u64,
    /// Whether the campaign does not ask for this run: its seed has failed before, and was tried again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub old: bool,
    /// What follows from the build, the settings and the seeds.
    pub facts: JobFactsRecord,
    /// How it was done.
    pub how: JobHowRecord,
}

/// What a job found: in simulation, a function of the build, the settings and the seeds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobFactsRecord {
    /// Runs in which nothing was found.
    pub valid: u64,
    /// Runs that broke what was required.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub violation: u64,
    /// Runs that are undecided.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unknown: u64,
    /// Operations in all of them.
    pub operations: u64,
    /// How often planted bugs had an effect.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub bug_hits: u64,
    /// The shortest failing run of each signature, at most 32 of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<FailureRecord>,
    /// How many more signatures there were.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures_more: u64,
    /// The undecided run with the lowest seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubtful: Option<DoubtfulRunRecord>,
    /// How many operations were asked: by operation, kind of fault and role of the node, as in
    /// `write kill primary`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub covered: BTreeMap<String, u64>,
    /// How available the runs were.
    #[serde(default, skip_serializing_if = "FiguresRecord::is_empty")]
    pub figures: FiguresRecord,
    /// A hash of the seed, the verdict and the history of every run.
    pub digest: String,
}

/// Failing runs that have one signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailureRecord {
    /// What tells it from others: the check, the class of the anomaly, the operation.
    pub signature: String,
    /// How many runs of the job.
    pub runs: u64,
    /// The seed of the one with the fewest operations.
    pub seed: u64,
    /// How many operations that one has.
    pub operations: u64,
    /// What was found there, in a sentence.
    pub why: String,
    /// The id of its folder, if it is kept as no seed repeats it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

/// An undecided run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoubtfulRunRecord {
    /// Its seed.
    pub seed: u64,
    /// Why it is undecided, in a sentence.
    pub why: String,
}

/// How a job was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobHowRecord {
    /// Time of a processor that it took, in microseconds; of real processes only that of the harness.
    pub cpu_us: u64,
    /// Time that passed, in microseconds.
    pub wall_us: u64,
}

impl JournalHead {
    /// What a journal says first. Those of version 1 had no figures.
    pub const HEADER: Header = Header { format: "rashomon-journal", version: 2 };

    /// The first line of a journal of all jobs of a campaign, which this build runs.
    pub fn new(build: BuildRecord, name: String, campaign: String) -> Self {
        let Header { format, version } = Self::HEADER;
        let format = format.to_owned();
        Self { format, version, build, name, profile: None, campaign, share: None }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
