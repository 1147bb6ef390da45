//! Unix systems without a module of their own.

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::Lease;

/// Nothing: the pipe that a parent holds open is all there is.
pub(crate) fn die_with_parent() {}

/// Has this process take signals that the one that started it had put off: none are put off here.
pub(crate) fn take_all_signals() {}

/// Runs a program so that it ends with the harness, as far as this system can: on a `lease`.
///
/// # Errors
/// Those of the lease.
pub(crate) fn ward(parent: u32, command: &[String], lease: Lease) -> anyhow::Result<()> {
    lease(parent, command)
}

/// Sends a signal to the process group of a process, as this system does not tell of descendants.
/// `false`: there is none.
pub(crate) fn signal_descendants(of: u32, signal: Signal) -> bool {
    i32::try_from(of).is_ok_and(|pid| killpg(Pid::from_raw(pid), signal).is_ok())
}

/// Bytes of memory that this process may take; unknown.
pub(crate) fn available_bytes() -> Option<u64> {
    None
}

/// The most bytes of memory that this process has had; unknown.
pub(crate) fn peak_bytes() -> Option<u64> {
    None
}

/// What a run on real processes lacks here, a sentence each.
pub(crate) fn lacks_for_runs() -> &'static [&'static str] {
    &["this system does not end a node with its parent: if rashomon is killed with SIGKILL during \
         a pause, end the paused node by hand"]
}

/// What judging lacks here, a sentence each.
pub(crate) fn lacks_for_judging() -> &'static [&'static str] {
    &["this system does not report how much memory is free: give --budget-memory"]
}
