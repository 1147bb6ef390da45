//! Where text goes: results to standard output, the rest to standard error.

use std::ffi::OsString;
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::{AutoStream, ColorChoice};
use rashomon_checker::{visible, visible_json, visible_lines};
use serde::Serialize;

use super::Color;
use crate::exit::Exit;
use crate::report::progress::Show;
use crate::report::{ErrorReport, Glyphs, Page, Paint, PaintedText, Screen};

/// How to show things.
#[derive(Debug)]
pub(crate) struct Output {
    /// One JSON object instead of text.
    pub(crate) json: bool,
    quiet: bool,
    color: ColorChoice,
    /// Signs the terminal can show.
    pub(crate) glyphs: Glyphs,
    /// Why a result could not be written, if one could not.
    unwritten: OnceLock<String>,
}

/// Whether the object for machines is out: a program prints one.
static HAS_TOLD: AtomicBool = AtomicBool::new(false);

/// Whether a command line has `--json`. Arguments after `--` are those of the user's program.
pub(super) fn asks_for_json(words: impl Iterator<Item = OsString>) -> bool {
    words.take_while(|word| word != "--").any(|word| word == "--json")
}

impl Output {
    pub(super) fn new(json: bool, quiet: bool, color: Color) -> Self {
        let color = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self { json, quiet, color, glyphs: Glyphs::from_environment(), unwritten: OnceLock::new() }
    }

    /// What results are written on.
    pub(crate) fn screen(&self) -> Screen {
        Screen::of_output(self.glyphs)
    }

    /// How to show progress.
    pub(crate) fn progress(&self) -> Show {
        if self.quiet {
            Show::Nothing
        } else if std::io::stderr().is_terminal() {
            Show::Live
        } else {
            Show::Lines
        }
    }

    /// Prints a result.
    pub(crate) fn result(&self, text: &str) {
        self.page(&Page::from(text));
    }

    /// Prints a result, parts of it coloured.
    pub(crate) fn page(&self, page: &Page) {
        let mut out = AutoStream::new(std::io::stdout().lock(), self.color);
        match out.write_all(painted(page).as_bytes()).and_then(|()| out.flush()) {
            // A reader that has gone away needs no result.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                let _ = self.unwritten.set(error.to_string()); // Only the first is reported.
            }
            Ok(()) | Err(_) => {}
        }
    }

    /// How the program ends: so, unless a result could not be written. A violation is never masked.
    pub(super) fn end(&self, exit: Exit) -> Exit {
        let Some(why) = self.unwritten.get() else { return exit };
        self.error(&format!(
            "cannot write to standard output: {why}; make room there, or send it elsewhere"
        ));
        exit.and(Exit::Usage)
    }

    /// Prints a result for machines: one object a program.
    pub(crate) fn json(&self, object: &impl Serialize) {
        HAS_TOLD.store(true, Ordering::Relaxed);
        let text = serde_json::to_string(object).expect("the keys of our objects are texts");
        self.result(&visible_json(&format!("{text}\n")));
    }

    /// Reports why there is no result: as text and, with `--json`, as an object in place of the
    /// result.
    pub(super) fn refuse(&self, exit: Exit, text: &str) {
        self.error(text);
        self.refuse_silently(exit, text);
    }

    /// Reports as JSON why there is no result, unless the result was printed.
    pub(super) fn refuse_silently(&self, exit: Exit, text: &str) {
        if self.json && !HAS_TOLD.load(Ordering::Relaxed) {
            self.json(&ErrorReport::new(exit, text));
        }
    }

    /// Prints a message that is not a result.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            let mut err = AutoStream::new(std::io::stderr().lock(), self.color);
            // A closed standard error is no failure.
            let _ = writeln!(err, "{}", visible_lines(&self.glyphs.fit(text)));
        }
    }

    /// Prints a command for the program that reads our standard error: one line, whatever is in it.
    pub(crate) fn command(line: &str) {
        // It is no progress, so it is not left out; a closed standard error is no failure.
        let _ = writeln!(std::io::stderr(), "{}", visible(line));
    }

    /// Prints an error.
    pub(crate) fn error(&self, text: &str) {
        let mut err = AutoStream::new(std::io::stderr().lock(), self.color);
        let mut page = Page::default();
        page.paint(Paint::Red, "error:");
        // A line that a name of others begins is never taken for one of ours.
        page.push_str(&format!(" {}\n", text.replace('\n', "\n  ")));
        let _ = err.write_all(painted(&page).as_bytes());
    }
}

/// What is sent to a terminal: the text, in which nothing acts on it, and our colours.
fn painted(page: &Page) -> String {
    let mut sent = String::new();
    for PaintedText { paint, text } in page.parts() {
        sent.push_str(paint.map_or("", Paint::begin));
        sent.push_str(&visible_lines(text));
        sent.push_str(paint.map_or("", |_| Paint::END));
    }
    sent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_ours_and_nothing_else_acts_on_the_terminal() {
        let mut page = Page::from("a\x1b[31m\r\n");
        page.paint(Paint::Red, "b\u{9b}2J");
        assert_eq!(painted(&page), "a\\u{1b}[31m\\r\n\x1b[31mb\\u{9b}2J\x1b[0m");
    }
}
