//! The state machine.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Config;
use super::bugs::TAKES_TWICE;
use crate::{
    Answer, Boot, Bugs, Digest, Incarnation, Input, KvOp, Node, NodeId, Now, Outbox, PersistId,
    PlantedBug, Request, RequestId, Role, Status, Store,
};

/// Names an operation that a node passes on: in one life of it they are numbered from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ticket {
    /// The life of the node.
    pub incarnation: Incarnation,
    /// The number.
    pub number: u64,
}

/// Between nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Message {
    /// The holder is asked.
    Ask {
        /// To be named in the answer.
        ticket: Ticket,
        /// What is to be done.
        op: KvOp,
    },
    /// The holder answers.
    Tell {
        /// What it was asked by.
        ticket: Ticket,
        /// What became of it.
        answer: Answer,
    },
}

/// On the holder's disk: an operation that was done, and the node and ticket that requested it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    op: KvOp,
    by: Option<(NodeId, Ticket)>,
}

/// A node.
#[derive(Clone, Debug)]
pub struct Solo {
    bugs: Bugs,
    me: NodeId,
    holder: NodeId,
    incarnation: Incarnation,
    store: Store,
    /// The highest ticket that was taken of each node.
    taken: BTreeMap<NodeId, Ticket>,
    /// Requests that were passed on, by the number of their ticket.
    waiting: BTreeMap<u64, RequestId>,
    passed: u64,
    persisted: PersistId,
    durable: PersistId,
}

type Out<'a> = Outbox<'a, Message, Record, ()>;

impl Node for Solo {
    type Message = Message;
    type Record = Record;
    type Timer = ();
    type Config = (Config, Vec<PlantedBug>);

    fn recover(
        (_, bugs): &Self::Config,
        boot: Boot,
        records: impl IntoIterator<Item = Record>,
    ) -> Self {
        let (mut store, mut taken) = (Store::default(), BTreeMap::<NodeId, Ticket>::new());
        for Record { op, by } in records {
            store.apply(&op);
            if let Some((node, ticket)) = by {
                let highest = taken.entry(node).or_insert(ticket);
                *highest = ticket.max(*highest);
            }
        }
        Self {
            bugs: Bugs::new(bugs.clone()),
            me: boot.me,
            holder: boot.members[0],
            incarnation: boot.incarnation,
            store,
            taken,
            waiting: BTreeMap::new(),
            passed: 0,
            persisted: PersistId(0),
            durable: PersistId(0),
        }
    }

    fn handle(&mut self, _now: Now, input: Input<Message, ()>, out: &mut Out<'_>) {
        match input {
            Input::Request { id, request } => self.on_request(id, request, out),
            Input::Message { from, message: Message::Ask { ticket, op } } => {
                self.on_ask(from, ticket, op, out);
            }
            Input::Message { message: Message::Tell { ticket, answer }, .. } => {
                if ticket.incarnation == self.incarnation
                    && let Some(id) = self.waiting.remove(&ticket.number)
                {
                    out.reply(id, answer);
                }
            }
            Input::Durable(id) => self.durable = id,
            // It has nothing to do before it is asked, no timer, no primary and no log to compact.
            Input::Start | Input::Timer(()) | Input::Admin(_) => {}
        }
    }

    fn status(&self) -> Status {
        Status {
            role: Role::Peer,
            epoch: 0,
            // Who was never answered is of no interest to anybody any more.
            settled: self.durable == self.persisted,
            digest: if self.me == self.holder { self.store.digest() } else { Digest(0) },
            bug_hits: self.bugs.hits(),
            members: None,
        }
    }

    fn describe(message: &Message) -> String {
        match message {
            Message::Ask { ticket, .. } => format!("ask {}", ticket.number),
            Message::Tell { ticket, .. } => format!("tell {}", ticket.number),
        }
    }
}

impl Solo {
    fn on_request(&mut self, id: RequestId, request: Request, out: &mut Out<'_>) {
        let op = request.op;
        if self.me == self.holder {
            let answer = self.act(op, None, out);
            out.reply(id, answer);
        } else {
            // Also where it is asked for what it holds itself: what it shows is the holder's.
            self.passed += 1;
            self.waiting.insert(self.passed, id);
            let ticket = Ticket { incarnation: self.incarnation, number: self.passed };
            out.send(self.holder, Message::Ask { ticket, op });
        }
    }

    fn on_ask(&mut self, from: NodeId, ticket: Ticket, op: KvOp, out: &mut Out<'_>) {
        let is_late = self.taken.get(&from).is_some_and(|highest| ticket <= *highest);
        if is_late && (op.is_read() || !self.bugs.hit(TAKES_TWICE)) {
            return;
        }
        let answer = self.act(op, Some((from, ticket)), out);
        out.send(from, Message::Tell { ticket, answer });
    }

    /// Does it. The answer leaves the node when the disk holds all records before it.
    fn act(&mut self, op: KvOp, by: Option<(NodeId, Ticket)>, out: &mut Out<'_>) -> Answer {
        if op.is_read() {
            return self.store.read(&op);
        }
        if let Some((node, ticket)) = by {
            self.taken.insert(node, ticket);
        }
        let answer = self.store.apply(&op);
        self.persisted = out.persist(Record { op, by });
        answer
    }
}
