//! Events in the order in which they are to be judged.

use std::io::BufRead;
use std::ops::ControlFlow;

use super::{BEAT, Beat, Heard, Misread, Room};
use crate::formats::TupleGuess;
use crate::formats::{Format, FormatError, LoadError, Notes, Order, Problem, ReadOptions, Reader};
use crate::formats::{Gathering, OrderError, Place, Timed};
use crate::{Event, Value};

/// Events in the order in which they are to be judged: those of one file line by line, or those of
/// all files by time.
pub(super) enum Feed<R> {
    Lines(Box<Reader<R>>),
    Times(InOrder),
}

/// Events by time.
pub(super) struct InOrder {
    events: std::vec::IntoIter<Timed>,
    last: Place,
    format: Format,
    notes: Notes,
    metadata: Option<Value>,
    guess: TupleGuess,
}

/// What came of gathering events.
pub(super) enum FeedEnd {
    All(InOrder),
    /// The listener stopped the pass.
    Stopped,
}

impl<R: BufRead> Feed<R> {
    pub(super) fn next(&mut self) -> Option<Result<Event, FormatError>> {
        match self {
            Self::Lines(reader) => reader.next(),
            Self::Times(sorted) => {
                let timed = sorted.events.next()?;
                sorted.last = timed.place;
                Some(Ok(timed.event))
            }
        }
    }

    /// Where the last event is written.
    pub(super) fn place(&self) -> Place {
        match self {
            Self::Lines(reader) => Place { file: 0, line: reader.line() },
            Self::Times(sorted) => sorted.last,
        }
    }

    pub(super) fn format(&self) -> Format {
        match self {
            Self::Lines(reader) => reader.format(),
            Self::Times(sorted) => sorted.format,
        }
    }

    pub(super) fn notes(&self) -> Notes {
        match self {
            Self::Lines(reader) => reader.notes(),
            Self::Times(sorted) => sorted.notes,
        }
    }

    /// The map about the test with which a file of Elle's begins.
    pub(super) fn metadata(&self) -> Option<&Value> {
        match self {
            Self::Lines(reader) => reader.metadata(),
            Self::Times(sorted) => sorted.metadata.as_ref(),
        }
    }

    /// Whether the times of a file that is read line by line contradict that so far.
    pub(super) fn is_out_of_order(&self) -> bool {
        matches!(self, Self::Lines(reader) if reader.notes().disorder.is_some())
    }

    pub(super) fn guess(&self) -> TupleGuess {
        match self {
            Self::Lines(reader) => reader.guess(),
            Self::Times(sorted) => sorted.guess,
        }
    }

    /// Bytes held for the names of processes.
    pub(super) fn names_bytes(&self) -> u64 {
        match self {
            Self::Lines(reader) => reader.names_bytes() as u64,
            Self::Times(_) => 0, // They were counted in gathering.
        }
    }
}

/// Of the room, how many hundredths events that are to be put in order may take. As much again is
/// for what is made of them.
const GATHERED: u64 = 40;

/// Reads all events of all files, and puts them in the order of their times.
pub(super) fn gather<R: BufRead>(
    files: impl IntoIterator<Item = R>,
    options: &ReadOptions,
    room: Room,
    heard: &mut dyn FnMut(Beat) -> Heard,
) -> Result<FeedEnd, Misread> {
    let mut gathering = Gathering::default();
    let mut before: Option<Reader<R>> = None;
    let mut notes = Notes { order: Order::Times, ..Notes::default() };
    let mut beat = Beat { pass: 1, passes: 1, events: 0 };
    for (file, input) in files.into_iter().enumerate() {
        let wrong = |error: FormatError| Misread { file, error: error.into() };
        let mut reader = match before {
            None => Reader::new(input, options),
            Some(before) => Reader::after(before, input, options),
        }
        .map_err(wrong)?;
        while let Some(event) = reader.next() {
            let event = match event {
                Ok(event) => event,
                Err(error) if is_stopped(&error, beat, heard) => return Ok(FeedEnd::Stopped),
                Err(error) => return Err(wrong(error)),
            };
            beat.events += 1;
            let place = Place { file, line: reader.line() };
            gathering.push(event, reader.time(), place).map_err(misplaced)?;
            let bytes = gathering.bytes() + reader.names_bytes() as u64;
            if bytes > room.bytes / 100 * GATHERED {
                return Err(misplaced((place, too_many(room))));
            }
            if beat.events.is_multiple_of(BEAT) && heard(beat).is_break() {
                return Ok(FeedEnd::Stopped);
            }
        }
        notes = notes.and(reader.notes());
        before = Some(reader);
    }
    let last = before.expect("there is at least one file");
    let events = gathering.in_order().map_err(misplaced)?;
    Ok(FeedEnd::All(InOrder {
        events: events.into_iter(),
        last: Place::default(),
        format: last.format(),
        notes,
        metadata: last.metadata().cloned(),
        guess: last.guess(),
    }))
}

/// The error when too many events would have to be held to put them in order.
pub(super) fn too_many(room: Room) -> OrderError {
    OrderError::TooMany { megabytes: room.bytes / 1_000_000 }
}

fn misplaced((place, error): (Place, OrderError)) -> Misread {
    Misread { file: place.file, error: LoadError::Order { line: place.line, error } }
}

/// Whether the input broke off because the listener stopped the pass.
pub(super) fn is_stopped(
    error: &FormatError,
    beat: Beat,
    heard: &mut dyn FnMut(Beat) -> Heard,
) -> bool {
    matches!(error.problem, Problem::Input { .. }) && heard(beat) == ControlFlow::Break(())
}
