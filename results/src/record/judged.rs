//! What was claimed, asked and concluded.

use rashomon_checker::Anomaly;
use rashomon_checker::convergence::Named;
use rashomon_checker::invariants::Latencies;
use rashomon_checker::k_atomic::StaleByAge;
use serde::{Deserialize, Serialize};

/// The verdict on a whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunVerdict {
    /// Nothing was found against what was required, in this run.
    Valid,
    /// What was required was violated.
    Violation,
    /// The run cannot tell.
    Unknown,
}

impl RunVerdict {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Violation => "violation",
            Self::Unknown => "unknown",
        }
    }
}

/// What a target says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRecord {
    /// All of it, in words.
    pub text: String,
    /// What is promised of registers.
    pub registers: String,
    /// What is promised of sets; empty in records of builds that did not say.
    #[serde(default)]
    pub sets: String,
    /// What is promised of counters; empty in records of builds that did not say.
    #[serde(default)]
    pub counters: String,
    /// What becomes of concurrent writes of a register; empty in records of builds that did not say.
    #[serde(default)]
    pub concurrent_writes: String,
    /// Whether each session keeps the four session guarantees; false in records of builds that did not say.
    #[serde(default)]
    pub sessions: bool,
    /// Whether no acknowledged write is ever lost.
    pub durable: bool,
    /// Whether replicas come to agree once faults end.
    pub converges: bool,
    /// The kinds of fault under which this holds.
    pub under: Vec<String>,
    /// Those of them under which registers only converge.
    #[serde(default)]
    pub registers_only_converge_under: Vec<String>,
    /// What never happens inside, under these faults.
    #[serde(default)]
    pub safety: Vec<String>,
    /// Why, or why no more, in a sentence.
    pub because: String,
}

/// What was required of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequiredRecord {
    /// Whether the claim or a flag required it.
    pub by: RequiredBy,
    /// The names of the checks.
    pub checks: Vec<String>,
    /// The kinds of fault of the plan that the claim does not cover: under them, nothing is promised.
    pub uncovered: Vec<String>,
}

/// Who required something of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequiredBy {
    /// The target, by its claim.
    Claim,
    /// The user, by `--require`.
    Flag,
}

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRecord {
    /// What was asked.
    pub check: String,
    /// The answer.
    pub verdict: CheckVerdict,
    /// Whether the verdict rests on it.
    pub required: bool,
    /// Whether the target promises it.
    pub promised: bool,
    /// What only the target can explain.
    pub anomalies: Vec<Anomaly>,
    /// What final reads showed that prove nothing in this run.
    pub suspected: Vec<Anomaly>,
    /// Why the check could not decide.
    pub doubts: Vec<DoubtRecord>,
}

/// The answer of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckVerdict {
    /// Nothing was found against it.
    Valid,
    /// It does not hold.
    Invalid,
    /// It could not be decided.
    Unknown,
    /// There is no checker for it.
    NotJudged,
}

/// What became of what was acknowledged, by the reads of every replica at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRecord {
    /// Acknowledged writes or elements.
    pub acknowledged: u64,
    /// Acknowledged, and gone.
    pub lost: Vec<Named>,
    /// There at some replicas but not at others.
    pub diverged: Vec<Named>,
    /// There, though nobody knew.
    pub recovered: Vec<Named>,
    /// Perhaps there, and never seen.
    pub never_read: Vec<Named>,
    /// Seen, then missed for a while.
    pub stale: Vec<Named>,
    /// Seen, missed, and seen again at one replica.
    pub resurrected: Vec<Named>,
    /// Of sets: how long after they were known elements were still missed by a read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub latencies: Vec<Latencies>,
    /// Of registers, if the workload is to tell: how likely reads are stale, by the time since the
    /// acknowledgement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale_by_age: Vec<StaleByAge>,
}

/// Why a run or a check cannot tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoubtRecord {
    /// Who caused it.
    pub whose: WhoseRecord,
    /// What happened, and to what.
    pub what: String,
    /// What to do.
    pub advice: String,
}

/// Who caused a doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhoseRecord {
    /// What is tested did it, or did not do it.
    Target,
    /// The run asked too little, or broke it itself.
    Harness,
    /// The machine, the operating system, or another user.
    Environment,
    /// Judging took more than it may.
    Budget,
}

impl WhoseRecord {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Harness => "harness",
            Self::Environment => "environment",
            Self::Budget => "budget",
        }
    }
}

impl std::fmt::Display for DoubtRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}; {}", self.whose.name(), self.what, self.advice)
    }
}
