//! Ctrl-C: once to stop the load and judge what there is, twice to end at once.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};

use crate::exit::Exit;

/// A flag that the first SIGINT or SIGTERM sets. The second ends the program; nodes end with it.
pub(crate) fn stop_flag() -> Arc<AtomicBool> {
    stop_flag_saying("stopping the load; again to end at once")
}

/// The same, with what it says when it is set.
pub(crate) fn stop_flag_saying(said: &'static str) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return; // Without it, a signal ends the program at once, as it would anyway.
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
                if flag.swap(true, Ordering::Relaxed) {
                    std::process::exit(i32::from(Exit::Interrupted.number()));
                }
                let _ = writeln!(std::io::stderr(), "{said}");
            }
        });
    });
    stop
}
