//! Rashomon: starts a replicated store, hurts it, records what its clients saw, and judges it.

mod barrier;
mod claims;
mod cli;
mod client;
mod cluster;
#[cfg(test)]
mod conformance;
mod doubt;
mod drive;
mod exit;
mod frame;
mod interrupt;
mod judge;
mod node;
mod plan;
mod record;
mod recorder;
mod report;
mod run;
mod settings;
mod simulation;
mod strict;
mod system;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    exit::report_our_own_bugs();
    cli::main()
}
