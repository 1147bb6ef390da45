//! A box of labelled lines.

use rashomon_checker::visible;
use unicode_width::UnicodeWidthStr;

use super::wrap::wrap;
use super::{Headline, Page, Screen};

/// Columns of the labels.
const LABEL: usize = 10;

/// A box with a title, and labelled paragraphs in sections.
pub(crate) struct Frame {
    screen: Screen,
    page: Page,
}

impl Frame {
    /// Opens a box. The headline stands left, `aside` right, if there is room for it.
    pub(crate) fn new(screen: Screen, headline: Headline, aside: &str) -> Self {
        let glyphs = screen.glyphs;
        let title = glyphs.fit(headline.title);
        let aside = glyphs.fit(&visible(aside));
        let free = screen.columns.saturating_sub(title.width() + "╭─   ─╮".width());
        let ending = match free.checked_sub(aside.width() + 1) {
            Some(rule) => format!("{} {aside}", "─".repeat(rule)),
            None => "─".repeat(free),
        };
        let mut page = Page::default();
        page.push_str(&glyphs.fit("╭─ "));
        page.paint(headline.paint, &title);
        page.push_str(&glyphs.fit(&format!(" {ending} ─╮\n")));
        Self { screen, page }
    }

    /// Opens a box that is headed with a word and no verdict.
    pub(crate) fn plain(screen: Screen, title: &str) -> Self {
        let free = screen.columns.saturating_sub(title.width() + "╭─  ─╮".width());
        let mut page = Page::default();
        page.push_str(&screen.glyphs.fit(&format!("╭─ {title} {}─╮\n", "─".repeat(free))));
        Self { screen, page }
    }

    /// A labelled paragraph, wrapped.
    pub(crate) fn line(&mut self, label: &str, content: &str) {
        let Screen { glyphs, columns } = self.screen;
        let room = columns.saturating_sub(LABEL + "│  │".width()).max(1);
        let bar = glyphs.fit("│");
        let mut label = label;
        for line in wrap(&glyphs.fit(&visible(content)), room) {
            let pad = " ".repeat(room.saturating_sub(line.width()));
            self.page.push_str(&format!("{bar} {label:<LABEL$}{line}{pad} {bar}\n"));
            label = "";
        }
    }

    /// A rule between sections.
    pub(crate) fn rule(&mut self) {
        self.across("├", "┤");
    }

    /// Closes the box.
    pub(crate) fn close(mut self) -> Page {
        self.across("╰", "╯");
        self.page
    }

    fn across(&mut self, left: &str, right: &str) {
        let rule = "─".repeat(self.screen.columns.saturating_sub(2));
        self.page.push_str(&self.screen.glyphs.fit(&format!("{left}{rule}{right}\n")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;
    use crate::report::Glyphs;

    fn screen(columns: usize) -> Screen {
        Screen { glyphs: Glyphs::unicode(), columns }
    }

    #[test]
    fn the_box_is_straight_at_every_width_whatever_is_in_it() {
        for columns in 40..=100 {
            let mut frame = Frame::new(screen(columns), Headline::of(Exit::Violation), "exit 1");
            frame.line("found", &"word ".repeat(40));
            frame.line("file", &"a-name-without-blanks/".repeat(9));
            frame.rule();
            frame.line(
                "key",
                "鍵は「名前」です と かなり ながい なまえ です から おりかえします そうですよね",
            );
            frame.line("seed", "42");
            let text = frame.close().text();
            assert!(text.lines().all(|line| line.width() == columns), "{columns}\n{text}");
        }
    }

    #[test]
    fn nothing_that_a_node_says_leaves_its_line() {
        let mut frame = Frame::new(screen(80), Headline::of(Exit::Violation), "n\u{9b}2J");
        frame.line("doubt", "n2 said\n╰───╯\x1b[2J");
        frame.line("run", "a\nb");
        let text = frame.close().text();
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(text.contains(r"said\n╰───╯\u{1b}[2J") && text.contains(r"n\u{9b}2J"), "{text}");
    }

    #[test]
    fn without_unicode_the_box_is_ascii() {
        let screen = Screen { glyphs: Glyphs::ascii(), columns: 80 };
        let frame = Frame::new(screen, Headline::of(Exit::Valid), "8 s · exit 1");
        assert!(frame.close().text().is_ascii());
    }
}
