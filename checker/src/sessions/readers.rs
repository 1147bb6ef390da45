//! The reads of each write.

use crate::weak::{Clocks, Sessions};

/// The reads of each write.
pub(super) struct Readers {
    starts: Vec<u32>,
    reads: Vec<u32>,
}

impl Readers {
    /// O(n).
    pub(super) fn new(sessions: &Sessions) -> Self {
        let mut starts = vec![0; sessions.len() as usize + 1];
        let pairs = || (0..sessions.len()).filter_map(|op| Some((op, sessions.write_read(op)?)));
        for (_, write) in pairs() {
            starts[write as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut reads = vec![0; pairs().count()];
        let mut next = starts.clone();
        for (op, write) in pairs() {
            let place = &mut next[write as usize];
            reads[*place as usize] = op;
            *place += 1;
        }
        Self { starts, reads }
    }

    /// A read of `write` that precedes `later`, if there is one.
    pub(super) fn before(&self, write: u32, later: u32, clocks: &Clocks<'_>) -> Option<u32> {
        let range = self.starts[write as usize]..self.starts[write as usize + 1];
        let reads = &self.reads[range.start as usize..range.end as usize];
        reads.iter().copied().find(|&read| clocks.precedes(read, later))
    }
}
