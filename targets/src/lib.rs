//! Reference replicated key-value nodes, as sans-IO state machines.
//!
//! A [`Node`] is given inputs (client requests, peer messages, timers, news that a record is
//! durable) together with the time, and returns effects (send, reply, persist, set a timer). It
//! reads no clock, draws no chance of its own and touches no disk: a driver does that, either the
//! deterministic simulation or a real process. The same code runs under both.
//!
//! Four families are here: [`primary_replica`], whose primary [`raft`] may elect, [`leaderless`],
//! [`multi_leader`] and [`hybrid`]. Each configuration says what it promises with a [`Claim`], and can carry
//! [`PlantedBug`]s: named deviations, off by default, against which the harness itself is tested.
//!
//! This crate knows nothing of histories or checkers, so that no target can be written to please
//! its judge.

mod admin;
mod api;
mod barrier;
mod bug;
mod caller;
mod claim;
mod clock;
mod config;
mod effect;
mod error;
mod family;
mod flag;
pub mod hybrid;
mod ids;
pub mod leaderless;
pub mod multi_leader;
mod node;
mod operation;
pub mod primary_replica;
mod profile;
mod protocol;
pub mod raft;
mod safety;
mod shell;
#[cfg(feature = "test-family")]
pub mod solo;
mod store;
mod trace;
#[cfg(test)]
mod transcript;

pub use admin::{Admin, AdminRefused};
pub use api::{
    Answer, FailCode, Key, KvOp, Micro, MicroReturned, ReadLevel, Request, Response, Returned,
    Value,
};
pub use bug::{Bugs, Hunt, PlantedBug, Sought};
pub use caller::{Caller, Token, Tokens};
pub use claim::{Claim, ConcurrentWrites, FaultKind, ObjectClass, Promise};
pub use clock::Clock;
pub use config::TargetConfig;
pub use effect::{Chance, Effect, Emit, Input, Outbox};
pub use error::ConfigError;
pub use family::{About, Family};
pub use flag::{Choice, Flag, Form, Given, Switch, Takes};
pub use ids::{Incarnation, Nanos, NodeId, Now, PersistId, RequestId};
pub use node::{Boot, Digest, Node, Purpose, Role, Status};
pub use operation::Operation;
pub use profile::{Leadership, Pace, Profile, Taker};
pub use protocol::{Protocol, Visitor};
pub use safety::SafetyProperty;
pub use shell::{InputOf, Moment, Order, Shell};
pub use store::Store;
pub use trace::TraceEvent;
