//! Rashomon: starts a replicated store, hurts it, records what its clients saw, and judges it.

mod claims;
mod cli;
mod client;
mod doubt;
mod execute;
mod exit;
mod fault;
mod frame;
mod identity;
mod interrupt;
mod judge;
mod leased;
mod maelstrom;
mod node;
mod record;
mod report;
mod run;
mod settings;
mod subject;
mod system;
mod world;

use std::process::ExitCode;

use rashomon_results::strict;

/// The program, as the command line has it.
pub fn main() -> ExitCode {
    cli::report_our_own_bugs(std::env::args_os());
    cli::main()
}
