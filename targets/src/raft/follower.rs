//! The follower's side: hold what the leader holds.

use super::bugs::{COMMIT_UNCLAMPED, FOLLOWER_ACK_EARLY, PREVIOUS_UNCHECKED, SNAPSHOT_DROPS_TAIL};
use super::log::Log;
use super::node::Part;
use super::timing::Out;
use super::{Command, Entry, Message, Place, Raft, Record, Snapshot};
use crate::{NodeId, Now, TraceEvent};

impl Raft {
    /// Follows the leader of `term`; refuses one whose term is over. Whether it follows it.
    pub(super) fn follow(&mut self, now: Now, from: NodeId, term: u64, out: &mut Out<'_>) -> bool {
        if term < self.term {
            // Beats are numbered within a term: of this one, the refusal answers none.
            let shares = self.last();
            out.send(from, Message::Refuse { term: self.term, shares, beat: 0 });
            return false;
        }
        if term > self.term || self.leader != Some(from) || !matches!(self.part, Part::Follower) {
            self.step_down(now, term, Some(from), out);
        }
        self.heard = Some(now.monotonic);
        self.wait_on(now);
        true
    }

    pub(super) fn on_append(
        &mut self,
        (previous, entries, commit): (Place, Vec<Entry>, u64),
        beat: u64,
        out: &mut Out<'_>,
    ) {
        let Some(leader) = self.leader else { return };
        let matched = previous.index + entries.len() as u64;
        if !self.shares(previous) {
            // What is compacted here is committed, and so the leader's.
            let shares = self.log.up_to(previous).unwrap_or(self.log.base());
            return out.send(leader, Message::Refuse { term: self.term, shares, beat });
        }
        for (index, entry) in (previous.index + 1..).zip(entries) {
            self.take(index, entry, out);
        }
        let known = if self.bugs.has(COMMIT_UNCLAMPED) {
            let known = commit.min(self.last().index);
            if known > commit.min(matched) && known > self.commit {
                self.bugs.hit(COMMIT_UNCLAMPED);
            }
            known
        } else {
            commit.min(matched)
        };
        self.commit = self.commit.max(known);
        self.apply(out);
        self.acknowledge(leader, matched, beat, out);
    }

    /// Whether this log has the leader's entry at a place, and so all before it. What is committed
    /// and compacted is the leader's in any case.
    fn shares(&mut self, place: Place) -> bool {
        place.index < self.log.base().index
            || self.log.term_at(place.index) == Some(place.term)
            || place.index <= self.last().index && self.bugs.hit(PREVIOUS_UNCHECKED)
    }

    /// Takes an entry of the leader, in place of another one if need be.
    fn take(&mut self, index: u64, entry: Entry, out: &mut Out<'_>) {
        if index <= self.log.base().index || self.log.term_at(index) == Some(entry.term) {
            return;
        }
        if index <= self.last().index {
            let len = index - 1;
            self.log.truncate(len);
            let id = out.persist(Record::Truncate(len));
            for (_, held) in &mut self.persisting {
                *held = len.min(*held);
            }
            self.on_disk = len.min(self.on_disk);
            self.persisting.push_back((id, self.on_disk));
            self.members.forget((&self.log, self.applied));
            out.trace(TraceEvent::Forgot { len });
        }
        if let Command::Members(members) = &entry.command {
            self.members.append(index, members);
        }
        self.log.push(entry.clone());
        let id = out.persist(Record::Append(entry));
        self.persisting.push_back((id, index));
    }

    fn acknowledge(&mut self, leader: NodeId, matched: u64, beat: u64, out: &mut Out<'_>) {
        let message = Message::Ack { term: self.term, matched, beat };
        if !self.persisting.is_empty() && self.bugs.hit(FOLLOWER_ACK_EARLY) {
            return out.send_without_waiting_for_disk(leader, message);
        }
        out.send(leader, message);
    }

    pub(super) fn on_snapshot(&mut self, snapshot: Snapshot, beat: u64, out: &mut Out<'_>) {
        let Some(leader) = self.leader else { return };
        let Place { index, term } = snapshot.place;
        if index > self.commit {
            let has_it = self.log.term_at(index) == Some(term);
            let drops = has_it && self.last().index > index && self.bugs.hit(SNAPSHOT_DROPS_TAIL);
            let snapshot = Box::new(snapshot);
            self.snapshot = (*snapshot).clone();
            let record = if has_it && !drops {
                self.log.compact(index);
                Record::Compact(snapshot)
            } else {
                self.log = Log::since(snapshot.place);
                Record::Install(snapshot)
            };
            let last = self.last().index;
            for (_, held) in &mut self.persisting {
                *held = last.min(*held);
            }
            self.on_disk = last.min(self.on_disk);
            let id = out.persist(record);
            self.persisting.push_back((id, index.max(self.on_disk)));
            self.machine = self.snapshot.machine.clone();
            (self.commit, self.applied) = (index, index);
            self.members.install(self.snapshot.members.as_ref(), (&self.log, index));
            out.trace(TraceEvent::Installed { index, epoch: term });
            self.answer_held(out);
        }
        // What is committed here is the leader's.
        self.acknowledge(leader, index, beat, out);
    }
}
