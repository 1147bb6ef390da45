//! The order of events by time.
//!
//! A checker goes by the order of events, and a file gives them in the order of its lines. Where
//! times contradict that order, as in two clients' logs put together, lines say nothing and times
//! must do. Only what times leave no doubt about is taken from them.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use thiserror::Error;

use crate::{Event, EventKind, ProcessId, Time};

/// Where the times of a file contradict the order of its lines for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disorder {
    /// The line of an event that was earlier than one before it, counted from 1.
    pub line: u64,
}

/// An event, when it was, and where it comes from.
#[derive(Clone, Debug)]
pub(crate) struct Timed {
    pub(crate) event: Event,
    pub(crate) time: Time,
    pub(crate) place: Place,
}

/// A line of one of the files that are read together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which file, counted from 0.
    pub file: usize,
    /// The line, counted from 1.
    pub line: u64,
}

/// Why events have no order by time.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum OrderError {
    /// An event without a time among others with times that matter.
    #[error(
        "this event has no time, and the order of lines is not the order of times; give every event a time, or write the lines in the order in which things happened"
    )]
    Untimed,
    /// A process whose own times go back.
    #[error(
        "by its time this event of process {process} comes before an earlier line of the same process; the clock went back, so neither lines nor times give the order"
    )]
    Backwards {
        /// The process.
        process: String,
    },
    /// Two processes each end one operation and begin another at the same time.
    #[error(
        "process {process} ends an operation and begins another at the time at which another process does the same, so times do not say what came first; record finer times"
    )]
    TooCoarse {
        /// The process.
        process: String,
    },
    /// The events are too many to be held.
    #[error(
        "the order of lines is not the order of times, and the events do not fit into {megabytes} MB to be put in order; sort the file by time first, or give a larger --budget-memory"
    )]
    TooMany {
        /// The memory that there is for them.
        megabytes: u64,
    },
}

/// Gathers events that are to be put in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gathering {
    events: Vec<Timed>,
    last: FxHashMap<ProcessId, (Place, Time)>,
    bytes: u64,
}

/// An error, and the place at fault.
pub(crate) type Misplaced = (Place, OrderError);

impl Gathering {
    /// Takes the next event of a file.
    pub(crate) fn push(
        &mut self,
        event: Event,
        time: Option<Time>,
        place: Place,
    ) -> Result<(), Misplaced> {
        let time = time.ok_or((place, OrderError::Untimed))?;
        if let Some(&(last, before)) = self.last.get(&event.process)
            && last.file == place.file
            && before > time
        {
            let process = event.process_text().to_string();
            return Err((place, OrderError::Backwards { process }));
        }
        self.last.insert(event.process, (place, time));
        self.bytes += (size_of::<Timed>() + crate::history::heap(&event.value)) as u64;
        self.events.push(Timed { event, time, place });
        Ok(())
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes + self.last.capacity() as u64 * 32
    }

    /// The events in order, numbered anew.
    pub(crate) fn in_order(self) -> Result<Vec<Timed>, Misplaced> {
        let mut events = self.events;
        events.sort_by_key(|timed| (timed.time, timed.place));
        let mut start = 0;
        while start < events.len() {
            let time = events[start].time;
            let length = events[start..].iter().take_while(|it| it.time == time).count();
            settle(&mut events[start..start + length])?;
            start += length;
        }
        for (index, timed) in (0..).zip(&mut events) {
            timed.event.index = index;
        }
        Ok(events)
    }
}

