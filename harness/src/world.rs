//! What a driver offers the run: time, nodes, requests and faults.
//!
//! There are two: [`crate::simulation`] and [`crate::cluster`]. All else about a run is the same.

use rashomon_checker::Time;
use rashomon_targets::{Answer, NodeId, Request, Role, Status};

use crate::plan::{Efficacy, FaultSpan};

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Breakdown {
    /// The node that broke.
    pub(crate) node: NodeId,
    /// How, in words that help.
    pub(crate) what: String,
}

/// A cluster, and the time it lives in.
pub(crate) trait World {
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

    /// Starts a fault. `primary` is what [`crate::plan::Victim::Primary`] stands for.
    fn strike(&mut self, span: &FaultSpan, primary: Option<NodeId>);

    /// Ends a fault.
    fn heal(&mut self, span: &FaultSpan);

    /// What the span has done so far.
    fn efficacy(&self, span: u32) -> Efficacy;

    /// Every node's view of itself; `None` where none is to be had.
    fn statuses(&mut self) -> Vec<Option<Status>>;

    /// What broke so far without a fault to explain it.
    fn breakdowns(&mut self) -> Vec<Breakdown>;
}

/// The node that takes itself to be primary in the latest epoch.
pub(crate) fn primary(members: &[NodeId], statuses: &[Option<Status>]) -> Option<NodeId> {
    members
        .iter()
        .zip(statuses)
        .filter_map(|(&node, status)| Some((node, status.as_ref()?)))
        .filter(|(_, status)| status.role == Role::Primary)
        .max_by_key(|(_, status)| status.epoch)
        .map(|(node, _)| node)
}
