//! Progress on standard error, while a long history is read.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::progress::Show;
use super::thousands;

/// Shows how far reading is, on a terminal, once it takes long enough to wonder.
pub(crate) struct ReadingBar {
    bar: Option<ProgressBar>,
    begun: Instant,
    drawn: Instant,
}

/// What takes no longer than this is not shown.
const PATIENCE: Duration = Duration::from_millis(500);

impl ReadingBar {
    /// Shows nothing yet.
    pub(crate) fn new(show: Show) -> Self {
        let bar = match show {
            Show::Live => Some(ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())),
            Show::Lines | Show::Nothing => None,
        };
        let now = Instant::now();
        Self { bar, begun: now, drawn: now }
    }

    /// Shows the progress of a pass: which of how many passes, and bytes read of all.
    pub(crate) fn read(&mut self, pass: [u32; 2], bytes: [Option<u64>; 2], events: u64) {
        let Some(bar) = &self.bar else { return };
        if self.begun.elapsed() < PATIENCE || self.drawn.elapsed() < Duration::from_millis(100) {
            return;
        }
        self.drawn = Instant::now();
        if bar.is_hidden() {
            let style = ProgressStyle::with_template(" {prefix:<8} {bar:40} {msg}");
            let style = style.expect("the template is constant").progress_chars("━╸ ");
            bar.set_style(style);
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        let [read, of] = bytes;
        let [pass, passes] = pass;
        bar.set_length(of.unwrap_or(0).max(1));
        bar.set_position(read.unwrap_or(0));
        bar.set_prefix("reading");
        let pass =
            if passes > 1 { format!("pass {pass} of about {passes}  ") } else { String::new() };
        bar.set_message(format!(
            "{pass}{}{}  {} events",
            megabytes(read.unwrap_or(0)),
            of.map_or_else(String::new, |of| format!(" of {}", megabytes(of))),
            thousands(events)
        ));
    }

    /// Shows that what was read is being judged.
    pub(crate) fn judging(&self, operations: u64) {
        let Some(bar) = self.bar.as_ref().filter(|bar| !bar.is_hidden()) else { return };
        bar.set_prefix("judging");
        bar.set_message(format!("{} operations", thousands(operations)));
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        self.bar.iter().for_each(ProgressBar::finish_and_clear);
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", thousands(bytes / 1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_shown_but_on_a_terminal() {
        for show in [Show::Lines, Show::Nothing] {
            assert!(ReadingBar::new(show).bar.is_none());
        }
        let mut bar = ReadingBar::new(Show::Live);
        bar.read([1, 1], [Some(1), Some(2)], 3);
        assert!(bar.bar.as_ref().is_some_and(ProgressBar::is_hidden), "nobody wonders yet");
    }
}
