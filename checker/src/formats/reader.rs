//! A file's events, one by one.

use std::io::{BufRead, Chain, Cursor, Read};

use super::draft::{Draft, Scratch};
use super::edn::Forms;
use super::error::{Fault, FormatError, Problem};
use super::lines::Lines;
use super::{Format, detect, json, log};
use crate::{Event, Value};

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

/// What was passed over in reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Events of the nemesis.
    pub nemesis_events: u64,
    /// Lines of a log that are not events.
    pub other_lines: u64,
    /// A last event cut short.
    pub torn: Option<Torn>,
}

/// The beginning of an event at the end of a file, left behind by a writer that was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Its line, counted from 1.
    pub line: u64,
    /// How many bytes there are of it; 0 if only the bracket around all events is missing.
    pub bytes: usize,
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
    lines: Lines,
    forms: Forms,
    next_index: u64,
    done: bool,
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
            notes: Notes::default(),
            lines: Lines::default(),
            forms: Forms::default(),
            next_index: 0,
            done: false,
        })
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
        loop {
            let draft = match self.format {
                Format::JsonLines => self.json_draft()?,
                Format::JepsenLog => self.log_draft()?,
                Format::Edn | Format::PorcupineKv | Format::Knossos | Format::Elle => {
                    self.forms.advance(
                        &mut self.input,
                        self.options.event_bytes_max,
                        self.format,
                        &mut self.scratch,
                        &mut self.notes,
                    )?
                }
            };
            let Some(mut draft) = draft else { return Ok(None) };
            if self.options.independent {
                split_tuple(&mut draft).map_err(|problem| self.error(problem))?;
            }
            let index = draft.index.unwrap_or(self.next_index);
            let event = draft.finish(index).map_err(|problem| self.error(problem))?;
            self.next_index = index.saturating_add(1);
            if event.is_some() {
                return Ok(event);
            }
            self.notes.nemesis_events += 1;
        }
    }

    /// An error about the last event as a whole.
    fn error(&self, problem: Problem) -> FormatError {
        FormatError { line: self.line(), column: 1, problem }
    }

    fn json_draft(&mut self) -> Result<Option<Draft>, FormatError> {
        while self.lines.advance(&mut self.input, self.options.event_bytes_max)? {
            self.scratch.items.clear();
            if self.lines.bytes().trim_ascii().is_empty() {
                continue;
            }
            match json_line(&self.lines, &mut self.scratch) {
                Ok(Some(draft)) => return Ok(Some(draft)),
                Ok(None) => {}
                Err(fault) if self.lines.ended || is_refusal(&fault) => {
                    return Err(self.lines.error(fault));
                }
                Err(_) => {
                    let bytes = self.lines.bytes().len();
                    self.notes.torn = Some(Torn { line: self.lines.number, bytes });
                }
            }
        }
        Ok(None)
    }

    fn log_draft(&mut self) -> Result<Option<Draft>, FormatError> {
        while self.lines.advance(&mut self.input, self.options.event_bytes_max)? {
            self.scratch.items.clear();
            match log::draft(self.lines.bytes(), &mut self.scratch) {
                Ok(Some(draft)) => return Ok(Some(draft)),
                Ok(None) => self.notes.other_lines += 1,
                Err(fault) if self.lines.ended => return Err(self.lines.error(fault)),
                Err(_) => {
                    let bytes = self.lines.bytes().len();
                    self.notes.torn = Some(Torn { line: self.lines.number, bytes });
                }
            }
        }
        Ok(None)
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

/// The draft of an event; `None` if the line is the header.
fn json_line(lines: &Lines, scratch: &mut Scratch) -> Result<Option<Draft>, Fault> {
    let text = lines.text()?;
    if lines.number == 1 && json::line::is_header(text, scratch)? {
        return Ok(None);
    }
    json::line::draft(text, scratch).map(Some)
}

/// Whether the fault is in what a line says, and not in that it is cut short.
fn is_refusal(fault: &Fault) -> bool {
    use super::error::Cause;
    matches!(fault.cause, Cause::Wrong(Problem::NewerVersion { .. } | Problem::OtherFormat { .. }))
}

/// Reads as many lines as it takes to know the format.
fn look(input: &mut impl BufRead, first: &mut Vec<u8>) -> Result<Format, FormatError> {
    const ENOUGH: u64 = 1 << 16;
    let mut line = 1;
    loop {
        let read = input.by_ref().take(ENOUGH).read_until(b'\n', first);
        let read = read.map_err(|error| FormatError::input(line, &error))?;
        if let Some(format) = detect(first) {
            return Ok(format);
        }
        if read == 0 || first.len() as u64 >= ENOUGH {
            return Err(FormatError { line: 1, column: 1, problem: Problem::Unrecognized });
        }
        line += 1;
    }
}

/// Takes the key out of a value `[key value]`. A completion may have lost it; an invocation not.
fn split_tuple(draft: &mut Draft) -> Result<(), Problem> {
    use super::draft::Actor;
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
