//! Simulated runs on all cores, in an order that does not depend on how many there are.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is done for each number.
pub(crate) struct Each<Run, Ends, Stop> {
    /// Makes the run of a number.
    pub(crate) run: Run,
    /// Whether no later run is wanted after this one.
    pub(crate) ends: Ends,
    /// Whether the runs are to stop now.
    pub(crate) stop: Stop,
}

/// As many threads as this machine runs at once.
pub(crate) fn all_cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Makes the runs from 0 to below `count`, up to the first that ends them. Unless it is stopped,
/// the result does not depend on `threads`.
pub(crate) fn up_to_first<T: Send>(
    count: u64,
    threads: usize,
    each: &Each<impl Fn(u64) -> T + Sync, impl Fn(&T) -> bool + Sync, impl Fn() -> bool + Sync>,
) -> BTreeMap<u64, T> {
    let next = AtomicU64::new(0);
    // The lowest run that ends the series; later ones need not be started.
    let last = AtomicU64::new(count);
    let results: Mutex<BTreeMap<u64, T>> = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !(each.stop)() {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count || number > last.load(Ordering::Relaxed) {
                        return;
                    }
                    let result = (each.run)(number);
                    if (each.ends)(&result) {
                        last.fetch_min(number, Ordering::Relaxed);
                    }
                    results.lock().expect("no thread panics with it").insert(number, result);
                }
            });
        }
    });
    let last = last.load(Ordering::Relaxed);
    let results = results.into_inner().expect("all threads have ended");
    results.into_iter().filter(|&(number, _)| number <= last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runs_up_to_the_first_that_ends_them_are_the_same_on_any_number_of_threads() {
        let each = Each { run: |number| number, ends: |&it: &u64| it % 10 == 7, stop: || false };
        for threads in [1, 2, 5] {
            let made = up_to_first(100, threads, &each);
            assert!(made.keys().copied().eq(0..=7), "{threads} threads: {made:?}");
        }
        assert_eq!(up_to_first(5, 2, &each).len(), 5);
    }
}
