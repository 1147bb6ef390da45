//! When a campaign stops, and the clocks that measure its cost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::campaign::Cut;
use crate::run::drive::Watcher;

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Limits<'a> {
    /// How many runs at a time.
    pub(in crate::cli) threads: usize,
    /// No job begins after this.
    pub(in crate::cli) deadline: Option<Instant>,
    /// Whether the user has interrupted the campaign.
    pub(in crate::cli) stop: &'a AtomicBool,
}

impl Limits<'_> {
    /// Whether the user has interrupted it.
    pub(in crate::cli) fn is_interrupted(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Whether its time is over.
    pub(in crate::cli) fn is_over(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// What has ended it by now, if it had more to do.
    pub(in crate::cli) fn cut(&self) -> Option<Cut> {
        match (self.is_interrupted(), self.is_over()) {
            (true, _) => Some(Cut::Interrupted),
            (false, true) => Some(Cut::Budget),
            (false, false) => None,
        }
    }
}

/// Microseconds since then.
pub(super) fn us(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// Microseconds of a processor that this thread has taken.
pub(super) fn cpu_us() -> u64 {
    use nix::time::{ClockId, clock_gettime};
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
    time.map_or(0, |time| {
        let part = |it: i64| u64::try_from(it).unwrap_or(0);
        part(time.tv_sec()) * 1_000_000 + part(time.tv_nsec()) / 1_000
    })
}

/// Ends a run when it is time to stop.
pub(in crate::cli) struct Limited<'a>(pub(in crate::cli) &'a Limits<'a>);

impl Watcher for Limited<'_> {
    fn wants_stop(&mut self) -> bool {
        self.0.cut().is_some()
    }
}
