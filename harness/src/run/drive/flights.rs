//! Operations in flight, and their deadlines.

use std::collections::{BTreeMap, BTreeSet};

use rashomon_checker::Time;
use rashomon_targets::{Caller, NodeId};
use rashomon_workloads::Op;

use crate::world::CallId;

/// An operation in flight.
pub(super) struct Flight {
    /// The slot of its process.
    pub(super) slot: usize,
    /// That process, and the number of its operation, the same for every redirect.
    pub(super) caller: Caller,
    pub(super) op: Op,
    /// The node it asks.
    pub(super) node: NodeId,
    /// Its deadline.
    pub(super) deadline: Time,
    /// How often it was redirected.
    pub(super) redirects: u8,
}

/// All operations in flight, each under the number of its call.
#[derive(Default)]
pub(super) struct Flights {
    calls: BTreeMap<CallId, Flight>,
    deadlines: BTreeSet<(Time, CallId)>,
    next_call: u64,
}

impl Flights {
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// The next deadline.
    pub(super) fn next_deadline(&self) -> Option<Time> {
        self.deadlines.first().map(|&(deadline, _)| deadline)
    }

    /// Numbers a call.
    pub(super) fn start(&mut self, flight: Flight) -> CallId {
        let call = CallId(self.next_call);
        self.next_call += 1;
        self.deadlines.insert((flight.deadline, call));
        self.calls.insert(call, flight);
        call
    }

    /// Takes the operation of a call that has its reply; nothing if it was given up on.
    pub(super) fn land(&mut self, call: CallId) -> Option<Flight> {
        let flight = self.calls.remove(&call)?;
        self.deadlines.remove(&(flight.deadline, call));
        Some(flight)
    }

    /// Takes an operation whose time is over.
    pub(super) fn overdue(&mut self, now: Time) -> Option<(CallId, Flight)> {
        let &(deadline, call) = self.deadlines.first()?;
        let flight = if deadline <= now { self.land(call) } else { None };
        flight.map(|flight| (call, flight))
    }
}
