//! Pure sources of operations over time, and ways to combine them.
//!
//! The three answers of [`Next`], and most combinators, are those of Jepsen's generators.

mod drain;
mod limit;
mod mix;
mod pace;
mod phases;
mod recorded;
mod source;

use rashomon_checker::{ProcessId, Time};

pub use drain::Drain;
pub use limit::{Limit, TimeLimit};
pub use mix::Mix;
pub use pace::{Bursts, Rate, Stagger};
pub use phases::Phases;
pub use recorded::{Recorded, RecordedOp};
pub use source::{Script, Source};

use crate::{Completion, Op, Rng};

/// What a generator may look at.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The time since the start of the run.
    pub now: Time,
    /// Processes with nothing in flight, in ascending order.
    pub free: &'a [ProcessId],
    /// How many processes there are at a time.
    pub processes: u32,
}

impl Context<'_> {
    /// Whether no process has anything in flight.
    pub fn all_free(&self) -> bool {
        self.free.len() == self.processes as usize
    }

    /// One of the processes with nothing in flight, each as likely; none if there is none.
    pub fn any_free(&self, rng: &mut Rng) -> Option<ProcessId> {
        let at = (!self.free.is_empty()).then(|| rng.index(self.free.len()))?;
        Some(self.free[at])
    }
}

/// What a generator wants next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Have `process` invoke `op` now.
    Invoke {
        /// One of the free processes.
        process: ProcessId,
        /// What it asks.
        op: Op,
    },
    /// Nothing before this instant, unless a completion is observed first. `Time(u64::MAX)`: nothing
    /// before a completion is observed.
    Pending(Time),
    /// Nothing, ever again.
    Done,
}

/// A pure source of operations. All chance comes from the seed it was built with.
pub trait Generator {
    /// What to do now.
    fn next(&mut self, context: &Context<'_>) -> Next;

    /// Learns that `op` ended so, after that was recorded.
    fn observe(&mut self, _op: &Op, _completion: &Completion) {}
}

impl<G: Generator + ?Sized> Generator for Box<G> {
    fn next(&mut self, context: &Context<'_>) -> Next {
        (**self).next(context)
    }

    fn observe(&mut self, op: &Op, completion: &Completion) {
        (**self).observe(op, completion);
    }
}

#[cfg(test)]
mod tests;
