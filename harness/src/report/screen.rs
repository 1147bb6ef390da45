//! The output device: its width, colours and characters.

use super::Glyphs;

/// The output device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Screen {
    /// Signs that it shows.
    pub(crate) glyphs: Glyphs,
    /// How wide it is.
    pub(crate) columns: usize,
}

/// The default number of columns.
const USUAL: usize = 80;
/// Narrower than this, a box holds no sentence.
const LEAST: usize = 40;
/// Wider lines are hard to read.
const MOST: usize = 100;

impl Screen {
    /// Standard output: as wide as its terminal, within bounds; 80 columns if it is none, so that
    /// equal runs leave equal files.
    pub(crate) fn of_output(glyphs: Glyphs) -> Self {
        let size = terminal_size::terminal_size_of(std::io::stdout());
        let columns = size.map_or(USUAL, |(width, _)| usize::from(width.0));
        // A terminal that does not know its size says 0.
        let columns = if columns == 0 { USUAL } else { columns.clamp(LEAST, MOST) };
        Self { glyphs, columns }
    }
}
