//! How stale reads were, in numbers.

use super::Versioned;
use super::bound::least_bound;

/// The value that half of all do not exceed, that of 99 in a hundred, and the largest: by rank, so that
/// each is one of the values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Quantiles {
    /// The median.
    pub p50: u64,
    /// That of 99 in a hundred.
    pub p99: u64,
    /// The largest.
    pub max: u64,
}

impl Quantiles {
    /// Those of some values; 0 if there are none. O(n log n).
    pub fn of(mut all: Vec<u64>) -> Self {
        all.sort_unstable();
        let of = |percent: usize| {
            let rank = (all.len() * percent).div_ceil(100).max(1);
            all.get(rank - 1).copied().unwrap_or(0)
        };
        Self { p50: of(50), p99: of(99), max: of(100) }
    }
}

/// How stale the reads of a history were. See [`crate::k_atomic`] for what each number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Staleness {
    /// Reads that returned.
    pub reads: u64,
    /// Those of them for which a newer value was known before they began.
    pub stale_reads: u64,
    /// How many versions reads were behind, the fresh ones included.
    pub versions_behind: Quantiles,
    /// How long they were behind, in nanoseconds.
    pub time_behind_ns: Quantiles,
    /// The history is not `k`-atomic for any `k` below this; none if it is not for any.
    pub k_least: Option<u64>,
    /// It is `k`-atomic for this; none if it is not for any, or if some operations both read and write.
    pub k_most: Option<u64>,
    /// The least time in nanoseconds by which reads must have begun earlier to have the history
    /// linearizable; none if there is none, or if some operations both read and write.
    pub bound_ns: Option<u64>,
}

/// The numbers of a history.
pub fn measure(of: &Versioned<'_>) -> Staleness {
    let (mut versions, mut times) = (Vec::new(), Vec::new());
    for (register, behind) in of.registers.iter().zip(&of.behind) {
        for (read, behind) in register.reads.iter().zip(behind) {
            versions.push(u64::from(behind.versions));
            let time = behind.first.and_then(|value| register.values[value].known_by).map(|by| {
                let known = of.history.complete_time[of.view.ops[by as usize].get()].0;
                of.history.invoke_time[of.view.ops[read.op as usize].get()].0.saturating_sub(known)
            });
            times.push(time.unwrap_or(0));
        }
    }
    let bounds = of.bounds();
    // Orders are looked for in which an update reads at one time and writes at another: too many of them.
    let has_updates = of.view.first_update().is_some();
    Staleness {
        reads: versions.len() as u64,
        stale_reads: versions.iter().filter(|&&it| it > 0).count() as u64,
        versions_behind: Quantiles::of(versions),
        time_behind_ns: Quantiles::of(times),
        k_least: bounds.map(|it| it.least),
        k_most: bounds.map(|it| it.most).filter(|_| !has_updates),
        bound_ns: least_bound(of.history, of.view, &of.registers).filter(|_| !has_updates),
    }
}
