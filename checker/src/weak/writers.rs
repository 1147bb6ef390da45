//! The writes to each key, session by session.

use std::ops::Range;

use super::{Sessions, Source};

/// The writes to each key, in runs of one session each.
#[derive(Clone, Debug)]
pub(crate) struct Writers {
    /// Where the runs of each key begin, and where the last one's end.
    key_starts: Vec<u32>,
    /// The session of each run.
    session: Vec<u32>,
    /// Where each run begins in `writes`, and where the last one ends.
    run_starts: Vec<u32>,
    /// Numbers of writes, by key and then in order.
    writes: Vec<u32>,
}

impl Writers {
    /// O(n + keys).
    pub(crate) fn new(sessions: &Sessions, session_of: &[u32]) -> Self {
        let writes = || (0..sessions.len()).filter(|&op| sessions.is_write(op));
        let mut at = vec![0u32; sessions.keys() + 1];
        for op in writes() {
            at[sessions.key(op) + 1] += 1;
        }
        for key in 0..sessions.keys() {
            at[key + 1] += at[key];
        }
        let mut by_key = vec![0; at.last().map_or(0, |&count| count as usize)];
        let ends = at.clone();
        for op in writes() {
            let place = &mut at[sessions.key(op)];
            by_key[*place as usize] = op;
            *place += 1;
        }
        let (mut key_starts, mut session, mut run_starts) = (vec![0], Vec::new(), Vec::new());
        for range in ends.windows(2) {
            let mut last = u32::MAX;
            for place in range[0]..range[1] {
                let now = session_of[by_key[place as usize] as usize];
                if now != last {
                    session.push(now);
                    run_starts.push(place);
                    last = now;
                }
            }
            key_starts.push(count(&session));
        }
        run_starts.push(count(&by_key));
        Self { key_starts, session, run_starts, writes: by_key }
    }

    /// How many runs there are.
    pub(crate) fn runs_count(&self) -> usize {
        self.session.len()
    }

    /// The runs of a key.
    pub(crate) fn runs(&self, key: usize) -> Range<usize> {
        self.key_starts[key] as usize..self.key_starts[key + 1] as usize
    }

    /// The session of a run.
    pub(crate) fn session(&self, run: usize) -> usize {
        self.session[run] as usize
    }

    /// The writes of a run, in order.
    pub(crate) fn writes(&self, run: usize) -> &[u32] {
        &self.writes[self.run_starts[run] as usize..self.run_starts[run + 1] as usize]
    }
}

fn count(list: &[u32]) -> u32 {
    u32::try_from(list.len()).expect("there are at most 2^32 operations")
}

/// The latest write of each run that precedes the reads of one session, which are asked for in order.
#[derive(Clone, Debug)]
pub(crate) struct Latest<'a> {
    writers: &'a Writers,
    /// How many writes of each run precede.
    passed: Vec<u32>,
    /// What the read returned for which each run was last asked.
    asked: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl<'a> Latest<'a> {
    pub(crate) fn new(writers: &'a Writers) -> Self {
        let runs = writers.runs_count();
        Self { writers, passed: vec![0; runs], asked: vec![NONE; runs] }
    }

    /// Begins with another session.
    pub(crate) fn restart(&mut self) {
        self.passed.fill(0);
        self.asked.fill(NONE);
    }

    /// The last write of `run` below `end`, which never falls from one call to the next. Nothing if
    /// that is the same as when this was last asked for the same `source`.
    pub(crate) fn news(&mut self, run: usize, end: u32, source: Source) -> Option<u32> {
        let writes = self.writers.writes(run);
        let before = self.passed[run] as usize;
        let mut passed = before;
        while writes.get(passed).is_some_and(|&write| write < end) {
            passed += 1;
        }
        let source = match source {
            Source::Initial => NONE - 1,
            Source::Write(write) => write,
        };
        if passed == 0 || passed == before && self.asked[run] == source {
            return None;
        }
        self.passed[run] = u32::try_from(passed).expect("there are at most 2^32 operations");
        self.asked[run] = source;
        Some(writes[passed - 1])
    }
}
