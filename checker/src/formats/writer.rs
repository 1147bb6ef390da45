//! Histories to files.

use std::io::{self, Write};

use super::{edn, json};
use crate::Event;

/// Writes a history, event by event, with one call to what is below for each.
///
/// ```
/// use rashomon_checker::formats::Writer;
/// use rashomon_checker::{Event, EventKind, ProcessId, Value};
///
/// let mut writer = Writer::json_lines(Vec::new())?;
/// writer.event(&Event::new(0, ProcessId(0), EventKind::Invoke, "read", Value::Nil))?;
/// assert_eq!(
///     String::from_utf8_lossy(writer.get_ref()),
///     r#"{"format":"rashomon-history","version":1}
/// {"index":0,"time":0,"process":0,"type":"invoke","f":"read","value":null}
/// "#
/// );
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Writer<W> {
    out: W,
    line: String,
    push: fn(&mut String, &Event),
}

impl<W: Write> Writer<W> {
    /// A history in our own format. Its first line is written at once.
    ///
    /// # Errors
    ///
    /// If `out` refuses the first line.
    pub fn json_lines(mut out: W) -> io::Result<Self> {
        json::write_header(&mut out)?;
        Ok(Self { out, line: String::new(), push: json::push_event })
    }

    /// A history as Jepsen's `history.edn`, with `:key` where an event has a key.
    pub fn edn(out: W) -> Self {
        Self { out, line: String::new(), push: edn::push_event }
    }

    /// A history as Jepsen's `history.edn`, with the value of an event that has a key written as
    /// `[key value]`, which is what `jepsen.independent` makes of them.
    pub fn edn_independent(out: W) -> Self {
        Self { out, line: String::new(), push: edn::push_independent_event }
    }

    /// Writes an event.
    ///
    /// # Errors
    ///
    /// If what is below refuses. Part of the line may have been written.
    pub fn event(&mut self, event: &Event) -> io::Result<()> {
        self.line.clear();
        (self.push)(&mut self.line, event);
        self.out.write_all(self.line.as_bytes())
    }

    /// Has what is below pass on all that it holds back.
    ///
    /// # Errors
    ///
    /// If it cannot.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// What is below.
    pub fn get_ref(&self) -> &W {
        &self.out
    }

    /// What is below, to be had back.
    pub fn into_inner(self) -> W {
        self.out
    }
}
