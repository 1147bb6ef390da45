//! Judges histories of concurrent operations: what processes asked of an object, what they were
//! told, and in what order.
//!
//! - [`linearizability::check`] judges a [`History`] against a built-in [`ModelKind`];
//!   [`linearizability::check_calls`] judges calls on any [`Model`] of your own, which
//!   [`record`] helps to collect from threads; [`online`] judges while the run goes on.
//! - [`regular::check`], [`safe::check`] and [`prefix::check`] judge registers whose reads may lag, [`bounded::check`] by how
//!   much time;
//!   [`convergence::check`] judges what replicas hold in the end, and [`invariants::check`] what each
//!   kind of object promises.
//! - [`formats`] reads and writes histories, other tools' included.
//! - [`verify`] checks evidence, and shares no code with what produced it.
//!
//! A verdict is `Valid`, `Invalid` with an [`Anomaly`], or `Unknown` with a [`Doubt`]. `Valid` says
//! that *this history* is consistent with the model; it says nothing about other histories. Where
//! nothing was tested, [`vacuity()`] says so.
//!
//! Nothing here reads a clock, draws chance or touches a file. Budgets are counted in steps and
//! bytes, so that the same history has the same verdict on every machine.
//!
//! # The map
//!
//! Each room imports only rooms above it in this list, so there is no import cycle.
//!
//! | room | what is there |
//! |---|---|
//! | `visible`, `intern`, `plant` | text of others made fit to print; numbers for things; planted mistakes |
//! | `ids`, `value`, `value_json`, `outcome`, `event` | what one event says |
//! | `history/` | events paired to operations, in columns, by key and in slices |
//! | [`formats`] | reading and writing files; nothing is judged there: no judge is above |
//! | [`model`] | what one client alone would see of each object, and which model a history is of |
//! | [`consistency`] | consistency models, and which implies which |
//! | `verdict`, `vacuity`, `witness`, `anomaly`, `clock`, [`drawing`], `whole` | what is concluded, and how it is shown |
//! | `budget`, `rounds`, `halved` | how much work may be done, how tasks share it, and how a list is made short |
//! | `call` | operations as a model has them |
//! | [`weak`] | what sessions did to registers, and which part of that violates a model |
//! | [`sequential`] | one order of all operations that keeps the order of each session |
//! | [`sessions`], [`pram`], [`causal`] | read your writes, monotonic reads, monotonic writes, writes follow reads; PRAM; causal consistency, causal memory, causal convergence |
//! | [`linearizability`] | one order of all operations: `register/` (with `switches/`, where values repeat), `list/` (lists and texts), `set/`, `queue/`, `stack/`, `priority_queue/`, `counter/`, `mutex/`, and what the collections share (`collection/`); `search/` for any model, `explain/` (minimal witnesses), `check/` (which method judges what) |
//! | [`k_atomic`] | by how many versions, and by how much time, reads of registers lag |
//! | [`record`] | recording what threads do |
//! | [`transactions`] | which isolation models transactions on lists keep, and which they break |
//! | `update_order/` | one order of a register's updates, with reads out of step |
//! | `widened` | a history in which reads may take effect for longer |
//! | [`bounded`] | reads that are out of date by a bounded time |
//! | [`regular`], [`safe`], [`prefix`] | objects whose reads may lag |
//! | [`groups`] | judging group by group |
//! | [`convergence`] | what replicas hold in the end |
//! | [`invariants`] | what each kind of object promises however weak its consistency is |
//! | [`ladder`] | which consistency models a history keeps, and which it breaks |
//! | [`online`] | judging while the run goes on |
//! | [`passes`] | judging what does not fit into memory |
//! | [`verify`] | the small independent judge of evidence |
//! | `agreement/` | brute force and random histories, for tests |
//!
//! # Features
//!
//! | feature | by default | |
//! |---|---|---|
//! | `parallel` | yes | keys, and pieces of long ones, are judged on a pool of threads |
//! | `formats` | yes | histories are read from files and written to them |
//! | `json` | yes | reports and values can be serialised |

#[cfg(any(test, feature = "selftest"))]
#[doc(hidden)]
pub mod agreement;
mod anomaly;
pub mod bounded;
mod budget;
mod call;
pub mod causal;
mod clock;
pub mod consistency;
pub mod convergence;
pub mod drawing;
mod event;
#[cfg(feature = "formats")]
pub mod formats;
pub mod groups;
mod halved;
mod history;
mod ids;
mod intern;
pub mod invariants;
pub mod k_atomic;
pub mod ladder;
pub mod linearizability;
pub mod model;
pub mod online;
mod outcome;
#[cfg(feature = "formats")]
pub mod passes;
mod plant;
pub mod pram;
pub mod prefix;
pub mod record;
pub mod regular;
mod rounds;
pub mod safe;
pub mod sequential;
pub mod sessions;
pub mod transactions;
mod update_order;
mod vacuity;
mod value;
#[cfg(feature = "json")]
mod value_json;
mod verdict;
pub mod verify;
mod visible;
pub mod weak;
mod whole;
mod widened;
mod witness;

pub use anomaly::{Anomaly, AnomalyClass, Fact};
pub use budget::{Budget, Stop};
pub use call::Call;
pub use clock::Clock;
pub use consistency::{Consistency, UnknownConsistency};
pub use event::{Event, EventKind};
pub use history::{
    History, HistoryBuilder, HistoryError, KeyRange, Operation, OutcomeCounts, Part, Shapes,
    Slices, Sorts, Tally, ValueId,
};
pub use ids::{OpIndex, Position, ProcessId, Time, Who};
#[doc(inline)]
pub use linearizability::monitors;
pub use model::{Guess, LacksFunction, Model, ModelKind, NoGuess, Observed, UnknownModel};
pub use outcome::Outcome;
pub use vacuity::{vacuity, vacuity_of};
pub use value::Value;
pub use verdict::{Certificate, Doubt, PartOrder, Spent, Verdict};
pub use visible::{is_hidden, visible, visible_json, visible_lines};
pub use witness::{ConvergenceKind, Invariant, Property, UnknownInvariant, Witness, WitnessOp};

/// The examples of the README run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
