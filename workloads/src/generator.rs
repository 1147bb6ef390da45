//! Pure sources of operations over time, and ways to combine them.
//!
//! The three answers of [`Next`], and most combinators, are those of Jepsen's generators.

mod limit;
mod mix;
mod pace;
mod phases;
mod source;

use rashomon_checker::{Event, ProcessId, Time};

pub use limit::{Limit, TimeLimit};
pub use mix::Mix;
pub use pace::{Bursts, Rate, Stagger};
pub use phases::Phases;
pub use source::{Script, Source};

use crate::Op;

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
    /// Nothing before this instant, unless an event is observed first. `Time(u64::MAX)`: nothing
    /// before an event is observed.
    Pending(Time),
    /// Nothing, ever again.
    Done,
}

/// A pure source of operations. All chance comes from the seed it was built with.
pub trait Generator {
    /// What to do now.
    fn next(&mut self, context: &Context<'_>) -> Next;

    /// Learns that `event` was recorded.
    fn observe(&mut self, _event: &Event) {}
}

impl<G: Generator + ?Sized> Generator for Box<G> {
    fn next(&mut self, context: &Context<'_>) -> Next {
        (**self).next(context)
    }

    fn observe(&mut self, event: &Event) {
        (**self).observe(event);
    }
}

#[cfg(test)]
mod tests;
