//! Where no session can go on: which choice that comes from.

use super::search::{CutSearch, Wait};
use crate::plant::{Bug, planted};

impl CutSearch<'_> {
    /// How many of the first choices leave no order, whatever is chosen after them.
    ///
    /// Each session that is not at its end waits for an operation of another, or for one that is to read
    /// the value of a locked key. From each there is a circle of waits. None of the operations in it
    /// can be the first of them that is taken while the locks in it are held, and those are held until then:
    /// so all is lost from the last write on that holds one of them. Of several circles the earliest counts.
    pub(super) fn stuck_since(&self) -> usize {
        if planted(Bug::SequentialBlameFirst) {
            return 0;
        }
        let count = self.next.len();
        let mut seen = vec![usize::MAX; count];
        let is_left = |session: &usize| self.next[*session] < self.of.sessions.ops(*session).end;
        let level = |start: usize| {
            let (mut session, mut path) = (start, Vec::new());
            while seen[session] == usize::MAX {
                seen[session] = start;
                path.push(session);
                session = self.awaits(session)?.0;
            }
            if seen[session] != start {
                return None; // It leads to a circle that was found before.
            }
            let from = path.iter().position(|&it| it == session)?;
            let locks = path[from..].iter().filter_map(|&it| self.awaits(it)?.1);
            Some(locks.map(|holder| self.level(holder)).max().unwrap_or(0))
        };
        let left: Vec<usize> = (0..count).filter(is_left).collect();
        left.into_iter().filter_map(level).min().unwrap_or(self.frames_count())
    }

    /// The session that `session` waits for; and which write holds the lock, if that is why.
    fn awaits(&self, session: usize) -> Option<(usize, Option<u32>)> {
        let op = self.next[session];
        let session_of = |op: u32| self.of.session_of[op as usize] as usize;
        match self.wait(op)? {
            Wait::For(missing) => Some((session_of(missing), None)),
            Wait::Locked(key) => {
                let holder = self.locks[key].holder;
                let reads = match holder {
                    Some(write) => self.of.readers.of(write),
                    None => self.of.readers.of_initial(key),
                };
                let is_missing =
                    |read: &&u32| **read != op && **read >= self.next[session_of(**read)];
                Some((session_of(*reads.iter().find(is_missing)?), holder))
            }
        }
    }
}
