//! Why a group ends before its file does, and what then cannot be told.

use super::Group;
use crate::{Doubt, Spent};

/// Where a group ends before the file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Nothing more of these keys could be held.
    Full {
        /// Events held.
        held: u64,
        /// Events of these keys.
        of: u64,
        /// Bytes that those held take.
        bytes: u64,
    },
    /// The rest could not be read.
    Unread {
        /// The line that could not, counted from 1.
        line: u64,
        /// Why.
        why: Unread,
    },
}

/// Why a file was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// An event is longer than there is room for.
    LongEvent {
        /// The longest that there is room for.
        limit: usize,
    },
    /// More operations are in flight than there is room for.
    ManyOpen,
    /// More processes have names than there is room for.
    ManyNames,
    /// The listener stopped the pass.
    Stopped,
}

impl Group {
    /// What cannot be told because the group ends before the file does.
    pub fn doubt(&self) -> Option<Doubt> {
        Some(match self.cut? {
            Cut::Full { held, of, bytes } => {
                // The part of one key, or of operations without, unless there was but one pass.
                let key = match self.history.keys() {
                    [key] if self.history.key_of(crate::OpIndex(0)).is_some() => Some(key.clone()),
                    _ => None,
                };
                Doubt::Unheld { key, held_events: held, events: of, bytes }
            }
            Cut::Unread { line, why } => {
                let (reason, spent) = why.told();
                Doubt::Unread { line, reason, spent }
            }
        })
    }
}

impl Unread {
    /// In words, and what was spent.
    fn told(self) -> (String, Spent) {
        match self {
            Self::LongEvent { limit } => {
                let reason = format!(
                    "this event is longer than the {limit} bytes that the memory budget allows"
                );
                (reason, Spent::Memory)
            }
            Self::ManyOpen => {
                let reason = "the memory budget does not fit the operations in flight there";
                (reason.to_owned(), Spent::Memory)
            }
            Self::ManyNames => {
                let reason = "the memory budget does not fit the names of the processes";
                (reason.to_owned(), Spent::Memory)
            }
            Self::Stopped => ("reading was stopped".to_owned(), Spent::Time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_that_was_stopped_spent_time_and_else_memory() {
        assert_eq!(Unread::Stopped.told().1, Spent::Time);
        for why in [Unread::LongEvent { limit: 9 }, Unread::ManyOpen, Unread::ManyNames] {
            let (reason, spent) = why.told();
            assert_eq!(spent, Spent::Memory, "{reason}");
        }
    }
}
