//! Where the corpus lies: histories that other projects judged, which are no part of this
//! repository.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    clippy::disallowed_methods,
    reason = "the tests of two crates use this"
)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// The tests of this file that were not run.
static NOT_RUN: AtomicU32 = AtomicU32::new(0);

/// The corpus: [`beside`] of it.
#[track_caller]
pub fn corpus() -> Option<PathBuf> {
    beside("corpus")
}

/// A folder or file beside the repository. `None` where it is absent, which is said even where the
/// output of tests is captured.
///
/// # Panics
/// If it is absent and `RASHOMON_CORPUS=required` is in the environment.
#[track_caller]
pub fn beside(name: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name);
    if let Ok(folder) = folder.canonicalize() {
        return Some(folder);
    }
    let is_required = std::env::var("RASHOMON_CORPUS").is_ok_and(|value| value == "required");
    let place = folder.display();
    assert!(!is_required, "the corpus is required, and absent from {place}");
    let count = NOT_RUN.fetch_add(1, Ordering::Relaxed) + 1;
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let tests = if count == 1 { "test" } else { "tests" };
    // A macro would be captured.
    let _ = writeln!(
        std::io::stderr(),
        "not run: corpus absent: {test} ({count} {tests} of this file so far)"
    );
    None
}
