//! Operations that were recorded, invoked again at their times.

use std::collections::VecDeque;

use rashomon_checker::{ProcessId, Time};

use super::{Context, Generator, Next};
use crate::{Op, Place};

/// An operation, when it was invoked, and in which slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedOp {
    /// When.
    pub at: Time,
    /// The slot of its process: the process's number, modulo the number of processes at a time. A process that
    /// retires leaves its slot to the next.
    pub slot: u32,
    /// What it asks.
    pub op: Op,
}

impl RecordedOp {
    /// The number of the node that it asks, from 1; the first where it names none.
    pub fn node(&self) -> u16 {
        match self.op.place {
            Place::Node(number) | Place::Local(number) => number,
            Place::Any | Place::Roam => 1,
        }
    }
}

/// Operations of a list, each at its time in its slot. One whose slot is busy then waits until it is free, and
/// delays only those of its own slot: to leave one out moves no other.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// In the order of their times.
    to_come: VecDeque<RecordedOp>,
    until: Time,
}

impl Recorded {
    /// These; those of one time in the order given. It is not done before `until`.
    pub fn new(ops: impl IntoIterator<Item = RecordedOp>, until: Time) -> Self {
        let mut ops: Vec<RecordedOp> = ops.into_iter().collect();
        ops.sort_by_key(|recorded| recorded.at);
        Self { to_come: ops.into(), until }
    }
}

impl Generator for Recorded {
    /// O(operations that wait for their slot x free processes).
    fn next(&mut self, context: &Context<'_>) -> Next {
        if self.to_come.is_empty() {
            let is_over = context.now >= self.until;
            return if is_over { Next::Done } else { Next::Pending(self.until) };
        }
        let free_in = |slot: u32| {
            let is_it = |process: &&ProcessId| process.0 % context.processes.max(1) == slot;
            context.free.iter().find(is_it).copied()
        };
        let mut busy: Vec<u32> = Vec::new();
        for at in 0..self.to_come.len() {
            let RecordedOp { at: time, slot, .. } = self.to_come[at];
            if time > context.now {
                return Next::Pending(time);
            }
            if busy.contains(&slot) {
                continue; // Those of a slot stay in their order.
            }
            let Some(process) = free_in(slot) else {
                busy.push(slot);
                continue;
            };
            if let Some(RecordedOp { op, .. }) = self.to_come.remove(at) {
                return Next::Invoke { process, op };
            }
        }
        Next::Pending(Time(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Action;

    fn recorded(at: u64, slot: u32, number: i64) -> RecordedOp {
        let op = Op { action: Action::Echo(number), place: Place::Node(1) };
        RecordedOp { at: Time(at), slot, op }
    }

    /// The operations invoked at `now` with these processes free, of two at a time.
    fn invoked(recorded: &mut Recorded, now: u64, free: &[u32]) -> (Vec<i64>, Next) {
        let mut free: Vec<ProcessId> = free.iter().copied().map(ProcessId).collect();
        let mut numbers = Vec::new();
        loop {
            let context = Context { now: Time(now), free: &free, processes: 2 };
            match recorded.next(&context) {
                Next::Invoke { process, op: Op { action: Action::Echo(number), .. } } => {
                    free.retain(|&it| it != process);
                    numbers.push(number);
                }
                other => return (numbers, other),
            }
        }
    }

    #[test]
    fn a_busy_slot_delays_its_own_operations_only_and_keeps_their_order() {
        let ops = [recorded(5, 0, 1), recorded(5, 1, 2), recorded(6, 0, 3), recorded(7, 1, 4)];
        let mut it = Recorded::new(ops, Time(10));
        assert_eq!(invoked(&mut it, 0, &[0, 1]), (vec![], Next::Pending(Time(5))));
        // The first slot is busy; process 3 has replaced process 1 in the second one.
        assert_eq!(invoked(&mut it, 5, &[3]), (vec![2], Next::Pending(Time(6))));
        assert_eq!(invoked(&mut it, 7, &[3]), (vec![4], Next::Pending(Time(u64::MAX))));
        assert_eq!(invoked(&mut it, 8, &[0]), (vec![1], Next::Pending(Time(u64::MAX))));
        assert_eq!(invoked(&mut it, 9, &[0]), (vec![3], Next::Pending(Time(10))));
        assert_eq!(invoked(&mut it, 10, &[]), (vec![], Next::Done));
    }
}
