//! What a run was: the only stored account of it. Every report is made from it.
//!
//! `verdict.json` is a [`RunRecord`]. Every report is a function of it, and with the history it is
//! all that judging the run again takes. It is made of plain types, so that a reader needs
//! neither the targets nor the harness that wrote it. `docs/json.md` documents every field.

mod build;
mod judged;
mod plain;
mod served;
mod settings;
mod spans;

use rashomon_checker::{Anomaly, Time};
use serde::{Deserialize, Serialize};

pub use build::BuildRecord;
pub use judged::{
    CheckRecord, CheckVerdict, ClaimRecord, DoubtRecord, LedgerRecord, RequiredBy, RequiredRecord,
    RunVerdict, WhoseRecord,
};
pub use plain::Plain;
pub use served::{AvailabilityRecord, FaultServedRecord, ServedRecord};
pub use settings::{DriverRecord, SettingsRecord, TargetRecord};
pub use spans::{EfficacyRecord, FaultRecord, SpanRecord};

use crate::strict::Header;

/// The facts of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// `rashomon-record`.
    pub format: String,
    /// The version of the format.
    pub version: u64,
    /// The verdict on what was required.
    pub verdict: RunVerdict,
    /// What the program that judged it ended with.
    pub exit: u8,
    /// The run's folder, as the program named it; nothing if the run was not kept.
    pub run: Option<String>,
    /// The build that ran it.
    pub build: BuildRecord,
    /// The seed.
    pub seed: u64,
    /// In which world it happened.
    pub driver: DriverRecord,
    /// The name of the workload.
    pub workload: String,
    /// What was tested.
    pub target: TargetRecord,
    /// How much was asked of it, and what was done to it.
    pub settings: SettingsRecord,
    /// What the target says of itself.
    pub claim: ClaimRecord,
    /// Whether this run breaks it.
    pub claim_broken: bool,
    /// What was required, and whether the claim or a flag required it.
    pub required: RequiredRecord,
    /// Each check, in the order in which they are reported.
    pub checks: Vec<CheckRecord>,
    /// What became of what was acknowledged.
    pub ledger: LedgerRecord,
    /// Why the run as a whole might not tell, whatever its checks say.
    pub doubts: Vec<DoubtRecord>,
    /// What the run knew at its end, apart from what its faults did.
    pub known: KnownRecord,
    /// When and why the load was stopped before its time; nothing if it was not.
    pub stopped: Option<StopRecord>,
    /// What the verdict rests on.
    pub evidence: EvidenceRecord,
    /// The command that runs it again; nothing if its plan is not the one that its seed draws.
    pub again: Option<String>,
}

/// What a run knew at its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KnownRecord {
    /// Whether the cluster was seen to come to rest after the faults.
    pub settled: bool,
    /// That, and whether anybody looked; nothing in a record of an earlier rashomon.
    #[serde(default)]
    pub rest: Option<RestRecord>,
    /// Final reads of copies that should be there and gave no answer.
    pub unread: Vec<UnreadRecord>,
    /// What broke without a fault to explain it.
    pub breakdowns: Vec<BreakdownRecord>,
    /// The first time that each safety property of a protocol did not hold inside, whether or not the target
    /// promises it. Nodes are heard in simulation only.
    #[serde(default)]
    pub breaches: Vec<BreachRecord>,
    /// What was found wrong while the run went on, if that was looked for.
    pub sighting: Option<SightingRecord>,
    /// When the last of it was done, in nanoseconds of the run.
    pub end: Time,
}

/// Whether a cluster came to rest after its faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestRecord {
    /// It did, at two probes in a row.
    Rested,
    /// It did not within the time allowed.
    NotRested,
    /// It could not be observed.
    NotLooked,
}

/// A copy whose final read gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadRecord {
    /// Of what.
    pub key: String,
    /// At which node, by its number.
    pub node: u16,
    /// Why there is no answer.
    pub why: String,
}

