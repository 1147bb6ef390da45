//! How far behind reads are: `k`-atomicity of registers, and staleness in versions and in time.
//!
//! Aiyer, Alvisi and Bazzi, "On the availability of non-strict quorum systems", DISC 2005:
//!
//! > A register is *k-atomic* if there is an order of its operations, which is that of real time, along
//! > which each read returns one of the last `k` writes before it.
//!
//! 1-atomicity is linearizability. A list of keys is k-atomic iff each key is. Each value is written once
//! to a key, so that a read names its write; writes of unknown outcome took effect if they were read.
//!
//! Of a value, let `b` be where its write began, and `f` where it was first *known*: where its write, or
//! the first read of it, ended. Real time has the write of `x` before that of `y` iff `f(x) < b(y)`. For a
//! read of `x` that began at `i`, a value `y` is *certainly newer* iff `f(x) < b(y)` and `f(y) < i`.
//!
//! | measure | what it is |
//! |---|---|
//! | versions behind | how many values are certainly newer than the one read |
//! | time behind | from the first moment at which one of those was known to the beginning of the read; 0 if there is none |
//! | smallest `k` | the least `k` for which each key is `k`-atomic |
//! | least bound | the least time by which the beginning of each read must be moved back to have the history linearizable: Golab, Li and Shah, "Analyzing consistency properties for fun and profit", PODC 2011 |
//!
//! The first two take the harness' own clock for both ends. They are lower bounds: an acknowledgement may
//! have been late, and of two values that overlap neither is certainly newer.
//!
//! **Method.** A read that is `v` versions behind needs `k > v`. From above: each order of the writes that
//! real time allows needs a `k` that one sweep tells; three are tried, one of which is exact for `k = 1`
//! (Gibbons and Korach, "Testing shared memories", SIAM J. Comput. 1997). O(n log n). Where the two bounds
//! differ, a search decides one `k` after the other, as the limited backtracking of Golab, Hurwitz and Li,
//! "On the k-atomicity-verification problem", ICDCS 2013, does for `k = 2`: it takes reads as soon as it
//! can, chooses between writes that overlap, and remembers where it has failed. Whether that is polynomial
//! for a `k` above 2 is not known. If the budget is spent, the bounds are what is known.

mod behind;
mod bound;
mod check;
mod curve;
mod measure;
mod orders;
mod search;
mod story;
mod values;

pub use self::check::{KBounds, Versioned};
pub use self::curve::{StaleByAge, stale_by_age};
pub use self::measure::{Quantiles, Staleness, measure};

pub(crate) use self::check::SmallestKs;
pub(crate) use self::story::anomaly;

use crate::Consistency;
use crate::consistency::Versions;

/// The models, in the order of [`Versions::ALL`].
pub(crate) const MODELS: [Consistency; 8] = {
    let mut models = [Consistency::Linearizable; 8];
    let mut at = 0;
    while at < models.len() {
        models[at] = Consistency::KAtomic(Versions::ALL[at]);
        at += 1;
    }
    models
};

#[cfg(test)]
mod tests;
