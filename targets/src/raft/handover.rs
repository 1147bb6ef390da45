//! A leader that hands over to another node (thesis, section 3.10).
//!
//! It takes no proposals until the other node has the whole log and all of it is committed: so no client is left
//! without an answer. Then it asks that node to campaign at once. Voters help, though they hear the leader: it was
//! the leader that asked. If nothing has come of it after the least time of an election, it goes on leading.
//!
//! A lease rests on voters that do not help to replace a leader which they hear. So a leader that has asked another
//! to take over has no lease any more in that term, even if it goes on: what it asked may be answered late.

use super::begun::Handover;
use super::node::Part;
use super::timing::{ELECTION_AFTER, Out};
use super::{Message, Raft, Round};
use crate::{FailCode, NodeId, Now};

impl Raft {
    /// Begins to hand over. The same handover twice is one.
    pub(super) fn hand_over(
        &mut self,
        now: Now,
        to: NodeId,
        out: &mut Out<'_>,
    ) -> Result<(), FailCode> {
        if !self.leads() {
            return Err(FailCode::NotPrimary);
        }
        if to == self.me {
            return Ok(());
        }
        // A node that joins would be added while nothing else is appended.
        let other = self.joining.is_some() || self.handover.is_some_and(|it| it.to != to);
        if other || !self.others().any(|node| node == to) {
            return Err(FailCode::NotReady);
        }
        if self.handover.is_none() {
            let until = now.monotonic.saturating_add(ELECTION_AFTER);
            self.handover = Some(Handover { to, until, was_asked: false });
            self.broadcast(now, out);
        }
        Ok(())
    }

    /// Asks the other node, once it has everything and nothing is open.
    pub(super) fn go_on_handing_over(&mut self, out: &mut Out<'_>) {
        let last = self.last().index;
        let (Some(handover), Part::Leader(lead)) = (&mut self.handover, &self.part) else { return };
        let has_all = lead.peers.get(&handover.to).is_some_and(|peer| peer.matched == last);
        if handover.was_asked || !has_all || self.commit != last {
            return;
        }
        handover.was_asked = true;
        self.gave_up_lease_in = self.term;
        let message = Message::TakeOver { term: self.term };
        out.send_without_waiting_for_disk(handover.to, message);
    }

    /// At a heartbeat: the question may be lost, or the other node dead.
    pub(super) fn ask_again_or_give_up(&mut self, now: Now) {
        self.handover = self.handover.filter(|it| now.monotonic < it.until);
        if let Some(handover) = &mut self.handover {
            handover.was_asked = false;
        }
    }

    /// The leader that this node follows asks it to take over.
    pub(super) fn on_take_over(&mut self, now: Now, from: NodeId, term: u64, out: &mut Out<'_>) {
        let follows = self.leader == Some(from) && matches!(self.part, Part::Follower);
        if term == self.term && follows && self.may_lead() {
            self.wait_anew(now, out);
            self.campaign(Round::Handover, out);
        }
    }
}
