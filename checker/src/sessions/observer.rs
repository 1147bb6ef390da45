//! What one session sees, and when that contradicts itself.

use crate::plant::{Bug, planted};

/// Writes become visible to the reads of one session after the other, and stay so.
///
/// Moments only grow, so that what was noted of an earlier session is known by being old. Each operation
/// has two: what it returns belongs to the first, what it writes to the second.
#[derive(Clone, Debug)]
pub(super) struct Observer {
    /// Notes older than this are of earlier sessions.
    since: u32,
    /// When each write became visible.
    seen: Vec<u32>,
    /// The write to the same key that became visible before each.
    seen_before: Vec<u32>,
    keys: Vec<Key>,
}

/// What is known of a key.
#[derive(Clone, Copy, Debug, Default)]
struct Key {
    /// When something last became visible.
    moment: u32,
    /// What that was.
    newest: u32,
    /// The last reads that returned a visible write, of two different writes.
    reads: [Returned; 2],
    /// What was returned when the visible writes were last looked through, and their newest then.
    looked: [u32; 2],
}

/// A read that returned a write.
#[derive(Clone, Copy, Debug, Default)]
struct Returned {
    moment: u32,
    write: u32,
}

/// Why a read could not return what it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clash {
    /// It returned the initial value, and this write is visible.
    Missed(u32),
    /// This visible write overwrote what it returned.
    Overwritten(u32),
    /// What it returned was visible when this earlier read returned another write, which is visible.
    Swapped(u32),
}

const NONE: u32 = u32::MAX;

/// The moment of what an operation returns.
pub(super) fn returned_at(op: u32) -> u32 {
    2 * op + 1
}

/// The moment of what an operation writes.
pub(super) fn written_at(op: u32) -> u32 {
    if planted(Bug::UpdateReadsLate) { returned_at(op) } else { 2 * op + 2 }
}

/// The operation whose moment it is.
fn op_of(moment: u32) -> u32 {
    (moment - 1) / 2
}

impl Observer {
    pub(super) fn new(ops: u32, keys: usize) -> Self {
        let ops = ops as usize;
        Self {
            since: returned_at(0),
            seen: vec![0; ops],
            seen_before: vec![NONE; ops],
            keys: vec![Key::default(); keys],
        }
    }

    /// Begins with the session whose first operation is `op`.
    pub(super) fn restart(&mut self, op: u32) {
        self.since = returned_at(op);
    }

    /// When `write` became visible, if it did.
    fn moment(&self, write: u32) -> Option<u32> {
        Some(self.seen[write as usize]).filter(|&moment| moment >= self.since)
    }

    /// Has `write` be visible from the moment `now` on; `read_last` is when this session last read it, or
    /// less than `since`.
    pub(super) fn see(&mut self, write: u32, key: usize, now: u32, read_last: u32) {
        if self.moment(write).is_some() {
            return;
        }
        let key = &mut self.keys[key];
        if key.moment < self.since {
            *key = Key { newest: NONE, looked: [NONE; 2], ..Key::default() };
        }
        self.seen[write as usize] = now;
        self.seen_before[write as usize] = key.newest;
        key.moment = now;
        key.newest = write;
        if read_last >= self.since && !planted(Bug::SessionsForgetLateSight) {
            key.returned(Returned { moment: read_last, write });
        }
    }

    /// Judges a read of the initial value.
    pub(super) fn read_initial(&self, key: usize) -> Option<Clash> {
        let key = self.keys[key];
        let is_missed = key.moment >= self.since && !planted(Bug::SessionsForgetInitial);
        is_missed.then_some(Clash::Missed(key.newest))
    }

    /// Judges the read of `write` at the moment `now`. `overwrites(w)` says whether `w`, a write to the same key that
    /// became visible no earlier than `write`, overwrote it.
    pub(super) fn read(
        &mut self,
        write: u32,
        key: usize,
        now: u32,
        overwrites: impl Fn(u32) -> bool,
    ) -> Option<Clash> {
        let since = self.moment(write)?;
        if let Some(newer) = self.overwriting(write, key, since, overwrites) {
            return Some(Clash::Overwritten(newer));
        }
        let key = &mut self.keys[key];
        let other = key.reads.into_iter().find(|it| it.write != write && it.moment >= since);
        key.returned(Returned { moment: now, write });
        let other = other.filter(|_| !planted(Bug::SessionsForgetSwapped));
        other.map(|it| Clash::Swapped(op_of(it.moment)))
    }

    /// The writes that became visible since `write` did, newest first, to one that overwrote it. What
    /// was looked through before for the same write is not looked through again.
    fn overwriting(
        &mut self,
        write: u32,
        key: usize,
        since: u32,
        overwrites: impl Fn(u32) -> bool,
    ) -> Option<u32> {
        let newest = self.keys[key].newest;
        let [looked_for, until] = self.keys[key].looked;
        let until = if looked_for == write { until } else { NONE };
        let mut at = newest;
        while at != NONE && at != until && self.moment(at) >= Some(since) {
            if at != write && overwrites(at) && !planted(Bug::SessionsForgetOverwritten) {
                return Some(at);
            }
            at = self.seen_before[at as usize];
        }
        self.keys[key].looked = [write, newest];
        None
    }
}

impl Key {
    fn returned(&mut self, read: Returned) {
        let [last, other] = self.reads;
        self.reads = if last.write == read.write {
            [Returned { moment: last.moment.max(read.moment), ..read }, other]
        } else if last.moment > read.moment {
            let is_other = other.write != read.write && other.moment > read.moment;
            [last, if is_other { other } else { read }]
        } else {
            [read, last]
        };
    }
}
