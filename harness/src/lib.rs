//! Rashomon: starts a replicated store, injects faults, records what its clients saw, and judges
//! it.

#[cfg(test)]
mod allocations;
mod audit;
mod availability;
mod bugs;
mod campaign;
mod chance;
mod claims;
mod cli;
mod client;
mod compare;
mod cut;
mod disk;
mod doubt;
mod execute;
mod exit;
mod fault;
mod frame;
mod gate;
mod identity;
mod interrupt;
mod judge;
mod kept;
mod leased;
mod maelstrom;
mod node;
mod own;
mod parallel;
mod record;
mod recurrence;
mod regions;
mod report;
mod run;
mod safety;
mod scenario;
mod settings;
mod shrink;
mod subject;
mod system;
mod trace;
mod world;

use std::process::ExitCode;

use rashomon_results::strict;

pub use own::{
    Harness, HarnessError, NoTarget, OwnNode, Ran, Report, Target, Undecided, Verdict, Violation,
    node_main,
};
pub use rashomon_checker::Consistency;
pub use rashomon_results::RunRecord;
pub use rashomon_targets::{
    Admin, Answer, Boot, Bugs, Caller, Chance, Claim, Digest, Effect, FailCode, FaultKind,
    Incarnation, Input, Key, KvOp, Leadership, Nanos, Node, NodeId, Now, Operation, Outbox, Pace,
    PersistId, PlantedBug, Profile, Promise, ReadLevel, Request, RequestId, Response, Returned,
    Role, SafetyProperty, Status, Store, Taker, Token, Tokens, TraceEvent, Value,
};
pub use rashomon_workloads::Kind as Workload;

/// The program, as the command line has it.
pub fn main() -> ExitCode {
    cli::report_our_own_bugs(std::env::args_os());
    cli::main()
}
