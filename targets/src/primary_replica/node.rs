//! The node: one of the protocols by which there comes to be a primary.

use serde::{Deserialize, Serialize};

use super::external::{self, External};
use super::fenced::{self, Authority, Fenced};
use super::shipping::{self, Shipping};
use super::{Config, Failover};
use crate::raft::{self, Raft};
use crate::{Boot, Emit, Input, Node, Now, Outbox, PlantedBug, Purpose, Status};

/// A node of a primary-replica cluster.
#[derive(Clone, Debug)]
pub struct PrimaryReplica(Protocols);

/// Each with room for what it wants done, which is wrapped on its way out.
#[derive(Clone, Debug)]
enum Protocols {
    Shipping(Box<Shipping>, Vec<Emit<shipping::Message, shipping::Record, shipping::Timer>>),
    External(Box<External>, Vec<Emit<external::Message, external::Record, external::Timer>>),
    Lease(Box<Fenced>, Vec<Emit<fenced::Message, fenced::Record, fenced::Timer>>),
    Raft(Box<Raft>, Vec<Emit<raft::Message, raft::Record, raft::Timer>>),
}

/// Between nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Message {
    /// Of a primary that nobody elected, or to it.
    Shipping(shipping::Message),
    /// Of a cluster whose primary a coordination service chooses.
    External(external::Message),
    /// Of a primary with a lease, or to it.
    Lease(fenced::Message),
    /// Of Raft.
    Raft(raft::Message),
}

/// On disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Record {
    /// Of a node whose primary nobody elects.
    Shipping(shipping::Record),
    /// Of a node whose primary a coordination service chooses.
    External(external::Record),
    /// Of a node whose primary has a lease.
    Lease(fenced::Record),
    /// Of Raft.
    Raft(raft::Record),
}

/// What a node has itself woken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// Of a node whose primary nobody elects.
    Shipping(shipping::Timer),
    /// Of a node whose primary a coordination service chooses.
    External(external::Timer),
    /// Of a node whose primary has a lease.
    Lease(fenced::Timer),
    /// Of Raft.
    Raft(raft::Timer),
}

/// Gives a node of one of the protocols an input, if it is for that, and wraps what it wants done.
macro_rules! step {
    ($variant:ident, $parts:expr, $now:expr, $input:expr, $out:expr) => {{
        let (node, scratch) = $parts;
        let message = |it| if let Message::$variant(it) = it { Some(it) } else { None };
        let timer = |it| if let Timer::$variant(it) = it { Some(it) } else { None };
        let Some(input) = $input.map(message, timer) else { return };
        $out.within(
            scratch,
            |effect| effect.map(Message::$variant, Record::$variant, Timer::$variant),
            |out| node.handle($now, input, out),
        );
    }};
}

/// A node is given what it wrote itself, under the same settings.
macro_rules! own {
    ($variant:ident, $records:expr) => {
        $records.into_iter().filter_map(|it| match it {
            Record::$variant(it) => Some(it),
            _ => None,
        })
    };
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
        let (reads, bugs) = (config.primary_reads, bugs.clone());
        Self(match config.failover {
            Failover::None | Failover::Naive => {
                let node = Shipping::recover(&(*config, bugs), boot, own!(Shipping, records));
                Protocols::Shipping(Box::new(node), Vec::new())
            }
            Failover::External => {
                let node = External::recover(reads, bugs, boot, own!(External, records));
                Protocols::External(Box::new(node), Vec::new())
            }
            Failover::Lease => {
                let settings = (reads, Authority::Replicas);
                let node = Fenced::recover(settings, bugs, boot, own!(Lease, records));
                Protocols::Lease(Box::new(node), Vec::new())
            }
            Failover::Raft => {
                let config = ((config.raft_reads, config.raft_writes), bugs);
                let node = Raft::recover(&config, boot, own!(Raft, records));
                Protocols::Raft(Box::new(node), Vec::new())
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
            Protocols::Shipping(node, scratch) => step!(Shipping, (node, scratch), now, input, out),
            Protocols::External(node, scratch) => step!(External, (node, scratch), now, input, out),
            Protocols::Lease(node, scratch) => step!(Lease, (node, scratch), now, input, out),
            Protocols::Raft(node, scratch) => step!(Raft, (node, scratch), now, input, out),
        }
    }

    fn status(&self) -> Status {
        match &self.0 {
            Protocols::Shipping(node, _) => node.status(),
            Protocols::External(node, _) => node.status(),
            Protocols::Lease(node, _) => node.status(),
            Protocols::Raft(node, _) => node.status(),
        }
    }

    fn describe(message: &Message) -> String {
        match message {
            Message::Shipping(message) => Shipping::describe(message),
            Message::External(message) => message.to_string(),
            Message::Lease(message) => message.to_string(),
            Message::Raft(message) => Raft::describe(message),
        }
    }

    fn purpose(message: &Message) -> Purpose {
        match message {
            Message::Shipping(message) => Shipping::purpose(message),
            Message::External(message) => message.purpose(),
            Message::Lease(message) => message.purpose(),
            Message::Raft(message) => message.purpose(),
        }
    }
}

#[cfg(test)]
mod tests;
