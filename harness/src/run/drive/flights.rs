//! Operations in flight, and their deadlines.

use std::collections::VecDeque;

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

/// All operations in flight, each with its call. All is O(1), but for an operation that is passed on.
pub(super) struct Flights {
    /// By slot: a process has one operation at a time.
    by_slot: Vec<Option<(CallId, Flight)>>,
    in_flight: usize,
    /// Ascending. An operation that has landed stays until it is first, where it is dropped at once.
    deadlines: VecDeque<(Time, CallId)>,
    next_number: u64,
}

impl Flights {
    /// Nothing in flight. `processes`: how many there are at a time.
    pub(super) fn new(processes: u32) -> Self {
        Self {
            by_slot: (0..processes).map(|_| None).collect(),
            in_flight: 0,
            deadlines: VecDeque::new(),
            next_number: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.in_flight == 0
    }

    /// The next deadline.
    pub(super) fn next_deadline(&self) -> Option<Time> {
        self.deadlines.front().map(|&(deadline, _)| deadline)
    }

    /// Names the next call of a slot.
    pub(super) fn name_call(&mut self, slot: usize) -> CallId {
        self.next_number += 1;
        CallId::new(self.next_number, slot)
    }

    /// An operation is in flight under a name from [`name_call`](Self::name_call).
    pub(super) fn start(&mut self, call: CallId, flight: Flight) {
        let due = (flight.deadline, call);
        match self.deadlines.back() {
            // One that is passed on keeps its deadline.
            Some(last) if due < *last => {
                let at = self.deadlines.partition_point(|other| *other < due);
                self.deadlines.insert(at, due);
            }
            Some(_) | None => self.deadlines.push_back(due),
        }
        self.by_slot[call.slot()] = Some((call, flight));
        self.in_flight += 1;
    }

    /// Takes the operation of a call that has its reply; nothing if it was given up on.
    pub(super) fn land(&mut self, call: CallId) -> Option<Flight> {
        let (_, flight) = self.by_slot.get_mut(call.slot())?.take_if(|(here, _)| *here == call)?;
        self.in_flight -= 1;
        while let Some(&(_, first)) = self.deadlines.front()
            && !self.is_in_flight(first)
        {
            self.deadlines.pop_front();
        }
        Some(flight)
    }

    /// Takes an operation whose time is over.
    pub(super) fn overdue(&mut self, now: Time) -> Option<(CallId, Flight)> {
        let &(deadline, call) = self.deadlines.front()?;
        let flight = if deadline <= now { self.land(call) } else { None };
        flight.map(|flight| (call, flight))
    }

    fn is_in_flight(&self, call: CallId) -> bool {
        self.by_slot[call.slot()].as_ref().is_some_and(|(here, _)| *here == call)
    }
}

#[cfg(test)]
mod tests {
    use rashomon_workloads::{Action, Place};

    use super::*;

    fn start(flights: &mut Flights, slot: usize, deadline: u64) -> CallId {
        let (caller, op) =
            (Caller { client: 0, seq: 1 }, Op { action: Action::Echo(1), place: Place::Any });
        let call = flights.name_call(slot);
        let deadline = Time(deadline);
        let node = NodeId(1);
        flights.start(call, Flight { slot, caller, op, node, deadline, redirects: 0 });
        call
    }

    #[test]
    fn operations_are_given_up_on_in_the_order_of_their_deadlines_and_calls() {
        let mut flights = Flights::new(4);
        let calls =
            [(0, 5), (1, 5), (2, 5), (3, 9)].map(|(slot, at)| start(&mut flights, slot, at));
        // The first is passed on: a later call of the same deadline.
        assert!(flights.land(calls[0]).is_some() && flights.land(calls[0]).is_none());
        let passed_on = start(&mut flights, 0, 5);
        assert!(flights.land(calls[2]).is_some());
        assert_eq!(flights.next_deadline(), Some(Time(5)));
        assert!(flights.overdue(Time(4)).is_none());
        let order: Vec<CallId> =
            std::iter::from_fn(|| flights.overdue(Time(5))).map(|(call, _)| call).collect();
        assert_eq!(order, [calls[1], passed_on]);
        assert_eq!(flights.next_deadline(), Some(Time(9)));
        assert!(flights.land(passed_on).is_none(), "a late reply finds nobody");
        assert!(!flights.is_empty() && flights.land(calls[3]).is_some() && flights.is_empty());
        assert_eq!(flights.next_deadline(), None);
    }
}
