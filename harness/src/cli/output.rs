//! Where text goes: results to standard output, the rest to standard error.

use std::io::{IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use serde_json::Value;

use super::Color;
use crate::report::Glyphs;
use crate::report::progress::Show;

/// How to show things.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// One JSON object instead of text.
    pub(crate) json: bool,
    quiet: bool,
    color: ColorChoice,
    /// Signs the terminal can show.
    pub(crate) glyphs: Glyphs,
}

impl Output {
    pub(super) fn new(json: bool, quiet: bool, color: Color) -> Self {
        let color = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self { json, quiet, color, glyphs: Glyphs::from_environment() }
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
        let mut out = AutoStream::new(std::io::stdout().lock(), self.color);
        // A reader that has gone away needs no result.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// Prints a result for machines.
    pub(crate) fn json(&self, value: &Value) {
        self.result(&format!("{value}\n"));
    }

    /// Tells a person something that is no result.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            let mut err = AutoStream::new(std::io::stderr().lock(), self.color);
            let _ = writeln!(err, "{}", self.glyphs.fit(text)); // Nobody to tell is no failure.
        }
    }

    /// Tells a person what went wrong.
    pub(crate) fn error(&self, text: &str) {
        let mut err = AutoStream::new(std::io::stderr().lock(), self.color);
        let _ = writeln!(err, "{} {text}", crate::report::Paint::Red.on("error:"));
    }
}
