//! Text for a terminal, parts of it coloured.

use super::Paint;

/// Text for a terminal, parts of it coloured.
///
/// It holds no escapes of its own: the code that prints it adds those of the colours, and shows any that
/// the text has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    parts: Vec<PaintedText>,
}

/// A stretch of text in one colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PaintedText {
    /// The colour; `None`: the terminal's own.
    pub(crate) paint: Option<Paint>,
    /// The text.
    pub(crate) text: String,
}

impl Page {
    /// Adds text.
    pub(crate) fn push_str(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(PaintedText { paint: None, text: last }) => last.push_str(text),
            Some(_) | None => self.parts.push(PaintedText { paint: None, text: text.to_owned() }),
        }
    }

    /// Adds text in a colour.
    pub(crate) fn paint(&mut self, paint: Paint, text: &str) {
        self.parts.push(PaintedText { paint: Some(paint), text: text.to_owned() });
    }

    /// What it is made of, in order.
    pub(crate) fn parts(&self) -> &[PaintedText] {
        &self.parts
    }

    /// The text without its colours.
    pub(crate) fn text(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect()
    }
}

impl From<&str> for Page {
    fn from(text: &str) -> Self {
        let mut page = Self::default();
        page.push_str(text);
        page
    }
}