/// Puts events of one time in an order that claims as little as can be: whatever may have been at
/// once was at once, so invocations come before completions. The events of each process stay in
/// their order.
fn settle(events: &mut [Timed]) -> Result<(), Misplaced> {
    if events.len() < 2 {
        return Ok(());
    }
    let mut own: BTreeMap<ProcessId, Span> = BTreeMap::new();
    for (at, timed) in (0..).zip(&*events) {
        let span = own.entry(timed.event.process).or_default();
        match (timed.event.kind, span.first_end) {
            (EventKind::Invoke, Some(_)) => span.last_begin = Some(at),
            (EventKind::Ok | EventKind::Fail | EventKind::Info, None) => span.first_end = Some(at),
            (_, _) => {}
        }
    }
    let mut goes_on = own.iter().filter(|(_, span)| span.last_begin.is_some());
    let one = goes_on.next().map(|(&process, _)| process);
    if let Some((_, span)) = goes_on.next() {
        let timed = &events[span.last_begin.expect("it goes on")];
        let process = timed.event.process_text().to_string();
        return Err((timed.place, OrderError::TooCoarse { process }));
    }
    let phase = |at: usize, timed: &Timed| match own.get(&timed.event.process) {
        Some(&Span { first_end: Some(first), last_begin: Some(last) })
            if Some(timed.event.process) == one =>
        {
            u8::from(at >= first) + u8::from(at > last)
        }
        _ if timed.event.kind == EventKind::Invoke => 0,
        _ => 2,
    };
    let phases: Vec<u8> = events.iter().enumerate().map(|(at, timed)| phase(at, timed)).collect();
    let mut numbered: Vec<(u8, Timed)> = phases.into_iter().zip(events.to_vec()).collect();
    numbered.sort_by_key(|&(phase, _)| phase);
    for (place, (_, timed)) in events.iter_mut().zip(numbered) {
        *place = timed;
    }
    Ok(())
}

/// Where a process first ends an operation among events of one time, and where it last begins one
/// after that.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    first_end: Option<usize>,
    last_begin: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    use EventKind::{Invoke, Ok as End};

    /// Events as (process, what, time), one a line.
    fn in_order(events: &[(u32, EventKind, u64)]) -> Result<Vec<u64>, String> {
        let mut gathering = Gathering::default();
        for (line, &(process, kind, time)) in (1..).zip(events) {
            let event = Event::new(line, ProcessId(process), kind, "read", Value::Nil);
            let place = Place { file: 0, line };
            gathering
                .push(event, Some(Time(time)), place)
                .map_err(|(place, error)| format!("line {}: {error}", place.line))?;
        }
        let events = gathering.in_order();
        let events = events.map_err(|(place, error)| format!("line {}: {error}", place.line))?;
        Ok(events.iter().map(|timed| timed.place.line).collect())
    }

    #[test]
    fn events_are_put_in_the_order_of_their_times() {
        let two_logs = [(0, Invoke, 10), (0, End, 30), (1, Invoke, 20), (1, End, 40)];
        assert_eq!(in_order(&two_logs), Ok(vec![1, 3, 2, 4]));
    }

    #[test]
    fn what_may_have_been_at_once_was_at_once() {
        // One ends when the other begins: neither is claimed to come first.
        let tie = [(0, Invoke, 1), (0, End, 5), (1, Invoke, 5), (1, End, 9)];
        assert_eq!(in_order(&tie), Ok(vec![1, 3, 2, 4]));
        // One process ends an operation and begins the next while another does either.
        let goes_on = [
            (0, Invoke, 1),
            (1, Invoke, 2),
            (0, End, 5),
            (0, Invoke, 5),
            (1, End, 5),
            (2, Invoke, 5),
        ];
        assert_eq!(in_order(&goes_on), Ok(vec![1, 2, 6, 3, 4, 5]));
        let instant = [(0, Invoke, 5), (0, End, 5), (1, Invoke, 5), (1, End, 5)];
        assert_eq!(in_order(&instant), Ok(vec![1, 3, 2, 4]));
    }

    #[test]
    fn two_processes_that_go_on_at_one_time_have_no_order() {
        let both = [
            (0, Invoke, 1),
            (1, Invoke, 1),
            (0, End, 5),
            (0, Invoke, 5),
            (1, End, 5),
            (1, Invoke, 5),
        ];
        assert!(in_order(&both).unwrap_err().starts_with("line 6: process 1 ends"));
    }

    #[test]
    fn a_process_whose_clock_went_back_is_refused_by_line() {
        let back = [(0, Invoke, 9), (1, Invoke, 1), (0, End, 5)];
        let error = in_order(&back).unwrap_err();
        assert!(error.starts_with("line 3: by its time this event of process 0"), "{error}");
        let mut gathering = Gathering::default();
        let event = Event::new(0, ProcessId(0), Invoke, "read", Value::Nil);
        let place = Place { file: 0, line: 4 };
        assert_eq!(gathering.push(event, None, place), Err((place, OrderError::Untimed)));
    }
}
