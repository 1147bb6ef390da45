//! A primary and its backup: n1 takes writes, ships its log to n2, and acknowledges what n2 has.

use std::collections::BTreeMap;

use rashomon::{
    Answer, Boot, Digest, FailCode, Input, KvOp, NodeId, Now, Outbox, ReadLevel, Request,
    RequestId, Role, Status, Store,
};
use serde::{Deserialize, Serialize};

const PRIMARY: NodeId = NodeId(1);
const BACKUP: NodeId = NodeId(2);
const RESEND: u64 = 20_000_000;

/// Which draft of the protocol to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Draft {
    /// The backup answers reads from what it holds. That is the mistake: it may not have what the
    /// primary has already shown.
    First,
    /// The backup sends readers to the primary.
    Second,
}

/// What nodes say to each other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Message {
    /// The log from a place on.
    Append(usize, Vec<KvOp>),
    /// This much of the log is durable here.
    Have(usize),
}

/// A node.
pub struct PrimaryBackup {
    draft: Draft,
    me: NodeId,
    log: Vec<KvOp>,
    store: Store,
    /// How much of the log the backup has.
    acked: usize,
    /// Who waits until the backup has this much.
    waiting: BTreeMap<usize, RequestId>,
}

type Out<'a, 'b> = &'a mut Outbox<'b, Message, KvOp, ()>;

impl PrimaryBackup {
    fn ask(&mut self, id: RequestId, Request { op, read, .. }: Request, out: Out) {
        let answers = self.me == PRIMARY || read == ReadLevel::Local;
        if op.is_read() && (answers || self.draft == Draft::First) {
            return out.reply(id, self.store.read(&op));
        }
        if self.me != PRIMARY {
            return out.reply(id, Answer::Fail { code: FailCode::NotPrimary, hint: Some(PRIMARY) });
        }
        self.append(op, out);
        self.waiting.insert(self.log.len(), id);
        self.ship(out);
    }

    fn append(&mut self, op: KvOp, out: Out) {
        self.store.apply(&op);
        self.log.push(op.clone());
        out.persist(op);
    }

    fn ship(&self, out: Out) {
        out.send(BACKUP, Message::Append(self.acked, self.log[self.acked..].to_vec()));
    }

    fn hear(&mut self, message: Message, out: Out) {
        match message {
            Message::Append(from, ops) => {
                let new = self.log.len().saturating_sub(from);
                if from <= self.log.len() {
                    ops.into_iter().skip(new).for_each(|op| self.append(op, out));
                }
                out.send(PRIMARY, Message::Have(self.log.len()));
            }
            Message::Have(len) => {
                self.acked = self.acked.max(len);
                while let Some(entry) = self.waiting.first_entry()
                    && *entry.key() <= self.acked
                {
                    out.reply(entry.remove(), Answer::done());
                }
            }
        }
    }
}

impl rashomon::Node for PrimaryBackup {
    type Message = Message;
    type Record = KvOp;
    type Timer = ();
    type Config = Draft;

    fn recover(draft: &Draft, boot: Boot, records: impl IntoIterator<Item = KvOp>) -> Self {
        let log: Vec<KvOp> = records.into_iter().collect();
        let mut store = Store::default();
        log.iter().for_each(|op| drop(store.apply(op)));
        Self { draft: *draft, me: boot.me, log, store, acked: 0, waiting: BTreeMap::new() }
    }

    fn handle(&mut self, _now: Now, input: Input<Message, ()>, out: Out) {
        match input {
            Input::Start | Input::Timer(()) if self.me == PRIMARY => {
                if self.acked < self.log.len() {
                    self.ship(out);
                }
                out.set_timer((), RESEND);
            }
            Input::Request { id, request } => self.ask(id, request, out),
            Input::Message { message, .. } => self.hear(message, out),
            _ => {}
        }
    }

    fn status(&self) -> Status {
        let is_primary = self.me == PRIMARY;
        Status {
            role: if is_primary { Role::Primary } else { Role::Replica },
            epoch: 0,
            settled: !is_primary || self.acked == self.log.len(),
            digest: Digest(self.log.len() as u64),
            bug_hits: 0,
        }
    }

    fn describe(message: &Message) -> String {
        match message {
            Message::Append(from, ops) => format!("append {} from {from}", ops.len()),
            Message::Have(len) => format!("have {len}"),
        }
    }
}
