//! The node: one of the protocols by which there comes to be a primary.

use serde::{Deserialize, Serialize};

use super::shipping::{self, Shipping};
use super::{Config, Failover};
use crate::raft::{self, Raft};
use crate::{Boot, Emit, Input, Node, Now, Outbox, PlantedBug, Status};

/// A node of a primary-replica cluster.
#[derive(Clone, Debug)]
pub struct PrimaryReplica(Machine);

/// Each with room for what it wants done, which is wrapped on its way out.
#[derive(Clone, Debug)]
enum Machine {
    Shipping(Box<Shipping>, Vec<Emit<shipping::Message, shipping::Record, shipping::Timer>>),
    Raft(Box<Raft>, Vec<Emit<raft::Message, raft::Record, raft::Timer>>),
}

/// Between nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Message {
    /// Of a primary that nobody elected, or to it.
    Shipping(shipping::Message),
    /// Of Raft.
    Raft(raft::Message),
}

/// On disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Record {
    /// Of a node whose primary nobody elects.
    Shipping(shipping::Record),
    /// Of Raft.
    Raft(raft::Record),
}

/// What a node has itself woken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// Of a node whose primary nobody elects.
    Shipping(shipping::Timer),
    /// Of Raft.
    Raft(raft::Timer),
}

impl Node for PrimaryReplica {
    type Message = Message;
    type Record = Record;
    type Timer = Timer;
    type Config = (Config, Vec<PlantedBug>);

    fn recover(
        (config, bugs): &Self::Config,
        boot: Boot,
        records: impl IntoIterator<Item = Record>,
    ) -> Self {
        // A node is given what it wrote itself, under the same settings.
        Self(match config.failover {
            Failover::None | Failover::Naive => {
                let own = records.into_iter().filter_map(|record| match record {
                    Record::Shipping(record) => Some(record),
                    Record::Raft(_) => None,
                });
                let node = Shipping::recover(&(*config, bugs.clone()), boot, own);
                Machine::Shipping(Box::new(node), Vec::new())
            }
            Failover::Raft => {
                let own = records.into_iter().filter_map(|record| match record {
                    Record::Raft(record) => Some(record),
                    Record::Shipping(_) => None,
                });
                let node = Raft::recover(
                    &((config.raft_reads, config.raft_writes), bugs.clone()),
                    boot,
                    own,
                );
                Machine::Raft(Box::new(node), Vec::new())
            }
        })
    }

    fn handle(
        &mut self,
        now: Now,
        input: Input<Message, Timer>,
        out: &mut Outbox<'_, Message, Record, Timer>,
    ) {
        match &mut self.0 {
            Machine::Shipping(node, scratch) => {
                let message = |it| if let Message::Shipping(it) = it { Some(it) } else { None };
                let timer = |it| if let Timer::Shipping(it) = it { Some(it) } else { None };
                let Some(input) = input.map(message, timer) else { return };
                out.within(
                    scratch,
                    |effect| effect.map(Message::Shipping, Record::Shipping, Timer::Shipping),
                    |out| node.handle(now, input, out),
                );
            }
            Machine::Raft(node, scratch) => {
                let message = |it| if let Message::Raft(it) = it { Some(it) } else { None };
                let timer = |it| if let Timer::Raft(it) = it { Some(it) } else { None };
                let Some(input) = input.map(message, timer) else { return };
                out.within(
                    scratch,
                    |effect| effect.map(Message::Raft, Record::Raft, Timer::Raft),
                    |out| node.handle(now, input, out),
                );
            }
        }
    }

    fn status(&self) -> Status {
        match &self.0 {
            Machine::Shipping(node, _) => node.status(),
            Machine::Raft(node, _) => node.status(),
        }
    }

    fn describe(message: &Message) -> String {
        match message {
            Message::Shipping(message) => Shipping::describe(message),
            Message::Raft(message) => Raft::describe(message),
        }
    }
}
