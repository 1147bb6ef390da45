//! Lines that fit the width of a terminal.

use unicode_width::UnicodeWidthStr;

/// Breaks `text` at blanks into lines of at most `room` columns, and within a word that is longer.
pub(super) fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let used = line.width();
        if used > 0 && used + 1 + word.width() > room {
            lines.push(std::mem::take(&mut line));
        } else if used > 0 {
            line.push(' ');
        }
        for letter in word.chars() {
            let width = UnicodeWidthStr::width(letter.encode_utf8(&mut [0; 4]) as &str);
            if line.width() + width > room && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line.push(letter);
        }
    }
    lines.push(line);
    lines
}
