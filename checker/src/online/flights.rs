//! Who has what in flight.
//!
//! The rules are those of [`HistoryBuilder`](crate::HistoryBuilder), which keeps what has landed;
//! this forgets it. Memory O(concurrency).

use rustc_hash::FxHashMap;

use crate::{
    Event, EventKind, HistoryError, OpIndex, Outcome, Position, ProcessId, Value, WitnessOp,
};

/// Pairs completions with invocations, and numbers both as a history does.
#[derive(Clone, Debug, Default)]
pub(super) struct Flights {
    open: FxHashMap<ProcessId, Flight>,
    last_index: Option<u64>,
    events: u32,
    operations: u32,
}

/// An operation begun, and not yet known to have ended.
#[derive(Clone, Debug)]
struct Flight {
    /// The file's number of the invocation.
    index: u64,
    op: WitnessOp,
}

/// What an event was.
#[derive(Clone, Debug)]
pub(super) struct FlightStep {
    /// The operation as it is known after the event.
    pub(super) op: WitnessOp,
    /// Where the event is in the history.
    pub(super) at: Position,
    /// Whether it was invoked as a final read.
    pub(super) is_final: bool,
}

impl Flights {
    /// Whether a process has something in flight.
    pub(super) fn has(&self, process: ProcessId) -> bool {
        self.open.contains_key(&process)
    }

    /// How many operations are in flight.
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    /// Takes an operation that is in flight already.
    pub(super) fn resume(&mut self, op: WitnessOp) {
        let index = u64::from(op.invoked.0); // The file's number of it is no less.
        self.open.insert(op.process, Flight { index, op });
    }

    /// Lets the next event have this place in the history, and its operation, if it begins one.
    pub(super) fn skip_to(&mut self, at: Position, op: OpIndex) {
        (self.events, self.operations) = (at.0, op.0);
    }

    /// Takes the next event.
    ///
    /// # Errors
    ///
    /// If it cannot follow those before it; nothing is changed then.
    pub(super) fn push(&mut self, event: &Event) -> Result<FlightStep, HistoryError> {
        let index = event.index;
        if let Some(previous) = self.last_index.filter(|&previous| previous >= index) {
            return Err(HistoryError::Unordered { index, previous });
        }
        if self.events >= u32::MAX - 1 {
            return Err(HistoryError::TooLarge { index, what: "events" });
        }
        let at = Position(self.events);
        let (op, is_final) = match event.kind {
            EventKind::Invoke => (self.invoke(event, at)?, event.is_final),
            EventKind::Ok | EventKind::Fail | EventKind::Info => self.complete(event, at)?,
        };
        self.last_index = Some(index);
        self.events += 1;
        Ok(FlightStep { op, at, is_final })
    }

    fn invoke(&mut self, event: &Event, at: Position) -> Result<WitnessOp, HistoryError> {
        let (index, process) = (event.index, event.process);
        if let Some(flight) = self.open.get(&process) {
            return Err(HistoryError::Overlap {
                index,
                pending: flight.index,
                process: event.process_text(),
            });
        }
        let op = WitnessOp {
            index: OpIndex(self.operations),
            process,
            process_name: event.process_name.clone(),
            node: event.node.clone(),
            f: event.f.clone(),
            key: event.key.clone(),
            argument: event.value.clone(),
            outcome: Outcome::Indeterminate,
            invoked: at,
            completed: None,
            invoke_time: event.time,
            complete_time: None,
            is_final: event.is_final,
        };
        self.operations += 1;
        self.open.insert(process, Flight { index, op: op.clone() });
        Ok(op)
    }

    /// The operation, and whether it was invoked as a final read.
    fn complete(&mut self, event: &Event, at: Position) -> Result<(WitnessOp, bool), HistoryError> {
        let (index, process) = (event.index, event.process);
        let Some(Flight { op, .. }) = self.open.get(&process) else {
            return Err(HistoryError::Orphan { index, process: event.process_text() });
        };
        if op.f != event.f {
            let (invoked, completed) = (op.f.clone(), event.f.clone());
            let process = event.process_text();
            return Err(HistoryError::OtherFunction { index, process, invoked, completed });
        }
        if let Some(completed) = event.key.as_ref().filter(|&key| Some(key) != op.key.as_ref()) {
            let process = event.process_text();
            return Err(HistoryError::OtherKey { index, process, completed: completed.clone() });
        }
        let Flight { mut op, .. } = self.open.remove(&process).expect("it was there");
        op.complete_time = Some(event.time);
        let was_final = op.is_final;
        op.is_final |= event.is_final;
        (op.outcome, op.completed) = match event.kind {
            EventKind::Ok => (Outcome::Ok(event.value.clone()), Some(at)),
            EventKind::Fail => (Outcome::Fail, Some(at)),
            EventKind::Info | EventKind::Invoke => (Outcome::<Value>::Indeterminate, None),
        };
        Ok((op, was_final))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::{Chance, events};
    use crate::{HistoryBuilder, ModelKind};

    #[test]
    fn events_are_refused_as_a_history_refuses_them() {
        let mut refused = 0;
        for seed in 0..4_000 {
            let chance = &mut Chance::new(seed);
            let mut events = events(ModelKind::CasRegister, chance);
            let spoilt = chance.below(events.len());
            match chance.below(5) {
                0 => events[spoilt].index = chance.below(12) as u64,
                1 => events[spoilt].kind = EventKind::Invoke,
                2 => events[spoilt].f = "cas".into(),
                3 => events[spoilt].key = Some(Value::Int(1)),
                _ => events[spoilt].process = ProcessId(7),
            }
            let (mut flights, mut builder) = (Flights::default(), HistoryBuilder::new());
            for event in &events {
                let told = builder.push(event);
                refused += usize::from(told.is_err());
                assert_eq!(flights.push(event).map(|_| ()), told, "seed {seed}");
            }
            let history = builder.finish();
            assert_eq!(history.len(), flights.operations as usize);
            assert_eq!(history.event_count(), flights.events as usize);
        }
        assert!(refused > 1_000, "{refused}");
    }
}
