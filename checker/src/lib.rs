//! Judges histories of concurrent operations.

#[cfg(any(test, feature = "selftest"))]
#[doc(hidden)]
pub mod agreement;
mod anomaly;
mod budget;
pub mod convergence;
mod event;
pub mod formats;
mod history;
mod ids;
mod intern;
pub mod linearizability;
pub mod model;
pub mod monitors;
mod outcome;
mod vacuity;
mod value;
#[cfg(feature = "json")]
mod value_json;
mod verdict;
pub mod verify;
mod witness;

pub use anomaly::{Anomaly, AnomalyClass, Fact};
pub use budget::{Budget, Stop};
pub use event::{Event, EventKind};
pub use history::{History, HistoryBuilder, HistoryError, Operation, OutcomeCounts, ValueId};
pub use ids::{OpIndex, Position, ProcessId, Time};
pub use model::{Model, ModelKind, Observed, UnknownModel};
pub use outcome::Outcome;
pub use vacuity::vacuity;
pub use value::Value;
pub use verdict::{Certificate, Doubt, PartOrder, Verdict};
pub use witness::{ConvergenceKind, Property, Witness, WitnessOp};
