//! A history too large to be held, in groups of keys.
//!
//! Linearizability is local, and so is what is asked of final reads: each key's part can be judged
//! alone. So a history that does not fit is read several times, and each time only the operations
//! on some keys are held. Everything else is checked and counted in passing, so that what is said
//! of the whole is the same however often it is read.
//!
//! | what does not fit | what is done |
//! |---|---|
//! | the history | it is read again, in groups of keys by hash |
//! | one key, or operations without keys | its beginning is a group; a violation there is one |
//! | anything, and the input cannot be read again | the same, of all keys at once |
//! | a register's part of these two, no value written while it may still be read, no `cas` | besides, all of it is judged while it passes by: see [`Streamed`] |
//! | a single event, or the operations in flight | reading ends there, for all keys |
//!
//! How many groups there are depends on the room, but not the verdict on any part that is whole.
//!
//! Time O(n) a pass; there are about as many passes as the room goes into what the whole would
//! take, and one or two more if the first guesses are wrong. Nothing here opens a file: the caller
//! opens it and hands over the input for each pass.

use std::io::BufRead;
use std::ops::ControlFlow;

use crate::formats::{
    Format, FormatError, LoadError, Notes, Order, Place, Problem, ReadOptions, Reader, TupleGuess,
    Tuples,
};
use crate::groups::Streamed;
use crate::{Event, History, HistoryBuilder, KeyRange, ModelKind, Tally, Time, Value};

mod cut;
mod feed;
mod plan;
mod stream;

pub use cut::{Cut, Unread};

use feed::{Feed, FeedEnd};
use plan::Plan;
use stream::Stream;

/// How much room there is for a history and for judging it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes, for both. Reading takes up to a megabyte beside.
    pub bytes: u64,
    /// How many parts may be judged at once.
    pub threads: u32,
}

/// Whether the input can be read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Yes, as a file can.
    Yes,
    /// No, as a pipe cannot.
    No,
}

/// The operations on some keys: all of them, or the first.
#[derive(Debug)]
pub struct Group {
    /// The operations, at their positions in the whole.
    pub history: History,
    /// How the file is written.
    pub format: Format,
    /// What was passed over.
    pub notes: Notes,
    /// The map about the test with which a file of Elle's begins; of several files the last one's.
    pub metadata: Option<Value>,
    /// What can be said of the whole.
    pub tally: Tally,
    /// Where it ends, if not with the file.
    pub cut: Option<Cut>,
    /// What was made of all operations on these keys, those that could not be held too, as far as
    /// the file can be read; `None` if that is not known.
    pub streamed: Option<Streamed>,
    /// Bytes that are left for all searches that go on at the same time.
    pub search_bytes: u64,
}

/// How far a pass is, told now and then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// The pass, counted from 1.
    pub pass: u32,
    /// How many there are likely to be, this one and those before it too.
    pub passes: u32,
    /// Events read in this pass.
    pub events: u64,
}

/// The listener's answer to a [`Beat`]: to go on, and how many thousandths of the input have
/// been read, if that is known; or to stop.
pub type Heard = ControlFlow<(), Option<u64>>;

/// What came of a pass.
#[derive(Debug)]
pub enum Passed {
    /// A group to be judged.
    Group(Box<Group>),
    /// Too much was to be held, or the file is to be read otherwise: the same input is to be read
    /// again.
    Again,
    /// The listener stopped the pass: the operations held until then. The pass can be made again.
    Stopped(Box<Group>),
    /// The listener stopped the pass before anything was known that can be judged.
    Nothing,
}

/// Why one of several files could not be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misread {
    /// Which, counted from 0.
    pub file: usize,
    /// Why.
    pub error: LoadError,
}

/// Reads a history in as many passes as it takes.
///
/// ```
/// use std::ops::ControlFlow;
/// use rashomon_checker::formats::ReadOptions;
/// use rashomon_checker::passes::{Again, Passed, Passes, Room};
///
/// let file = r#"{"process":0,"type":"invoke","f":"read","key":"x"}
/// {"process":0,"type":"ok","f":"read","key":"x"}
/// "#;
/// let room = Room { bytes: 1 << 24, threads: 2 };
/// let mut passes = Passes::new(&ReadOptions::default(), room, Again::Yes);
/// while !passes.is_done() {
///     let passed = passes.read(file.as_bytes(), &mut |_| ControlFlow::Continue(None))?;
///     let Passed::Group(group) = passed else { continue };
///     assert_eq!((group.history.len(), group.cut), (1, None));
/// }
/// # Ok::<(), rashomon_checker::formats::LoadError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Passes {
    options: ReadOptions,
    room: Room,
    again: Again,
    plan: Plan,
    /// What to judge by what cannot be held.
    model: Option<ModelKind>,
    order: Order,
    tuples: Tuples,
    finds_tuples: bool,
}

/// The start of the measured time.
#[derive(Clone, Copy, Debug, Default)]
struct Since(Option<Time>);

