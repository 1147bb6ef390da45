//! What a reader says beside the events.

use super::order::Disorder;
use super::tuples::Tuples;

/// What was passed over in reading, and what was taken for granted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Events of the nemesis.
    pub nemesis_events: u64,
    /// Lines of a log that are not events.
    pub other_lines: u64,
    /// A last event cut short.
    pub torn: Option<Torn>,
    /// Where the times contradict the order of the lines. The caller decides what follows from
    /// that: a reader returns events line by line.
    pub disorder: Option<Disorder>,
    /// By what events were put in order.
    pub order: Order,
    /// Whether values were taken for pairs of a key and a value.
    pub tuples: Tuples,
}

/// By what events are put in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By the lines on which they are written.
    #[default]
    Lines,
    /// By their times.
    Times,
}

impl Notes {
    /// The notes on two files that are read together, the second by itself so far.
    #[must_use]
    pub(crate) fn and(self, second: Self) -> Self {
        Self {
            nemesis_events: self.nemesis_events + second.nemesis_events,
            other_lines: self.other_lines + second.other_lines,
            torn: self.torn.or(second.torn),
            disorder: self.disorder.or(second.disorder),
            order: self.order,
            tuples: second.tuples,
        }
    }
}

/// The beginning of an event at the end of a file, left behind by a writer that was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Its line, counted from 1.
    pub line: u64,
    /// How many bytes there are of it; 0 if only the bracket around all events is missing.
    pub bytes: usize,
}
