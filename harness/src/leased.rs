//! `rashomon leased`: becomes another program, which ends when the harness does.
//!
//! The user's program does not know of leases. So the harness starts this, which asks the system for
//! an end together with its parent, and then becomes the program: that wish outlasts the change.

use std::os::unix::process::{CommandExt, parent_id};
use std::process::Command;

use crate::system;

/// Becomes `command`, on a lease from the process `parent`.
///
/// # Errors
/// If there is no such program, or the parent is gone.
pub(crate) fn run(parent: u32, command: &[String]) -> anyhow::Result<()> {
    system::die_with_parent();
    system::take_all_signals();
    // It may have ended before that.
    anyhow::ensure!(parent_id() == parent, "the harness has ended");
    let Some((program, arguments)) = command.split_first() else {
        anyhow::bail!("there is no program after --");
    };
    let error = Command::new(program).args(arguments).exec();
    Err(anyhow::anyhow!("cannot run {program:?}: {error}"))
}