/// Later than this, in nanoseconds, no run goes on: such a time counts from some other beginning,
/// as 1970, and says nothing to people.
const LONG_RUN: Time = Time(1_000_000_000_000_000);

impl Since {
    /// The event, with its time since the run began, if the file counts from another beginning.
    fn begun(&mut self, mut event: Event) -> Event {
        if event.time > Time(0) {
            let first = *self.0.get_or_insert(event.time);
            let begin = if first >= LONG_RUN { first } else { Time(0) };
            event.time = Time(event.time.0.saturating_sub(begin.0));
        }
        event
    }
}

/// The part of the room that judging what cannot be held may take.
const STREAM_SHARE: u64 = 16;

/// Events between beats.
const BEAT: u64 = 1 << 14;

impl Passes {
    /// Passes over an input that nobody has read yet.
    pub fn new(options: &ReadOptions, room: Room, again: Again) -> Self {
        let mut options = options.clone();
        // Parsed, an event may take thirty times its length; a hundredth leaves room to hold some.
        let longest = usize::try_from(room.bytes / 100).unwrap_or(usize::MAX).max(1 << 12);
        options.event_bytes_max = options.event_bytes_max.min(longest);
        let tuples = if options.independent { Tuples::Given } else { Tuples::Plain };
        Self {
            options,
            room,
            again,
            plan: Plan::new(room),
            model: None,
            order: Order::Lines,
            tuples,
            finds_tuples: false,
        }
    }

    /// Finds out whether values are pairs of a key and a value, where nobody says so. It then takes
    /// another pass.
    #[must_use]
    pub fn finding_tuples(self) -> Self {
        Self { finds_tuples: self.tuples == Tuples::Plain, ..self }
    }

    /// Takes events by their times, as must be done with those of several files.
    #[must_use]
    pub fn by_time(self) -> Self {
        Self { order: Order::Times, ..self }
    }

    /// Judges by this model what cannot be held, where that can be done: see [`Streamed`].
    #[must_use]
    pub fn judging(self, model: ModelKind) -> Self {
        Self { model: Some(model), ..self }
    }

    /// Whether all has been read that can be.
    pub fn is_done(&self) -> bool {
        self.plan.next().is_none()
    }

    /// Makes a pass over the input, which must be at its beginning, and the same as before. `heard`
    /// learns now and then how far it is, and may stop it.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or its events are not a history. The pass can be made again.
    ///
    /// # Panics
    ///
    /// If all has been read that can be.
    pub fn read(
        &mut self,
        input: impl BufRead,
        heard: &mut dyn FnMut(Beat) -> Heard,
    ) -> Result<Passed, LoadError> {
        self.read_all([input], heard).map_err(|wrong| wrong.error)
    }

    /// The same with several files that hold parts of one history; see [`by_time`](Self::by_time).
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    ///
    /// # Panics
    ///
    /// If all has been read that can be, or if there is no file.
    pub fn read_all<R: BufRead>(
        &mut self,
        files: impl IntoIterator<Item = R>,
        heard: &mut dyn FnMut(Beat) -> Heard,
    ) -> Result<Passed, Misread> {
        let range = self.plan.begin();
        let mut files = files.into_iter();
        let mut feed = match self.order {
            Order::Lines => {
                let only = files.next().expect("there is at least one file");
                match Reader::new(only, &self.options) {
                    Ok(reader) => Feed::Lines(Box::new(reader)),
                    Err(error) if feed::is_stopped(&error, self.plan.beat(0), heard) => {
                        return Ok(Passed::Nothing);
                    }
                    Err(error) => return Err(Misread { file: 0, error: error.into() }),
                }
            }
            Order::Times => match feed::gather(files, &self.options, self.room, heard)? {
                FeedEnd::All(events) => Feed::Times(events),
                FeedEnd::Stopped => return Ok(Passed::Nothing),
            },
        };
        self.take(&mut feed, range, heard)
    }