/// The first time that a safety property did not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachRecord {
    /// The name of the property.
    pub property: String,
    /// When, in nanoseconds of the run.
    pub at: Time,
    /// How, in a sentence.
    pub what: String,
}

impl std::fmt::Display for BreachRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} broken at {}: {}", self.property, self.at, self.what)
    }
}

/// Something that broke without a fault to explain it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakdownRecord {
    /// What broke.
    pub part: PartRecord,
    /// Who caused it.
    pub whose: WhoseRecord,
    /// How.
    pub what: String,
}

/// A part of a cluster. Nodes are given by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartRecord {
    /// A process.
    Node(u16),
    /// A directed link.
    Link {
        /// The sender.
        from: u16,
        /// The receiver.
        to: u16,
    },
    /// The harness's own clients.
    Clients,
    /// The harness itself.
    Harness,
}

/// What was found wrong while a run went on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SightingRecord {
    /// When it was recorded, in nanoseconds of the run.
    pub at: Time,
    /// What.
    pub anomaly: Anomaly,
}

/// When and why a load was stopped before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopRecord {
    /// When, in nanoseconds of the run.
    pub at: Time,
    /// Why.
    pub why: StopReason,
}

/// Why a load was stopped before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StopReason {
    /// As `--fail-fast` asks.
    #[serde(rename = "the first violation")]
    Violation,
    /// The run was interrupted.
    #[serde(rename = "interrupted")]
    Interrupted,
}

/// What a verdict rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceRecord {
    /// Operations that were invoked.
    pub operations: u64,
    /// Those that were done.
    pub ok: u64,
    /// Those that were certainly not done.
    pub fail: u64,
    /// Those with an unknown outcome.
    pub info: u64,
    /// Operations that were under way at once, at the most.
    pub concurrency: u64,
    /// How often planted bugs mattered, at the nodes that were alive in the end.
    pub bug_hits: u64,
    /// Whole seconds that judging took.
    pub judged_seconds: u64,
    /// Every fault of the plan, and what it did.
    pub faults: Vec<SpanRecord>,
    /// How available the cluster was to its clients; nothing in a record of an earlier rashomon.
    #[serde(default)]
    pub availability: Option<AvailabilityRecord>,
}

impl RunRecord {
    /// What a record says first.
    pub const HEADER: Header = Header { format: "rashomon-record", version: 1 };

    /// The checks on which the verdict rests.
    pub fn required(&self) -> impl Iterator<Item = &CheckRecord> {
        self.checks.iter().filter(|check| check.required)
    }

    /// The checks that were only made to see what else is so.
    pub fn beyond(&self) -> impl Iterator<Item = &CheckRecord> {
        self.checks.iter().filter(|check| !check.required)
    }

    /// Every anomaly against what was required that only the target can explain, with its check.
    pub fn anomalies(&self) -> impl Iterator<Item = (&CheckRecord, &Anomaly)> {
        let of = |check| move |anomaly| (check, anomaly);
        self.required().flat_map(move |check| check.anomalies.iter().map(of(check)))
    }

    /// What happened inside that the target promises never to happen under the faults of the run.
    pub fn breaches(&self) -> impl Iterator<Item = &BreachRecord> {
        let covered = self.required.uncovered.is_empty();
        let promised =
            move |it: &&BreachRecord| covered && self.claim.safety.contains(&it.property);
        self.known.breaches.iter().filter(promised)
    }

    /// The first of them, if the target's claim is required.
    pub fn required_breach(&self) -> Option<&BreachRecord> {
        self.breaches().next().filter(|_| self.required.by == RequiredBy::Claim)
    }

    /// Every doubt about what was required: those of its checks, then those of the run.
    pub fn all_doubts(&self) -> impl Iterator<Item = &DoubtRecord> {
        self.required().flat_map(|check| &check.doubts).chain(&self.doubts)
    }
}
