//! What to ask of a store, and which checks fit the answers.
//!
//! A [`Generator`] is a pure source of operations over time: it receives the time and which
//! processes are free, and says what to invoke, or until when to wait, or that it is done. It
//! learns what was recorded. All its chance comes from a [`Seed`].
//!
//! A [`Workload`] is a generator with its sizes, the reads that end a run, and the checks that fit.

mod append;
mod bank;
mod bank_with_logs;
mod cart;
mod counter;
mod definition;
mod echo;
pub mod generator;
mod keys;
mod kind;
mod lock;
mod op;
mod probe;
mod queue;
mod read_heavy;
mod register;
mod rotation;
mod seed;
mod session_roam;
mod set;
mod siblings;
mod txn_list_append;
mod txn_rw_register;
mod unique_ids;
mod users;
mod workload;

pub use definition::{Measure, Sizes};
pub use generator::{Context, Generator, Next};
pub use kind::Kind;
pub use op::{
    Action, Completion, CounterOp, Key, ListOp, LockOp, MicroOp, MicroReturned, MultiValueOp,
    Object, Op, OpKind, OrSetOp, Place, QueueOp, RegisterOp, Returned, SetOp, Strange, Words,
    read_action, read_completion,
};
pub use seed::{Rng, Seed};
pub use workload::Workload;

use definition::Making;