    /// Holds the events of these keys.
    fn take<R: BufRead>(
        &mut self,
        feed: &mut Feed<R>,
        range: KeyRange,
        heard: &mut dyn FnMut(Beat) -> Heard,
    ) -> Result<Passed, Misread> {
        let mut builder = HistoryBuilder::of_keys(range);
        let mut stream: Option<Stream> = None;
        let (mut unread, mut long_line) = (None, None);
        let mut events = 0;
        let mut since = Since::default();
        while let Some(event) = feed.next() {
            let event = match event {
                Ok(event) => since.begun(event),
                Err(error) if feed::is_stopped(&error, self.plan.beat(events), heard) => {
                    unread = Some(Unread::Stopped);
                    break;
                }
                Err(error) => {
                    long_line = Some(error.line);
                    let wrong = |error: FormatError| Misread { file: 0, error: error.into() };
                    unread = Some(Self::too_long(&error).ok_or_else(|| wrong(error))?);
                    break;
                }
            };
            if feed.is_out_of_order() {
                return self.turn_to_times(feed);
            }
            let pushed = builder.push(&event);
            pushed.map_err(|error| {
                let Place { file, line } = feed.place();
                Misread { file, error: LoadError::History { line, error } }
            })?;
            stream = stream.and_then(|stream| stream.push(&event, &builder));
            events += 1;
            if events % BEAT == 0 && heard(self.plan.beat(events)).is_break() {
                unread = Some(Unread::Stopped);
                break;
            }
            unread = self.no_room(&builder, feed);
            if unread.is_some() {
                break;
            }
            if self.plan.is_too_much(&builder) {
                let ControlFlow::Continue(read) = heard(self.plan.beat(events)) else {
                    unread = Some(Unread::Stopped);
                    break;
                };
                let only = match (self.again, self.order) {
                    (_, Order::Times) => return Err(self.too_many(feed)),
                    (Again::No, Order::Lines) => Some(range),
                    (Again::Yes, Order::Lines) => self.plan.narrow(&builder, read),
                };
                let Some(only) = only else { return Ok(Passed::Again) };
                stream = self.close(&mut builder, only);
            }
        }
        if let Some(passed) = self.turn_to_tuples(feed, unread)? {
            return Ok(passed);
        }
        let is_stopped = unread == Some(Unread::Stopped);
        if !is_stopped {
            self.plan.end(&builder);
        }
        let line = long_line.unwrap_or_else(|| feed.place().line);
        let unread = unread.map(|why| Cut::Unread { line, why });
        let group = self.group(feed, builder, unread, stream.and_then(Stream::finish));
        let group = Box::new(group);
        Ok(if is_stopped { Passed::Stopped(group) } else { Passed::Group(group) })
    }

    /// Why no more can be read, if so.
    fn no_room<R: BufRead>(&self, builder: &HistoryBuilder, feed: &Feed<R>) -> Option<Unread> {
        if builder.open_bytes() as u64 > self.room.bytes / 4 {
            return Some(Unread::ManyOpen);
        }
        (feed.names_bytes() > self.room.bytes / 4).then_some(Unread::ManyNames)
    }

    fn too_many<R: BufRead>(&self, feed: &Feed<R>) -> Misread {
        let Place { file, line } = feed.place();
        Misread { file, error: LoadError::Order { line, error: feed::too_many(self.room) } }
    }

    /// Has the file read again, by the times of its events.
    fn turn_to_times<R: BufRead>(&mut self, feed: &Feed<R>) -> Result<Passed, Misread> {
        let Place { file, line } = feed.place();
        if self.again == Again::No {
            return Err(Misread { file, error: LoadError::Unsorted { line } });
        }
        self.order = Order::Times;
        self.plan = Plan::new(self.room);
        Ok(Passed::Again)
    }

    /// Has the file read again if its values turn out to be pairs of a key and a value.
    fn turn_to_tuples<R: BufRead>(
        &mut self,
        feed: &Feed<R>,
        unread: Option<Unread>,
    ) -> Result<Option<Passed>, Misread> {
        let is_new = self.finds_tuples && self.tuples == Tuples::Plain;
        match feed.guess() {
            guess if !is_new || guess == TupleGuess::Plain => Ok(None),
            TupleGuess::Unclear | TupleGuess::Pairs if unread == Some(Unread::Stopped) => {
                Ok(Some(Passed::Nothing))
            }
            TupleGuess::Pairs if self.again == Again::Yes => {
                self.tuples = Tuples::Assumed;
                self.options.independent = true;
                self.plan = Plan::new(self.room);
                Ok(Some(Passed::Again))
            }
            TupleGuess::Plain | TupleGuess::Unclear | TupleGuess::Pairs => {
                Err(Misread { file: feed.place().file, error: LoadError::Tuples })
            }
        }
    }

    /// Holds nothing more, and goes on to judge the events of these keys if that can be done.
    fn close(&self, builder: &mut HistoryBuilder, only: KeyRange) -> Option<Stream> {
        builder.close(only);
        let bytes = self.room.bytes / STREAM_SHARE;
        self.model.and_then(|model| Stream::after(builder, only, model, bytes))
    }

    fn group<R: BufRead>(
        &self,
        feed: &Feed<R>,
        builder: HistoryBuilder,
        unread: Option<Cut>,
        streamed: Option<Streamed>,
    ) -> Group {
        let full = (builder.late_events() > 0).then(|| Cut::Full {
            held: builder.held_events(),
            of: builder.held_events() + builder.late_events(),
            bytes: builder.bytes() as u64,
        });
        Group {
            format: feed.format(),
            notes: Notes { tuples: self.tuples, ..feed.notes() },
            metadata: feed.metadata().cloned(),
            tally: builder.tally(),
            search_bytes: self.plan.search_bytes(&builder),
            history: builder.finish(),
            cut: unread.or(full),
            streamed,
        }
    }

    /// Why reading ends if this is an event for which there is no room.
    fn too_long(error: &FormatError) -> Option<Unread> {
        match error.problem {
            Problem::TooLong { limit } if limit < ReadOptions::default().event_bytes_max => {
                Some(Unread::LongEvent { limit })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
