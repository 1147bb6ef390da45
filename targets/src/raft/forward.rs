//! Writes that a follower forwards to the leader, and resends until they are applied.
//!
//! A follower waits until it has applied the entry itself: no answer of the leader can be lost. It cannot
//! know whether its message or an acknowledgement was lost, so a retry may be the second entry of one
//! write. The session table has that applied once.

use super::bugs::SESSION_LOST_ON_FAILOVER;
use super::held::Forwarded;
use super::node::Part;
use super::timing::{Out, Timer};
use super::{Command, Message, Raft};
use crate::{Answer, Caller, KvOp, Nanos, Now, RequestId};

/// A follower sends a write again after this long.
const RETRY_AFTER: Nanos = 100_000_000;
/// The number of attempts: after that the outcome is unknown.
const TRIES: u32 = 20;

impl Raft {
    /// Whether this node leads, or knows who does.
    pub(crate) fn knows_a_leader(&self) -> bool {
        self.leader.is_some()
    }

    /// Forwards a write to the leader, unless this node must not, knows no leader, or could not
    /// identify the write: then the client is referred to the leader, and nothing was done.
    pub(super) fn forward(
        &mut self,
        id: RequestId,
        op: KvOp,
        caller: Option<Caller>,
        out: &mut Out<'_>,
    ) {
        let (Some(caller), true, Some(_)) = (caller, self.writes.at_any_node(), self.leader) else {
            return self.refuse(id, out);
        };
        self.forwarded.insert(caller, Forwarded { id, op, tries: 0 });
        self.send_on(caller, out);
    }

    fn send_on(&mut self, caller: Caller, out: &mut Out<'_>) {
        let Some(write) = self.forwarded.get_mut(&caller) else { return };
        write.tries += 1;
        let op = write.op.clone();
        match self.leader {
            Some(leader) if leader != self.me => {
                out.send_without_waiting_for_disk(leader, Message::Propose { caller, op });
            }
            Some(_) | None => {}
        }
        out.set_timer(Timer::Retry(caller), RETRY_AFTER);
    }

    pub(super) fn on_retry_timer(&mut self, now: Now, caller: Caller, out: &mut Out<'_>) {
        self.answer_forwarded(caller, out); // A snapshot may have told.
        let Some(write) = self.forwarded.get(&caller) else { return };
        if write.tries >= TRIES {
            let reason = "no leader has committed it in time".to_owned();
            out.reply_without_waiting_for_disk(write.id, Answer::Indeterminate { reason });
            self.forwarded.remove(&caller);
            return;
        }
        let op = write.op.clone();
        self.send_on(caller, out);
        self.on_propose(now, caller, op, out); // It may lead by now.
    }

    /// The leader: appends what a follower forwards, perhaps for the second time.
    pub(super) fn on_propose(&mut self, now: Now, caller: Caller, op: KvOp, out: &mut Out<'_>) {
        // One that hands over proposes nothing more; the follower asks again.
        if matches!(self.part, Part::Leader(_)) && self.handover.is_none() {
            if self.bugs.has(SESSION_LOST_ON_FAILOVER) && !self.proposed.insert(caller) {
                return;
            }
            self.append(Command::Op { op, caller: Some(caller) }, out);
            self.broadcast(now, out);
        }
    }

    /// Answers a write that was forwarded and is applied here.
    pub(super) fn answer_forwarded(&mut self, caller: Caller, out: &mut Out<'_>) {
        if let Some(answer) = self.machine.answer(caller)
            && let Some(write) = self.forwarded.remove(&caller)
        {
            out.reply_without_waiting_for_disk(write.id, answer);
        }
    }
}
