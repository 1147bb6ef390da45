//! Applying what is committed, and forgetting what a snapshot stands for.

use super::bugs::{
    LOCK_OWNER_UNCHECKED, RETRY_APPLIES_TWICE, SESSION_LOST_ON_FAILOVER, SNAPSHOT_FORGETS_MEMBERS,
};
use super::node::kept_from;
use super::timing::Out;
use super::{Command, Raft, Record, Snapshot};
use crate::TraceEvent;

/// Entries applied since the last snapshot before there is another.
const SNAPSHOT_EVERY: u64 = 128;

impl Raft {
    /// Applies what is committed, and answers who waits for it. What is committed is on the disks of a
    /// majority, so an answer need not wait for this one.
    pub(super) fn apply(&mut self, out: &mut Out<'_>) {
        while self.applied < self.commit
            && let Some(entry) = self.log.get(self.applied + 1)
        {
            self.applied += 1;
            let (index, epoch) = (self.applied, entry.term);
            let is_retry = self.machine.done(&entry.command).is_some();
            let twice = is_retry
                && (self.bugs.hit(RETRY_APPLIES_TWICE) || self.bugs.hit(SESSION_LOST_ON_FAILOVER));
            let answer = match self.machine.released_by_anyone(&entry.command) {
                Some(command) if self.bugs.hit(LOCK_OWNER_UNCHECKED) => {
                    self.machine.apply(&command)
                }
                _ if twice => self.machine.apply_anew(&entry.command),
                _ => self.machine.apply(&entry.command),
            };
            let answer = self.foretold.remove(&index).or(answer);
            let caller = match entry.command {
                Command::Op { caller, .. } => caller,
                Command::Members(ref members) => {
                    self.members.apply(index, members);
                    None
                }
                Command::Begin => None,
            };
            out.trace(TraceEvent::Applied { index, epoch });
            if let Some(caller) = caller {
                self.answer_forwarded(caller, out);
            }
            if let Some((id, _)) = self.waiting.remove(&index)
                && let Some(answer) = answer
            {
                out.reply_without_waiting_for_disk(id, answer);
            }
        }
        self.answer_held(out);
        if self.applied >= self.snapshot.place.index + SNAPSHOT_EVERY {
            self.compact(out);
        }
    }

    pub(super) fn compact(&mut self, out: &mut Out<'_>) {
        let Some(place) = self.log.place(self.applied) else { return };
        let mut members = self.members.for_snapshot();
        if members.is_some() && self.bugs.hit(SNAPSHOT_FORGETS_MEMBERS) {
            members = None;
        }
        self.snapshot = Snapshot { place, members, machine: self.machine.clone() };
        self.log.compact(kept_from(place.index, &self.log));
        let id = out.persist(Record::Compact(Box::new(self.snapshot.clone())));
        self.persisting.push_back((id, self.on_disk));
    }
}
