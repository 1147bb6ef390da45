//! How much work a checker may do.

use std::fmt;
use std::sync::Arc;

/// How much work a checker may do before it answers `Unknown`: for a whole history, whatever the
/// number of its parts.
///
/// Steps and bytes come first, because they give the same answer on every machine. The parts of a
/// history (its keys, say) share the budget in rounds, so the answer does not depend on the order
/// in which they are judged, nor on the number of threads.
#[derive(Clone, Debug)]
pub struct Budget {
    /// Configurations that the searches of all parts may visit together. Each part may visit a few
    /// for each of its events beyond that, so the most it takes grows with the history. Comparing
    /// one with sixty-four others counts as visiting one more, and so does copying 4 KiB of states,
    /// so that the time it takes is about proportional: by default about ten seconds.
    pub configurations: u64,
    /// Bytes that all searches that go on at the same time may hold, by their own careful count.
    pub bytes: u64,
    /// Asked now and then; the checker gives up when it answers `true`. The way to a time limit.
    pub stop: Option<Stop>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { configurations: 20_000_000, bytes: 1 << 30, stop: None }
    }
}

impl Budget {
    /// Whether the `stop` says that it is time to give up.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(Stop::asked)
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
