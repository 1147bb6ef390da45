//! How times are shown to people.

use crate::{OpIndex, Position, Time, WitnessOp};

/// How times are shown to people: in seconds, or as event numbers if no event has a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Seconds, with this number of decimals.
    Seconds(usize),
    /// Places in the history, counted from 0.
    Events,
}

impl Clock {
    /// One that tells when one of these was in flight from when another was: with 3, 6 or 9
    /// decimals.
    pub fn of<'a>(operations: impl IntoIterator<Item = &'a WitnessOp>) -> Self {
        let both = |op: &WitnessOp| {
            let end = op.complete_time.unwrap_or(op.invoke_time);
            [(op.invoke_time, op.index), (end, op.index)]
        };
        let mut times: Vec<(Time, OpIndex)> = operations.into_iter().flat_map(both).collect();
        times.sort_unstable();
        if times.last().is_none_or(|&(last, _)| last == Time(0)) {
            return Self::Events;
        }
        let apart = |decimals: usize| {
            let shown = |time: Time| time.rounded(decimals).0;
            times.windows(2).all(|pair| {
                let [(before, op), (after, other)] = [pair[0], pair[1]];
                op == other || before == after || shown(before) < shown(after)
            })
        };
        Self::Seconds([3, 6].into_iter().find(|&decimals| apart(decimals)).unwrap_or(9))
    }

    /// When an operation began.
    pub fn begun(self, op: &WitnessOp) -> String {
        match self {
            Self::Seconds(decimals) => format!("{:.decimals$}", op.invoke_time),
            Self::Events => format!("event {}", op.invoked.0),
        }
    }

    /// When it ended, if that is known.
    pub fn ended(self, op: &WitnessOp) -> Option<String> {
        let (position, time) = (op.completed?, op.complete_time?);
        Some(match self {
            Self::Seconds(decimals) => format!("{time:.decimals$}"),
            Self::Events => format!("event {}", position.0),
        })
    }

    /// From which event to which, in short.
    pub(crate) fn events(begun: Position, ended: Option<Position>) -> String {
        match ended {
            Some(end) => format!("event {}–{}", begun.0, end.0),
            None => format!("event {} …", begun.0),
        }
    }

    /// From when to when, in short.
    pub fn span(self, op: &WitnessOp) -> String {
        let begun = self.begun(op);
        match self.ended(op) {
            Some(end) => {
                let end = end.trim_start_matches("event ");
                format!("{}–{end}", begun.trim_end_matches(" s"))
            }
            None => format!("{begun} …"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, EventKind, History, ProcessId, Value};

    /// Writes from one time to another, in nanoseconds.
    fn clock(spans: &[(u64, u64)]) -> Clock {
        let events = (0u32..).zip(spans).flat_map(|(number, &(begun, ended))| {
            [(EventKind::Invoke, begun), (EventKind::Ok, ended)].map(|(kind, time)| {
                let index = u64::from(number) * 2 + u64::from(kind == EventKind::Ok);
                let event = Event::new(index, ProcessId(number), kind, "write", Value::Int(1));
                Event { time: Time(time), ..event }
            })
        });
        let history = History::from_events(events).unwrap();
        let operations: Vec<WitnessOp> = history.iter().map(|op| WitnessOp::new(&op)).collect();
        Clock::of(&operations)
    }

    #[test]
    fn times_of_different_operations_are_told_apart_by_as_few_decimals_as_it_takes() {
        let (ms, us) = (1_000_000, 1_000);
        assert_eq!(clock(&[(ms, 2 * ms), (3 * ms, 3 * ms + 1)]), Clock::Seconds(3));
        assert_eq!(clock(&[(ms, 2 * ms), (2 * ms + 40 * us, 3 * ms)]), Clock::Seconds(6));
        assert_eq!(clock(&[(ms, 2 * ms), (2 * ms + 1, 3 * ms)]), Clock::Seconds(9));
    }

    #[test]
    fn without_times_events_are_told() {
        assert_eq!(clock(&[(0, 0), (0, 0)]), Clock::Events);
        let history = History::from_events([
            Event::new(0, ProcessId(0), EventKind::Invoke, "write", Value::Int(1)),
            Event::new(1, ProcessId(1), EventKind::Invoke, "read", Value::Nil),
            Event::new(2, ProcessId(1), EventKind::Ok, "read", Value::Int(1)),
        ]);
        let ops: Vec<WitnessOp> = history.unwrap().iter().map(|op| WitnessOp::new(&op)).collect();
        let told = ops.iter().map(|op| Clock::Events.span(op));
        assert_eq!(told.collect::<Vec<_>>(), ["event 0 …", "event 1–2"]);
    }
}
