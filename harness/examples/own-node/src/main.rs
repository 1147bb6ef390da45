//! One node as a process.

use std::process::ExitCode;

fn main() -> ExitCode {
    rashomon::node_main::<own_node::PrimaryBackup>()
}
