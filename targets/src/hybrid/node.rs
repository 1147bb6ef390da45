//! The node: both protocols, and which of them an operation goes to.

use serde::{Deserialize, Serialize};

use super::bugs::FALLS_BACK_TO_LOGS;
use super::{Config, Namespace};
use crate::leaderless::{self, Leaderless};
use crate::raft::{self, Raft};
use crate::store::Fnv;
use crate::{
    Admin, Boot, Bugs, Digest, Emit, Input, Node, Now, Outbox, PlantedBug, Purpose, ReadLevel,
    Request, Status,
};

/// A node of a hybrid cluster.
#[derive(Clone, Debug)]
pub struct Hybrid {
    records: Raft,
    logs: Leaderless,
    bugs: Bugs,
    /// Room for what each wants done, which is wrapped on its way out.
    of_records: Vec<Emit<raft::Message, raft::Record, raft::Timer>>,
    of_logs: Vec<Emit<leaderless::Message, leaderless::Record, leaderless::Timer>>,
}

/// Between nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Message {
    /// About records.
    Records(raft::Message),
    /// About logs.
    Logs(leaderless::Message),
}

/// On disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Record {
    /// Of records.
    Records(raft::Record),
    /// Of logs.
    Logs(leaderless::Record),
}

/// What a node has itself woken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// For records.
    Records(raft::Timer),
    /// For logs.
    Logs(leaderless::Timer),
}

/// Where this node puts its effects.
type Out<'a> = Outbox<'a, Message, Record, Timer>;

impl Node for Hybrid {
    type Message = Message;
    type Record = Record;
    type Timer = Timer;
    type Config = (Config, Vec<PlantedBug>);

    fn recover(
        (config, bugs): &Self::Config,
        boot: Boot,
        records: impl IntoIterator<Item = Record>,
    ) -> Self {
        let (mut of_records, mut of_logs) = (Vec::new(), Vec::new());
        for record in records {
            match record {
                Record::Records(record) => of_records.push(record),
                Record::Logs(record) => of_logs.push(record),
            }
        }
        let raft = ((config.raft_reads, raft::Writes::Any), Vec::new());
        Self {
            records: Raft::recover(&raft, boot.clone(), of_records),
            logs: Leaderless::recover(&(config.logs, Vec::new()), boot, of_logs),
            bugs: Bugs::new(bugs.clone()),
            of_records: Vec::new(),
            of_logs: Vec::new(),
        }
    }

    fn handle(&mut self, now: Now, input: Input<Message, Timer>, out: &mut Out<'_>) {
        match input {
            Input::Start => {
                self.for_records(now, Input::Start, out);
                self.for_logs(now, Input::Start, out);
            }
            Input::Durable(id) => {
                self.for_records(now, Input::Durable(id), out);
                self.for_logs(now, Input::Durable(id), out);
            }
            // Those of logs do not change.
            Input::Admin(Admin::Add { .. } | Admin::Remove { .. } | Admin::Reset) => {}
            // Logs have neither a leader nor a snapshot.
            Input::Admin(admin) => self.for_records(now, Input::Admin(admin), out),
            Input::Request { id, request } => match self.namespace(&request) {
                Namespace::Records => {
                    self.for_records(now, Input::Request { id, request }, out);
                }
                Namespace::Logs => self.for_logs(now, Input::Request { id, request }, out),
            },
            Input::Message { from, message: Message::Records(message) } => {
                self.for_records(now, Input::Message { from, message }, out);
            }
            Input::Message { from, message: Message::Logs(message) } => {
                self.for_logs(now, Input::Message { from, message }, out);
            }
            Input::Timer(Timer::Records(timer)) => self.for_records(now, Input::Timer(timer), out),
            Input::Timer(Timer::Logs(timer)) => self.for_logs(now, Input::Timer(timer), out),
        }
    }

    fn status(&self) -> Status {
        let (records, logs) = (self.records.status(), self.logs.status());
        let mut hash = Fnv::default();
        hash.bytes(&records.digest.0.to_le_bytes());
        hash.bytes(&logs.digest.0.to_le_bytes());
        Status {
            settled: records.settled && logs.settled,
            digest: Digest(hash.0),
            bug_hits: self.bugs.hits(),
            // Of records only: logs have the nodes of the start.
            members: None,
            ..records
        }
    }

    fn describe(message: &Message) -> String {
        match message {
            Message::Records(message) => Raft::describe(message),
            Message::Logs(message) => Leaderless::describe(message),
        }
    }

    fn purpose(message: &Message) -> Purpose {
        match message {
            Message::Records(message) => message.purpose(),
            Message::Logs(message) => Leaderless::purpose(message),
        }
    }
}

impl Hybrid {
    /// Which protocol a request goes to.
    fn namespace(&mut self, request: &Request) -> Namespace {
        let namespace = Namespace::of(&request.op);
        let falls_back = namespace == Namespace::Records
            && request.read == ReadLevel::Default
            && !self.records.knows_a_leader()
            && self.bugs.hit(FALLS_BACK_TO_LOGS);
        if falls_back { Namespace::Logs } else { namespace }
    }

    fn for_records(
        &mut self,
        now: Now,
        input: Input<raft::Message, raft::Timer>,
        out: &mut Out<'_>,
    ) {
        out.within(
            &mut self.of_records,
            |effect| effect.map(Message::Records, Record::Records, Timer::Records),
            |out| self.records.handle(now, input, out),
        );
    }

    fn for_logs(
        &mut self,
        now: Now,
        input: Input<leaderless::Message, leaderless::Timer>,
        out: &mut Out<'_>,
    ) {
        out.within(
            &mut self.of_logs,
            |effect| effect.map(Message::Logs, Record::Logs, Timer::Logs),
            |out| self.logs.handle(now, input, out),
        );
    }
}
