//! A box of labelled lines.

use rashomon_checker::visible;

use super::{Glyphs, Page, Paint};

/// Characters inside the box.
const INSIDE: usize = 78;
/// Width of the labels.
const LABEL: usize = 10;

/// A box with a title, and labelled paragraphs in sections.
pub(crate) struct Frame {
    glyphs: Glyphs,
    page: Page,
    width: usize,
}

impl Frame {
    /// Opens a box. `title` stands left, in `paint`; `aside` right.
    pub(crate) fn new(glyphs: Glyphs, paint: Paint, title: &str, aside: &str) -> Self {
        let width = INSIDE;
        let aside = visible(aside);
        let used = title.chars().count() + aside.chars().count() + 6;
        let rule = "─".repeat(width.saturating_sub(used).max(1));
        let mut page = Page::default();
        page.push_str(&glyphs.fit("╭─ "));
        page.paint(paint, &glyphs.fit(title));
        page.push_str(&glyphs.fit(&format!(" {rule} {aside} ─╮\n")));
        Self { glyphs, page, width }
    }

    /// A labelled paragraph, wrapped.
    pub(crate) fn line(&mut self, label: &str, content: &str) {
        let room = self.width - LABEL - 2;
        let mut label = label;
        for line in wrap(&self.glyphs.fit(&visible(content)), room) {
            let bar = self.glyphs.fit("│");
            let pad = room.saturating_sub(line.chars().count());
            self.page.push_str(&format!("{bar} {label:<LABEL$}{line}{} {bar}\n", " ".repeat(pad)));
            label = "";
        }
    }

    /// A labelled paragraph that is to be copied: never broken, even where it sticks out.
    pub(crate) fn verbatim(&mut self, label: &str, content: &str) {
        let content = self.glyphs.fit(&visible(content));
        let room = self.width - LABEL - 2;
        let bar = self.glyphs.fit("│");
        let length = content.chars().count();
        if length <= room {
            let pad = " ".repeat(room - length);
            self.page.push_str(&format!("{bar} {label:<LABEL$}{content}{pad} {bar}\n"));
        } else {
            self.page.push_str(&format!("{bar} {label:<LABEL$}{content}\n"));
        }
    }

    /// A rule between sections.
    pub(crate) fn rule(&mut self) {
        let line = self.glyphs.fit(&format!("├{}┤\n", "─".repeat(self.width)));
        self.page.push_str(&line);
    }

    /// Closes the box.
    pub(crate) fn close(mut self) -> Page {
        let line = self.glyphs.fit(&format!("╰{}╯\n", "─".repeat(self.width)));
        self.page.push_str(&line);
        self.page
    }
}

/// Breaks `text` at spaces into lines of at most `room` characters. A longer word stands alone.
pub(super) fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let length = line.chars().count() + 1 + word.chars().count();
            if !line.is_empty() && length > room {
                lines.push(std::mem::take(&mut line));
            } else if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_break_at_spaces_and_the_box_stays_straight() {
        let mut frame = Frame::new(Glyphs::unicode(), Paint::Red, "✗ VIOLATION", "exit 1");
        frame.line("found", &"word ".repeat(40));
        frame.rule();
        frame.line("seed", "42");
        let text = frame.close().text();
        let widths: Vec<usize> = text.lines().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == INSIDE + 2), "{widths:?}\n{text}");
    }

    #[test]
    fn nothing_that_a_node_says_leaves_its_line() {
        let mut frame = Frame::new(Glyphs::unicode(), Paint::Red, "✗ VIOLATION", "n\u{9b}2J");
        frame.line("doubt", "n2 said\n╰───╯\x1b[2J");
        frame.verbatim("run", "a\nb");
        let text = frame.close().text();
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(text.contains(r"said\n╰───╯\u{1b}[2J") && text.contains(r"n\u{9b}2J"), "{text}");
    }

    #[test]
    fn without_unicode_the_box_is_ascii() {
        let frame = Frame::new(Glyphs::ascii(), Paint::Red, "✗ VIOLATION", "8 s · exit 1");
        assert!(frame.close().text().is_ascii());
    }
}
