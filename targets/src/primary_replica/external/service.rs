//! A member of the service: the replicated lock, and at its leader the sessions.

use std::collections::{BTreeMap, VecDeque};

use super::message::{Lock, Message, Record};
use super::out::{Out, Timer};
use crate::raft::{self, Raft, Reads, Writes};
use crate::{
    Answer, Boot, Effect, Emit, Incarnation, Input, KvOp, Nanos, Node, NodeId, Now, Request,
    RequestId, Returned, Role, Value,
};

/// A session that the service has not heard for this long is lost.
pub(super) const SESSION_ENDS_AFTER: Nanos = 300_000_000;

/// The register that holds the lock's number: positive while it is held, negative once it is free.
const LOCK: &str = "primary";

/// Whose beat is to be answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beat {
    pub(super) from: NodeId,
    pub(super) life: Incarnation,
    pub(super) number: u64,
    pub(super) holds: Option<u64>,
}

/// What the leader has asked of the replicated lock.
#[derive(Clone, Copy, Debug)]
enum Asked {
    /// Its number, to answer a beat.
    Number(Beat),
    /// That it be there.
    Create,
    /// That a session hold it under this number.
    Hold(Beat, u64),
    /// That it be free.
    Free,
}

/// What a leader knows of sessions, in one term.
#[derive(Clone, Debug, Default)]
struct Term {
    epoch: u64,
    /// The number under which the lock is held, and when its session was heard last.
    held: Option<(u64, Nanos)>,
    /// To which life of which node a number was given.
    given: Option<(u64, NodeId, Incarnation)>,
    /// Whether a change of the lock is under way, and whether that is the end of a session.
    changing: bool,
    ending: bool,
}

/// A member of the service.
#[derive(Clone, Debug)]
pub(super) struct Service {
    raft: Box<Raft>,
    scratch: Vec<Emit<raft::Message, raft::Record, raft::Timer>>,
    members: Vec<NodeId>,
    asked: BTreeMap<RequestId, Asked>,
    next: u64,
    leads: Term,
    /// Answers of the replicated lock that are not taken in yet.
    answers: VecDeque<(RequestId, Answer)>,
    /// What sessions are to be told.
    pub(super) told: VecDeque<(NodeId, Incarnation, u64, Lock)>,
}

impl Service {
    pub(super) fn recover(boot: Boot, records: impl IntoIterator<Item = raft::Record>) -> Self {
        let members = boot.members.clone();
        let config = ((Reads::ReadIndex, Writes::Leader), Vec::new());
        Self {
            raft: Box::new(Raft::recover(&config, boot, records)),
            scratch: Vec::new(),
            members,
            asked: BTreeMap::new(),
            next: 0,
            leads: Term::default(),
            answers: VecDeque::new(),
            told: VecDeque::new(),
        }
    }

    /// Gives the member an input of its own.
    pub(super) fn handle(
        &mut self,
        now: Now,
        input: Input<raft::Message, raft::Timer>,
        out: &mut Out<'_>,
    ) {
        self.step(now, input, out);
        self.handle_answers(now, out);
    }

    fn step(&mut self, now: Now, input: Input<raft::Message, raft::Timer>, out: &mut Out<'_>) {
        let Self { raft, scratch, answers, .. } = self;
        out.within_some(
            scratch,
            |effect| match effect {
                Effect::Reply { id, response } => {
                    answers.push_back((id, response.answer));
                    None
                }
                // Its terms are not the cluster's epochs, nor its log the cluster's.
                Effect::Trace(_) => None,
                other => Some(other.map(Message::Service, Record::Service, Timer::Service)),
            },
            |out| raft.handle(now, input, out),
        );
    }

    fn ask(&mut self, now: Now, asked: Asked, op: KvOp, out: &mut Out<'_>) {
        self.next += 1;
        let id = RequestId(self.next);
        self.asked.insert(id, asked);
        self.step(now, Input::Request { id, request: Request::of_nobody(op) }, out);
    }

    /// Whether this member leads; what a leader of an earlier term knew is forgotten.
    fn leads(&mut self) -> bool {
        let status = self.raft.status();
        let leads = status.role == Role::Primary;
        if !leads || status.epoch != self.leads.epoch {
            self.leads = Term { epoch: status.epoch, ..Term::default() };
        }
        leads
    }

