//! A file's events, one by one.

use std::io::{BufRead, Chain, Cursor, Read};

use super::draft::{Draft, Scratch};
use super::edn::Forms;
use super::error::{Fault, FormatError, Problem};
use super::json::objects::{NextObject, Objects};
use super::lines::Lines;
use super::notes::{Notes, Torn};
use super::order::Disorder;
use super::tuples::{Looks, TupleGuess, Tuples};
use super::{Format, detect, json, log};
use crate::{Event, Time, Value};

/// How to read a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// Its format; `None` to go by its looks.
    pub format: Option<Format>,
    /// Whether values are tuples `[key value]`, as `jepsen.independent` makes them. EDN cannot
    /// tell such a tuple from a plain vector, so someone has to say.
    pub independent: bool,
    /// The longest event that is read. Memory is bounded by it.
    pub event_bytes_max: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { format: None, independent: false, event_bytes_max: 16 << 20 }
    }
}

/// Yields the events of a history, in bounded memory. After an error it yields nothing more.
///
/// ```
/// use rashomon_checker::formats::{ReadOptions, Reader};
///
/// let killed = r#"{"format":"rashomon-history","version":1}
/// {"index":0,"time":0,"process":0,"type":"invoke","f":"read","value":null}
/// {"index":1,"time":5,"proc"#;
/// let mut reader = Reader::new(killed.as_bytes(), &ReadOptions::default())?;
/// assert_eq!(reader.by_ref().collect::<Result<Vec<_>, _>>()?.len(), 1);
/// assert_eq!(reader.torn().map(|torn| torn.line), Some(3));
/// # Ok::<(), rashomon_checker::formats::FormatError>(())
/// ```
#[derive(Debug)]
pub struct Reader<R> {
    input: Chain<Cursor<Vec<u8>>, R>,
    options: ReadOptions,
    format: Format,
    scratch: Scratch,
    notes: Notes,
    draft: Draft,
    lines: Lines,
    forms: Forms,
    objects: Objects,
    /// Whether a line of JSON has been read.
    begun: bool,
    next_index: u64,
    done: bool,
    /// When the last event was.
    time: Option<Time>,
    /// The latest time so far.
    latest: Time,
    looks: Looks,
}

impl<R: BufRead> Reader<R> {
    /// A reader of this file. Reads only as much of it as it takes to know its format.
    ///
    /// # Errors
    ///
    /// If the format is to be found out and the file is like none.
    pub fn new(mut input: R, options: &ReadOptions) -> Result<Self, FormatError> {
        let mut first = Vec::new();
        let format = match options.format {
            Some(format) => format,
            None => look(&mut input, &mut first)?,
        };
        Ok(Self {
            input: Cursor::new(first).chain(input),
            options: options.clone(),
            format,
            scratch: Scratch::default(),
            notes: Notes {
                tuples: if options.independent { Tuples::Given } else { Tuples::Plain },
                ..Notes::default()
            },
            draft: Draft::default(),
            lines: Lines::default(),
            forms: Forms::default(),
            objects: Objects::default(),
            begun: false,
            next_index: 0,
            done: false,
            time: None,
            latest: Time(0),
            looks: Looks::default(),
        })
    }

