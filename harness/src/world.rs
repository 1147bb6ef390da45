//! The world of a run: time, and five parts.
//!
//! | part | does |
//! |---|---|
//! | [`Launcher`] | starts, kills, pauses nodes |
//! | [`Disks`] | applies faults to their disks |
//! | [`Links`] | applies faults to the links between them |
//! | [`Client`] | sends an operation to a node, and returns its reply |
//! | [`Probe`] | observes nodes from outside |
//!
//! Worlds receive nodes and links: the run loop decides which ones a fault is aimed at.

mod client;
#[cfg(test)]
mod conformance;
mod disks;
mod launcher;
mod links;
mod probe;
pub(crate) mod processes;
pub(crate) mod simulation;
pub(crate) mod stdio;
#[cfg(test)]
mod tokens;
mod ward;

use std::fmt;

use rashomon_checker::Time;
use rashomon_targets::NodeId;
use serde::{Deserialize, Serialize};

use crate::doubt::Whose;
use crate::safety::Breach;

pub(crate) use crate::client::{Reply, Why};
pub(crate) use client::{CallId, Client};
pub(crate) use disks::Disks;
pub(crate) use launcher::{Administered, Killed, Launcher, not_ready, ready_until};
pub(crate) use links::Links;
pub(crate) use probe::{Look, Probe, primaries};

/// What happened next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    /// A call got its reply.
    Replied(CallId, Reply),
    /// A node that is watched holds what it was watched for.
    Noticed,
    /// The time asked for has come.
    Reached,
}

/// What one node has sent another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Talk {
    /// The sender.
    pub(crate) from: NodeId,
    /// The receiver.
    pub(crate) to: NodeId,
    /// How many messages.
    pub(crate) messages: u64,
    /// What the last one said, in a few words.
    pub(crate) last: String,
}

/// Something broke that no fault explains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Breakdown {
    /// What broke.
    pub(crate) part: Part,
    /// Its cause, as far as it is known.
    pub(crate) whose: Whose,
    /// What happened, and what to do.
    pub(crate) what: String,
}

/// A part of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Part {
    /// A process.
    Node(NodeId),
    /// A directed link.
    Link {
        /// The sender.
        from: NodeId,
        /// The receiver.
        to: NodeId,
    },
    /// The harness's own clients.
    Clients,
    /// The harness itself.
    Harness,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(node) => node.fmt(f),
            Self::Link { from, to } => write!(f, "the link from {from} to {to}"),
            Self::Clients => f.write_str("a client of the harness"),
            Self::Harness => f.write_str("the harness"),
        }
    }
}

/// A cluster, and the time it lives in: time and five parts.
pub(crate) trait World: Launcher + Disks + Links + Client + Probe {
    /// The members, in ascending order.
    fn members(&self) -> Vec<NodeId>;

    /// The time since the start of the run.
    fn now(&self) -> Time;

    /// Lets time pass until a reply is there, or until `until`.
    fn next(&mut self, until: Time) -> Happening;

    /// What broke so far without a fault to explain it.
    fn breakdowns(&mut self) -> Vec<Breakdown>;

    /// Lets time pass until `until`, and returns what nodes send each other meanwhile. `None`: here a bound of time says
    /// nothing of the nodes, as the machine may be slow, or they cannot be heard.
    fn overhear(&mut self, _until: Time) -> Option<Vec<Talk>> {
        None
    }

    /// What nodes told that the safety of a protocol rules out. Of a world that cannot hear its nodes in
    /// order: nothing.
    fn breaches(&mut self) -> Vec<Breach> {
        Vec::new()
    }
}
