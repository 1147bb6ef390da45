//! How much work a checker may do.

use std::fmt;
use std::sync::Arc;

/// How much work a checker may do before it answers `Unknown`.
///
/// Steps and bytes come first, because they give the same answer on every machine. Each part of a
/// history (a key, say) has the whole budget, so the answer does not depend on how many parts there
/// are nor on the order in which they are judged.
#[derive(Clone, Debug)]
pub struct Budget {
    /// Configurations the search may visit. Comparing one with sixty-four others counts as visiting
    /// one more, so that the time it takes is about proportional: by default half a minute at most.
    pub configurations: u64,
    /// Bytes the search may hold, by its own careful count.
    pub bytes: u64,
    /// Asked now and then; the search gives up when it answers `true`. The way to a time limit.
    pub stop: Option<Stop>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { configurations: 50_000_000, bytes: 1 << 30, stop: None }
    }
}

/// A question asked from time to time: is it time to give up?
#[derive(Clone)]
pub struct Stop(Arc<dyn Fn() -> bool + Send + Sync>);

impl Stop {
    /// Gives up as soon as `question` answers `true`.
    pub fn when(question: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(question))
    }

    /// Whether to give up.
    pub fn asked(&self) -> bool {
        (self.0)()
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Stop(..)")
    }
}