    /// A reader of a file that belongs to the same history as one that has been read: a name means
    /// the same process in both, and times are written alike.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn after<S>(
        before: Reader<S>,
        input: R,
        options: &ReadOptions,
    ) -> Result<Self, FormatError> {
        Ok(Self { scratch: before.scratch, looks: before.looks, ..Self::new(input, options)? })
    }

    /// The format of the file.
    pub fn format(&self) -> Format {
        self.format
    }

    /// What has been passed over so far.
    pub fn notes(&self) -> Notes {
        self.notes
    }

    /// The last event, if it was cut short. Known once the reader has yielded all events.
    pub fn torn(&self) -> Option<Torn> {
        self.notes.torn
    }

    /// The line on which the last event yielded begins, counted from 1.
    pub fn line(&self) -> u64 {
        match self.format {
            Format::JsonLines | Format::JepsenLog => self.lines.number,
            Format::JsonArray => self.objects.line(),
            Format::Edn | Format::PorcupineKv | Format::Knossos | Format::Elle => {
                self.forms.line_of_event()
            }
        }
    }

    /// The map about the test with which a file of Elle's begins. Known with the first event.
    pub fn metadata(&self) -> Option<&Value> {
        self.forms.metadata()
    }

    fn advance(&mut self) -> Result<Option<Event>, FormatError> {
        while self.read()? {
            if self.options.independent {
                split_tuple(&mut self.draft).map_err(|problem| self.error(problem))?;
            } else {
                self.looks.see(&self.draft);
            }
            let time = self.draft.at();
            let index = self.draft.index.unwrap_or(self.next_index);
            let event = self.draft.finish(index).map_err(|problem| self.error(problem))?;
            self.next_index = index.saturating_add(1);
            if event.is_some() {
                self.put_in_order(time);
                return Ok(event);
            }
            self.notes.nemesis_events += 1;
        }
        Ok(None)
    }

    /// Takes note of the time of an event.
    fn put_in_order(&mut self, time: Option<Time>) {
        self.time = time;
        let Some(time) = time else { return };
        if time < self.latest && self.notes.disorder.is_none() {
            self.notes.disorder = Some(Disorder { line: self.line() });
        }
        self.latest = self.latest.max(time);
    }

    /// When the last event was, if the file says so.
    pub(crate) fn time(&self) -> Option<Time> {
        self.time
    }

    /// Whether values look like pairs of a key and a value.
    pub(crate) fn guess(&self) -> TupleGuess {
        self.looks.guess()
    }

    /// Bytes held for the names of processes.
    pub(crate) fn names_bytes(&self) -> usize {
        self.scratch.processes.bytes()
    }

    /// An error about the last event as a whole.
    fn error(&self, problem: Problem) -> FormatError {
        FormatError { line: self.line(), column: 1, problem }
    }

    /// Reads the fields of the next event; `false` at the end of the file.
    fn read(&mut self) -> Result<bool, FormatError> {
        match self.format {
            Format::JsonLines | Format::JepsenLog => self.read_line(),
            Format::JsonArray => self.read_object(),
            Format::Edn | Format::PorcupineKv | Format::Knossos | Format::Elle => {
                self.forms.advance(
                    &mut self.input,
                    self.options.event_bytes_max,
                    self.format,
                    &mut self.draft,
                    &mut self.scratch,
                    &mut self.notes,
                )
            }
        }
    }

    fn read_line(&mut self) -> Result<bool, FormatError> {
        while self.lines.advance(&mut self.input, self.options.event_bytes_max)? {
            if self.lines.bytes().trim_ascii().is_empty() {
                continue;
            }
            self.scratch.items.clear();
            self.draft = Draft::default();
            let read = match self.format {
                Format::JepsenLog => self.log_line(),
                _ => self.json_line(),
            };
            match read {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(_) if self.is_torn() => {
                    let bytes = self.lines.bytes().len();
                    self.notes.torn = Some(Torn { line: self.lines.number, bytes });
                }
                Err(fault) => return Err(self.lines.error(fault)),
            }
        }
        Ok(false)
    }

    fn read_object(&mut self) -> Result<bool, FormatError> {
        self.scratch.items.clear();
        self.draft = Draft::default();
        match self.objects.advance(&mut self.input, self.options.event_bytes_max)? {
            NextObject::Object => {}
            NextObject::End => return Ok(false),
            NextObject::Torn(torn) => {
                self.notes.torn = Some(torn);
                return Ok(false);
            }
        }
        let read = |text| json::line::read(text, &mut self.draft, &mut self.scratch);
        let read = self.objects.text().and_then(read);
        read.map(|()| true).map_err(|fault| self.objects.error(fault))
    }

    /// `false` if the line is the header.
    fn json_line(&mut self) -> Result<bool, Fault> {
        let text = self.lines.text()?;
        let is_first = !std::mem::replace(&mut self.begun, true);
        if is_first && json::line::is_header(text, &mut self.scratch)? {
            return Ok(false);
        }
        json::line::read(text, &mut self.draft, &mut self.scratch).map(|()| true)
    }

    /// `false` if the line is no event.
    fn log_line(&mut self) -> Result<bool, Fault> {
        let is_event = log::read(self.lines.bytes(), &mut self.draft, &mut self.scratch)?;
        self.notes.other_lines += u64::from(!is_event);
        Ok(is_event)
    }

    /// Whether the line, which does not parse, is the last one cut short. One that is whole JSON
    /// has some other fault.
    fn is_torn(&self) -> bool {
        let whole_json =
            self.format == Format::JsonLines && self.lines.text().is_ok_and(json::line::is_whole);
        !self.lines.ended && !whole_json
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Event, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let event = self.advance();
        self.done = !matches!(event, Ok(Some(_)));
        event.transpose()
    }
}

/// Reads as many lines as it takes to know the format.
fn look(input: &mut impl BufRead, first: &mut Vec<u8>) -> Result<Format, FormatError> {
    const ENOUGH: u64 = 1 << 16;
    const FEW_LINES: u64 = 64;
    let (mut line, mut looked) = (1, 0);
    loop {
        let read = input.by_ref().take(ENOUGH).read_until(b'\n', first);
        let read = read.map_err(|error| FormatError::input(line, &error))?;
        let is_all = read == 0 || first.len() as u64 >= ENOUGH;
        // Looking costs what has been read, so after many lines only when there is twice as much.
        let is_time = line <= FEW_LINES || first.len() >= 2 * looked || is_all;
        if is_time {
            looked = first.len();
            if let Some(format) = detect(first) {
                return Ok(format);
            }
        }
        if is_all {
            return Err(FormatError { line: 1, column: 1, problem: Problem::Unrecognized });
        }
        line += 1;
    }
}

/// Takes the key out of a value `[key value]`. A completion may have lost it; an invocation not.
fn split_tuple(draft: &mut Draft) -> Result<(), Problem> {
    use super::processes::Actor;
    use crate::EventKind;
    let Some(Actor::Process(_)) = draft.process else { return Ok(()) };
    let (key, value) = match &draft.value {
        Some(Value::List(items)) if items.len() == 2 => (items[0].clone(), items[1].clone()),
        value if draft.kind == Some(EventKind::Invoke) => {
            let found = value.as_ref().map_or_else(|| String::from("none"), ToString::to_string);
            let found = format!("the value {}", found.chars().take(40).collect::<String>());
            let expected = "a tuple `[key value]` in every invocation, as values are independent";
            return Err(Problem::Unexpected { expected, found });
        }
        _ => return Ok(()),
    };
    draft.key = Some(key);
    draft.value = Some(value);
    Ok(())
}
