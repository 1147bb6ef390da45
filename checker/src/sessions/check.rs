//! One pass over each session, for all four guarantees.

use super::observer::{Clash, Observer, returned_at, written_at};
use super::story::GuaranteeStory;
use crate::plant::{Bug, planted};
use crate::weak::{
    Breach, CLOCKS, Clocks, NoClocks, Readers, Reads, Reasons, Sessions, Source, WeakJudgement,
    Wiring,
};
use crate::{Budget, Consistency};

/// The guarantees, in the order in which [`check`] judges them.
pub const GUARANTEES: [Consistency; 4] = [
    Consistency::ReadYourWrites,
    Consistency::MonotonicReads,
    Consistency::MonotonicWrites,
    Consistency::WritesFollowReads,
];

/// Judges the [`GUARANTEES`]. Of the budget it takes the bytes, of which vector clocks take up to four
/// for each session and each read of another session's write. O(n k).
pub fn check(sessions: &Sessions, budget: &Budget) -> [WeakJudgement; 4] {
    let session_of = sessions.session_of_each();
    let wiring = Wiring::new(Reads::All);
    let reasons = Reasons { sessions, session_of: &session_of, wiring: &wiring };
    let clocks = Clocks::new(sessions, &session_of, &wiring, budget.bytes);
    let readers = Readers::new(sessions);
    let mut pass = Pass::new(&reasons, clocks.as_ref().ok(), &readers);
    for session in 0..sessions.count() {
        pass.session(session);
    }
    let found = pass.found;
    let mut judgements = [0, 1, 2, 3].map(|at| match found[at] {
        Some((read, clash)) => {
            let story = GuaranteeStory { reasons, readers: &readers, clocks: clocks.as_ref().ok() };
            let evidence = story.of(GUARANTEES[at], read, clash);
            WeakJudgement::Broken(Breach::new(&reasons, GUARANTEES[at], evidence))
        }
        None => WeakJudgement::Holds,
    });
    match clocks {
        Err(NoClocks::Circle(circle)) => {
            let evidence = reasons.of_circle(&circle);
            let breach = Breach::new(&reasons, Consistency::WritesFollowReads, evidence);
            judgements[FOLLOWS] = WeakJudgement::Broken(breach);
        }
        Err(NoClocks::TooLarge) => {
            judgements[FOLLOWS] = WeakJudgement::out_of_bytes(CLOCKS, budget);
        }
        Ok(_) => {}
    }
    judgements
}

const OWN: usize = 0;
const WRITES: usize = 2;
const FOLLOWS: usize = 3;

struct Pass<'a> {
    sessions: &'a Sessions,
    session_of: &'a [u32],
    clocks: Option<&'a Clocks<'a>>,
    readers: &'a Readers,
    observers: [Observer; 4],
    /// When each write was last read by the session at hand.
    read_last: Vec<u32>,
    /// How much of each session precedes, in it, writes that the session at hand has seen.
    before_seen: Vec<u32>,
    /// How much of each session precedes causally writes that the session at hand has seen.
    cause_of_seen: Vec<u32>,
    /// For each guarantee the first read that breaks it.
    found: [Option<(u32, Clash)>; 4],
}

impl<'a> Pass<'a> {
    fn new(reasons: &Reasons<'a>, clocks: Option<&'a Clocks<'a>>, readers: &'a Readers) -> Self {
        let Reasons { sessions, session_of, .. } = *reasons;
        let observer = Observer::new(sessions.len(), sessions.keys());
        let starts: Vec<u32> = (0..sessions.count()).map(|it| sessions.ops(it).start).collect();
        Self {
            sessions,
            session_of,
            clocks,
            readers,
            observers: [observer.clone(), observer.clone(), observer.clone(), observer],
            read_last: vec![0; sessions.len() as usize],
            before_seen: starts.clone(),
            cause_of_seen: starts,
            found: [None; 4],
        }
    }

    fn session(&mut self, session: usize) {
        let ops = self.sessions.ops(session);
        for observer in &mut self.observers {
            observer.restart(ops.start);
        }
        for other in 0..self.sessions.count() {
            self.before_seen[other] = self.sessions.ops(other).start;
            self.cause_of_seen[other] = self.sessions.ops(other).start;
        }
        for op in ops {
            let key = self.sessions.key(op);
            match self.sessions.source(op) {
                None => {}
                Some(Source::Initial) => {
                    for (observer, found) in self.observers.iter().zip(&mut self.found) {
                        let clash = observer.read_initial(key).map(|clash| (op, clash));
                        *found = found.or(clash);
                    }
                }
                Some(Source::Write(write)) => self.read(op, key, write),
            }
            if self.sessions.is_write(op) && !planted(Bug::SessionsForgetOwn) {
                let read_last = self.read_last[op as usize];
                self.observers[OWN].see(op, key, written_at(op), read_last);
            }
        }
    }

    fn read(&mut self, op: u32, key: usize, write: u32) {
        self.see_what_its_session_wrote(op, write);
        self.see_what_its_session_had_seen(op, write);
        let other = self.session_of[write as usize];
        let overwrites = |newer: u32| self.session_of[newer as usize] == other && newer > write;
        let [own, reads, writes, follows] = &mut self.observers;
        let now = returned_at(op);
        let clashes = [
            own.read(write, key, now, |_| false),
            reads.read(write, key, now, |_| false),
            writes.read(write, key, now, overwrites),
            self.clocks.and_then(|clocks| {
                follows.read(write, key, now, |newer| {
                    self.readers.before(write, newer, clocks).is_some()
                })
            }),
        ];
        for (found, clash) in self.found.iter_mut().zip(clashes) {
            *found = found.or(clash.map(|clash| (op, clash)));
        }
        self.read_last[write as usize] = now;
        if !planted(Bug::SessionsForgetReads) {
            reads.see(write, key, now, now);
        }
    }

    fn see_what_its_session_wrote(&mut self, op: u32, write: u32) {
        let home = self.session_of[write as usize] as usize;
        let trunk = self.sessions.trunk(home);
        let before = trunk.map(|trunk| (self.session_of[trunk as usize] as usize, trunk + 1));
        for (session, end) in before.into_iter().chain([(home, write)]) {
            let seen = self.before_seen[session];
            for earlier in seen..end {
                if self.sessions.is_write(earlier) {
                    let read_last = self.read_last[earlier as usize];
                    let key = self.sessions.key(earlier);
                    self.observers[WRITES].see(earlier, key, returned_at(op), read_last);
                }
            }
            self.before_seen[session] = seen.max(end);
        }
    }

    fn see_what_its_session_had_seen(&mut self, op: u32, write: u32) {
        let Some(clocks) = self.clocks else { return };
        let home = self.session_of[write as usize] as usize;
        if self.cause_of_seen[home] > write {
            return;
        }
        if planted(Bug::SessionsForgetCauses) {
            return;
        }
        for (session, &end) in clocks.row(write).iter().enumerate() {
            // The write itself, too: an update had seen what it returned.
            let end = if session == home { write + 1 } else { end };
            let seen = self.cause_of_seen[session];
            for source in (seen..end).filter_map(|it| self.sessions.write_read(it)) {
                let read_last = self.read_last[source as usize];
                let key = self.sessions.key(source);
                self.observers[FOLLOWS].see(source, key, returned_at(op), read_last);
            }
            self.cause_of_seen[session] = seen.max(end);
        }
    }
}