    /// A session is alive.
    pub(super) fn on_beat(&mut self, now: Now, beat: Beat, out: &mut Out<'_>) {
        if !self.leads() {
            return;
        }
        self.keep(now, beat);
        self.ask(now, Asked::Number(beat), KvOp::Get { key: LOCK.into() }, out);
        // The leader is sure at once where there is no other member.
        self.handle_answers(now, out);
    }

    fn handle_answers(&mut self, now: Now, out: &mut Out<'_>) {
        while let Some((id, answer)) = self.answers.pop_front() {
            if let Some(asked) = self.asked.remove(&id) {
                self.on_answer(now, asked, &answer, out);
            }
        }
    }

    /// The session that holds the lock was heard, unless its end is proposed.
    fn keep(&mut self, now: Now, beat: Beat) {
        if let Some((number, heard)) = &mut self.leads.held
            && beat.holds == Some(*number)
            && !self.leads.ending
        {
            *heard = now.monotonic;
        }
    }

    /// Ends the session that holds the lock if it was not heard.
    pub(super) fn check(&mut self, now: Now, out: &mut Out<'_>) {
        if !self.leads() || self.leads.changing {
            return;
        }
        if let Some((number, heard)) = self.leads.held
            && now.monotonic >= heard.saturating_add(SESSION_ENDS_AFTER)
        {
            let old = Value::try_from(number).unwrap_or(Value::MAX);
            (self.leads.changing, self.leads.ending) = (true, true);
            self.ask(now, Asked::Free, KvOp::Cas { key: LOCK.into(), old, new: -old }, out);
            self.handle_answers(now, out);
        }
    }

    fn on_answer(&mut self, now: Now, asked: Asked, answer: &Answer, out: &mut Out<'_>) {
        if !self.leads() {
            return;
        }
        match (asked, answer) {
            (Asked::Number(beat), Answer::Ok { returned: Returned::Value(value) }) => {
                self.on_number(now, beat, *value, out);
            }
            (Asked::Hold(beat, number), Answer::Ok { .. }) => {
                self.leads.changing = false;
                self.leads.held = Some((number, now.monotonic));
                self.leads.given = Some((number, beat.from, beat.life));
                self.told.push_back((beat.from, beat.life, beat.number, Lock::Yours(number)));
            }
            (Asked::Free, Answer::Ok { .. }) => {
                (self.leads.changing, self.leads.ending) = (false, false);
                (self.leads.held, self.leads.given) = (None, None);
            }
            // Nobody but the leader changes the lock, so this is of an earlier term.
            (Asked::Number(_), _) => {}
            (Asked::Create | Asked::Hold(..) | Asked::Free, _) => {
                (self.leads.changing, self.leads.ending) = (false, false);
            }
        }
    }

    /// The lock's number, as it was after a beat arrived.
    fn on_number(&mut self, now: Now, beat: Beat, value: Option<Value>, out: &mut Out<'_>) {
        let key = || LOCK.into();
        let Some(value) = value else {
            if !self.leads.changing {
                self.leads.changing = true;
                self.ask(now, Asked::Create, KvOp::Put { key: key(), value: 0 }, out);
            }
            return;
        };
        let number = value.unsigned_abs();
        if value > 0 {
            if self.leads.held.is_none_or(|(held, _)| held != number) {
                self.leads.held = Some((number, now.monotonic));
            }
            let given = self.leads.given == Some((number, beat.from, beat.life));
            let its = beat.holds == Some(number) || given && beat.holds.is_none();
            if its && self.leads.ending {
                return;
            }
            let lock = if its { Lock::Yours(number) } else { Lock::NotYours(number) };
            return self.told.push_back((beat.from, beat.life, beat.number, lock));
        }
        self.leads.held = None;
        self.told.push_back((beat.from, beat.life, beat.number, Lock::NotYours(number)));
        if !self.leads.changing {
            self.leads.changing = true;
            let new = self.number_of(beat.from, number);
            let op = KvOp::Cas { key: key(), old: value, new: new.cast_signed() };
            self.ask(now, Asked::Hold(beat, new), op, out);
        }
    }

    /// The next number that names this node.
    fn number_of(&self, node: NodeId, after: u64) -> u64 {
        let nodes = self.members.len() as u64;
        let rank = self.members.iter().position(|&member| member == node).unwrap_or(0) as u64;
        (after / nodes + 1) * nodes + rank
    }
}
