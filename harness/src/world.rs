//! What a driver offers the run: time, nodes, requests and faults.
//!
//! There are two: [`simulation`] and [`processes`]. All else about a run is the same.

#[cfg(test)]
mod conformance;
mod launcher;
mod links;
mod probe;
pub(crate) mod processes;
pub(crate) mod simulation;

use std::fmt;

use rashomon_checker::Time;
use rashomon_targets::{Answer, NodeId, Request};
use serde::{Deserialize, Serialize};

use crate::doubt::Whose;

pub(crate) use launcher::{Killed, Launcher};
pub(crate) use links::Links;
pub(crate) use probe::{Look, Probe, primary};

/// A request, unique within a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CallId(pub(crate) u64);

/// What became of a request, as far as the client's end of the connection can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// The node answered.
    Answered(Answer),
    /// The connection was refused before a byte was sent: the node never saw it.
    Refused,
    /// There was no room for a connection on this machine, so nothing was sent.
    Unsent(String),
    /// The connection broke, or the answer made no sense: the node may have seen it.
    Lost(String),
}

/// What happened next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    /// A request got its reply.
    Replied(CallId, Reply),
    /// The time asked for has come.
    Reached,
}

/// Something broke that no fault explains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Breakdown {
    /// What broke.
    pub(crate) part: Part,
    /// Whose doing it was, as far as that can be told.
    pub(crate) whose: Whose,
    /// How, in words that help.
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

/// A cluster, and the time it lives in: time and four parts.
pub(crate) trait World: Launcher + Links + Probe {
    /// The members, in ascending order.
    fn members(&self) -> Vec<NodeId>;

    /// The time since the start of the run.
    fn now(&self) -> Time;

    /// Asks a node. One reply comes, unless the call is abandoned.
    fn submit(&mut self, call: CallId, node: NodeId, request: &Request);

    /// Stops waiting for a reply. What was asked may still be done.
    fn abandon(&mut self, call: CallId);

    /// Lets time pass until a reply is there, or until `until`.
    fn next(&mut self, until: Time) -> Happening;

    /// What broke so far without a fault to explain it.
    fn breakdowns(&mut self) -> Vec<Breakdown>;
}
