//! Which operations show that a guarantee is broken.

use super::observer::Clash;
use crate::Consistency;
use crate::weak::{Clocks, Evidence, Readers, Reasons};

/// What it takes to say why something is visible.
pub(super) struct GuaranteeStory<'a> {
    pub(super) reasons: Reasons<'a>,
    pub(super) readers: &'a Readers,
    pub(super) clocks: Option<&'a Clocks<'a>>,
}

impl GuaranteeStory<'_> {
    /// The operations that show that `read` breaks `guarantee`. O(n).
    pub(super) fn of(&self, guarantee: Consistency, read: u32, clash: Clash) -> Evidence {
        let mut ops = Evidence::from([read]);
        match clash {
            Clash::Missed(write) => self.see(guarantee, write, read, &mut ops),
            Clash::Overwritten(newer) => {
                self.see(guarantee, newer, read, &mut ops);
                if guarantee == Consistency::WritesFollowReads {
                    ops.extend(self.cause(self.returned(read), newer));
                }
            }
            Clash::Swapped(earlier) => {
                ops.insert(earlier);
                self.see(guarantee, self.returned(read), earlier, &mut ops);
                self.see(guarantee, self.returned(earlier), read, &mut ops);
            }
        }
        ops
    }

    fn returned(&self, read: u32) -> u32 {
        self.reasons.sessions.write_read(read).expect("such a read returned a write")
    }

    /// Adds what shows that `write` is visible to `read`.
    fn see(&self, guarantee: Consistency, write: u32, read: u32, ops: &mut Evidence) {
        ops.insert(write);
        let Reasons { sessions, session_of, .. } = self.reasons;
        let start = sessions.ops(session_of[read as usize] as usize).start;
        let mut earlier = (start..=read).filter(|&it| sessions.write_read(it).is_some());
        match guarantee {
            Consistency::MonotonicReads => {
                ops.extend(earlier.find(|&it| self.returned(it) == write));
            }
            Consistency::MonotonicWrites => {
                let is_after = |later: u32| sessions.has_in_order(session_of, write, later);
                ops.extend(earlier.find(|&it| is_after(self.returned(it))));
            }
            Consistency::WritesFollowReads => {
                let Some(clocks) = self.clocks else { return };
                let causes =
                    |&it: &u32| self.readers.before(write, self.returned(it), clocks).is_some();
                if let Some(it) = earlier.find(causes) {
                    ops.insert(it);
                    ops.extend(self.cause(write, self.returned(it)));
                }
            }
            _ => {}
        }
    }

    /// How a read of `write` precedes `later`.
    fn cause(&self, write: u32, later: u32) -> Vec<u32> {
        let read = self.clocks.and_then(|clocks| self.readers.before(write, later, clocks));
        let read = read.expect("a read of it precedes");
        if read == later {
            return vec![later];
        }
        self.reasons.path(read, later, 0).expect("the clocks say so").ops
    }
}
