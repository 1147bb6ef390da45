//! A primary and its backup: n1 takes writes, ships its log to n2, and acknowledges what n2 has.

use rashomon::{
    Answer, Boot, FailCode, Input, KvOp, NodeId, Now, Outbox, ReadLevel, RequestId, Role, Status,
    Store,
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
    waiting: Vec<(usize, RequestId)>,
}

type Out<'a, 'b> = &'a mut Outbox<'b, Message, KvOp, ()>;

impl PrimaryBackup {
    fn append(&mut self, op: KvOp, out: Out) {
        self.store.apply(&op);
        self.log.push(op.clone());
        out.persist(op);
    }

    fn ship(&self, out: Out) {
        out.send(BACKUP, Message::Append(self.acked, self.log[self.acked..].to_vec()));
    }
}

impl rashomon::Node for PrimaryBackup {
    type Message = Message;
    type Record = KvOp;
    type Timer = ();
    type Config = Draft;

    fn recover(&draft: &Draft, boot: Boot, records: impl IntoIterator<Item = KvOp>) -> Self {
        let log = Vec::from_iter(records);
        let store = Store::from_iter(&log);
        Self { draft, me: boot.me, log, store, acked: 0, waiting: Vec::new() }
    }

    fn handle(&mut self, _now: Now, input: Input<Message, ()>, out: Out) {
        let leads = self.me == PRIMARY;
        match input {
            Input::Start | Input::Timer(()) if leads => {
                self.ship(out);
                out.set_timer((), RESEND);
            }
            Input::Request { id, request } => {
                let answers =
                    leads || self.draft == Draft::First || request.read == ReadLevel::Local;
                if request.op.is_read() && answers {
                    out.reply(id, self.store.read(&request.op));
                } else if leads {
                    self.append(request.op, out);
                    self.waiting.push((self.log.len(), id));
                    self.ship(out);
                } else {
                    out.reply(id, Answer::Fail { code: FailCode::NotPrimary, hint: Some(PRIMARY) });
                }
            }
            // The backup has what it acknowledged, and the primary ships from there on.
            Input::Message { message: Message::Append(from, ops), .. } => {
                let new = ops.into_iter().skip(self.log.len() - from);
                new.for_each(|op| self.append(op, out));
                out.send(PRIMARY, Message::Have(self.log.len()));
            }
            Input::Message { message: Message::Have(len), .. } => {
                self.acked = self.acked.max(len);
                for (_, id) in self.waiting.extract_if(.., |(place, _)| *place <= len) {
                    out.reply(id, Answer::done());
                }
            }
            _ => {}
        }
    }

    fn status(&self) -> Status {
        let leads = self.me == PRIMARY;
        let role = if leads { Role::Primary } else { Role::Replica };
        let settled = !leads || self.acked == self.log.len();
        Status { settled, ..Status::settled(role, self.store.digest()) }
    }
}
