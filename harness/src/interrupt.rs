//! Ctrl-C: once to stop the load and judge the history so far, twice to end at once.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rashomon_checker::Stop;
use tokio::signal::unix::{SignalKind, signal};

use crate::exit::Exit;

/// The name of the thread that waits for signals.
const THREAD: &str = "signals";

/// Signals that have come so far.
static SIGNALS: AtomicU64 = AtomicU64::new(0);

/// How many signals have come so far.
pub(crate) fn signals() -> u64 {
    SIGNALS.load(Ordering::Relaxed)
}

/// Asks for an end once more signals than these have come. One that has ended the load already asks
/// for a verdict rather than for none.
pub(crate) fn after(heeded: u64) -> Stop {
    Stop::when(move || signals() > heeded)
}

/// A flag that the first SIGINT or SIGTERM sets, after saying this. The second ends the program;
/// nodes end with it. It takes a thread that never ends, so ask once in a program's life.
pub(crate) fn stop_flag(said: &'static str) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    // Without it, a signal ends the program at once, as it would anyway.
    let _ = std::thread::Builder::new().name(THREAD.into()).spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        runtime.block_on(async move {
            let (Ok(mut int), Ok(mut term)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return;
            };
            loop {
                tokio::select! {
                    _ = int.recv() => {}
                    _ = term.recv() => {}
                }
                SIGNALS.fetch_add(1, Ordering::Relaxed);
                if flag.swap(true, Ordering::Relaxed) {
                    Exit::Interrupted.now();
                }
                let _ = writeln!(std::io::stderr(), "{said}");
            }
        });
    });
    stop
}
