//! The verdict in a word or two: the title of a box, which the last line repeats.

use rashomon_checker::visible;
use rashomon_results::RunRecord;

use super::wrap::wrap;
use super::{Page, Paint, Screen};
use crate::exit::Exit;

/// The verdict in a word or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Headline {
    /// The colour of the title.
    pub(crate) paint: Paint,
    /// The title.
    pub(crate) title: &'static str,
    /// How the program ends.
    pub(crate) exit: Exit,
}

impl Headline {
    /// The headline for this exit code.
    pub(crate) fn of(exit: Exit) -> Self {
        let (title, paint) = match exit {
            Exit::Violation => ("✗ VIOLATION", Paint::Red),
            Exit::Valid => ("✓ NO VIOLATION FOUND", Paint::Green),
            Exit::Unknown | Exit::Usage | Exit::Interrupted | Exit::OurBug => {
                ("? UNDECIDED", Paint::Yellow)
            }
        };
        Self { paint, title, exit }
    }

    /// The headline for a run.
    pub(crate) fn of_run(record: &RunRecord) -> Self {
        Self::of(Exit::of_number(record.exit))
    }

    /// Ends a page: the verdict and the reason for it, in one line, after all that was told.
    pub(crate) fn repeat(self, page: &mut Page, screen: Screen, why: &str) {
        let code = format!("exit {}", self.exit.number());
        let used = self.title.chars().count() + code.len() + 6;
        let room = screen.columns.saturating_sub(used).max(20);
        let mut lines = wrap(&visible(why), room);
        let more = if lines.len() > 1 { "…" } else { "" };
        let why = lines.swap_remove(0);
        page.push_str("\n");
        page.paint(self.paint, &screen.glyphs.fit(self.title));
        page.push_str(&screen.glyphs.fit(&format!("  {why}{more} · {code}\n")));
    }
}

/// Adds a labelled line that is to be copied: no box round it, and never broken.
pub(crate) fn to_copy(page: &mut Page, label: &str, text: &str) {
    page.push_str(&format!("  {label:<8}  {}\n", visible(text)));
}
