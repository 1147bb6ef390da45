//! The reads of each value.

use super::{Clocks, Sessions, Source};
use crate::plant::{Bug, planted};

/// For each write the reads of it, and for each key the reads of its initial value.
#[derive(Clone, Debug)]
pub(crate) struct Readers {
    starts: Vec<u32>,
    ops: Vec<u32>,
    writes: usize,
}

impl Readers {
    /// O(n + keys).
    pub(crate) fn new(sessions: &Sessions) -> Self {
        let writes = sessions.len() as usize;
        let row = |op: u32| {
            Some(match sessions.source(op)? {
                Source::Write(write) => write as usize,
                Source::Initial => writes + sessions.key(op),
            })
        };
        let mut at = vec![0u32; writes + sessions.keys() + 1];
        for row in (0..sessions.len()).filter_map(row) {
            at[row + 1] += 1;
        }
        for row in 1..at.len() {
            at[row] += at[row - 1];
        }
        let mut ops = vec![0; at.last().map_or(0, |&count| count as usize)];
        let starts = at.clone();
        for op in 0..sessions.len() {
            if let Some(row) = row(op) {
                ops[at[row] as usize] = op;
                at[row] += 1;
            }
        }
        Self { starts, ops, writes }
    }

    /// The reads of what `write` wrote, in their order.
    pub(crate) fn of(&self, write: u32) -> &[u32] {
        self.row(write as usize)
    }

    /// The reads of the initial value of `key`, in their order.
    pub(crate) fn of_initial(&self, key: usize) -> &[u32] {
        self.row(self.writes + key)
    }

    /// A read of `write` that precedes the writing of `later`, if there is one: perhaps `later` itself, if
    /// that is an update.
    pub(crate) fn before(&self, write: u32, later: u32, clocks: &Clocks<'_>) -> Option<u32> {
        let is_itself = |read: u32| read == later && !planted(Bug::UpdateForgetKnown);
        let is_before = |read: u32| is_itself(read) || clocks.precedes(read, later);
        self.of(write).iter().copied().find(|&read| is_before(read))
    }

    fn row(&self, row: usize) -> &[u32] {
        &self.ops[self.starts[row] as usize..self.starts[row + 1] as usize]
    }
}

/// The last of `reads` of each session.
pub(crate) fn last_of_each<'a>(
    reads: &'a [u32],
    session_of: &'a [u32],
) -> impl Iterator<Item = u32> + 'a {
    let session = |op: u32| session_of[op as usize];
    let is_last =
        move |at: usize| reads.get(at + 1).is_none_or(|&next| session(next) != session(reads[at]));
    (0..reads.len()).filter(move |&at| is_last(at)).map(|at| reads[at])
}
