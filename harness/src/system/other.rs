//! Systems of which nothing is known but that they are Unix.

/// Nothing: the pipe that a parent holds open is all there is.
pub(crate) fn die_with_parent() {}

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
    &["this system does not tell how much memory is free: --budget-memory says what to take"]
}
