//! A gate on a terminal.

use rashomon_checker::visible;

use super::wording::{brief, first_line, headline, notes, reason, regressions, unknowns};
use crate::gate::ToldGate;
use crate::report::{Page, Paint, Screen, to_copy};

/// The report for a terminal.
pub(crate) fn gate_page(told: &ToldGate<'_>, screen: Screen) -> Page {
    let mut page = Page::default();
    let fit = |text: &str| screen.glyphs.fit(&visible(text));
    page.push_str(&format!("{}\n", fit(&first_line(told))));
    for one in regressions(told) {
        page.push_str("\n ");
        page.paint(Paint::Red, &fit("✗"));
        page.push_str(&format!(" {}  {}\n", one.kind.name(), fit(&one.title)));
        page.push_str(&format!("   {}\n", fit(&brief(&one.evidence))));
        if let Some(folder) = &one.run {
            to_copy(&mut page, "replay", &format!("rashomon replay {folder}"));
        }
        to_copy(&mut page, "again", &one.again);
    }
    let unknowns = unknowns(told);
    if !unknowns.is_empty() {
        page.push_str("\n");
    }
    for (unknown, _) in unknowns {
        page.push_str(" ");
        page.paint(Paint::Yellow, "?");
        page.push_str(&format!(" {}\n", fit(&brief(&unknown))));
    }
    let notes = notes(told);
    if !notes.is_empty() {
        page.push_str("\n");
    }
    for note in notes {
        page.push_str(&format!(" {}\n", fit(&note)));
    }
    headline(told).repeat(&mut page, screen, &reason(told));
    page
}
