//! The run store: a folder a run, holding what was asked, what was seen and what was concluded.
//!
//! ```text
//! <store>/<utc-time>-<target>-<workload>-<seed>/
//!     run.toml         what it takes to run it again
//!     plan.json        the faults, as planned
//!     history.jsonl    every event, a line each, written as it happened
//!     trace.jsonl      what happened inside the cluster, up to 64 MiB of it
//!     faults.jsonl     what each fault did
//!     verdict.json     what was asked, known and concluded: a [`RunRecord`]
//!     nodes/<id>/      logs and data of real nodes
//! <store>/latest       the last one
//! ```
//!
//! Every file says its format and version first. A run killed at any moment leaves a history that
//! loads.

mod baseline;
mod error;
mod failing;
mod figures;
mod find;
mod history;
mod journal;
mod mapping;
mod passes;
mod record;
mod replace;
mod rows;
mod source;
mod store;
pub mod strict;
mod trace;
mod verdict;

pub use baseline::{BaselineBugRecord, BaselineCellRecord, BaselineRecord};
pub use error::StoreError;
pub use failing::{FailingSeed, FailingSeeds};
pub use figures::{FigureRecord, FiguresRecord};
pub use find::find_history;
pub use history::HistoryWriter;
pub use journal::{
    DoubtfulRunRecord, FailureRecord, JobFactsRecord, JobHowRecord, JobRecord, JournalHead,
    JournalRead, JournalWriter, ShareRecord, read_journal,
};
pub use mapping::Mapping;
pub use passes::{End, Input, Reading, read_in_passes};
pub use record::{
    AvailabilityRecord, BreachRecord, BreakdownRecord, BuildRecord, CheckRecord, CheckVerdict,
    ClaimRecord, DoubtRecord, DriverRecord, EfficacyRecord, EvidenceRecord, FaultRecord,
    FaultServedRecord, KnownRecord, LedgerRecord, PartRecord, Plain, RequiredBy, RequiredRecord,
    RestRecord, RunRecord, RunVerdict, ServedRecord, SettingsRecord, SightingRecord, SpanRecord,
    StopReason, StopRecord, TargetRecord, UnreadRecord, WhoseRecord,
};
pub use replace::replace;
pub use store::{RunFolder, Store};
pub use trace::{
    Loss, MessageCopy, NodeWord, Occurrence, TRACE_FILE, TraceEnding, TraceLine, TraceReader,
    TraceWriter,
};
pub use verdict::StoredVerdict;
