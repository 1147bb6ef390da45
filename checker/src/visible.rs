//! Text of others, made fit to be printed.
//!
//! What a file or a node says may hold control characters, which act on a terminal, and invisible
//! ones, which change what a person reads. They are shown by their numbers instead of sent.

use std::borrow::Cow;
use std::fmt::Write;

/// `text` with everything shown that would act on a terminal or be invisible: control characters,
/// line breaks included, as `\n` or `\u{1b}`; and what Unicode calls formats, the overrides of the
/// direction of writing among them, as `\u{202e}`.
///
/// Applied again, it changes nothing. Linear in the length of `text`; copies only where something
/// is to be shown.
pub fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, is_hidden, show)
}

/// The same for a text of several lines of ours: it keeps its line breaks.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |letter| letter != '\n' && is_hidden(letter), show)
}

fn show(shown: &mut String, letter: char) {
    match letter {
        '\n' | '\r' | '\t' => shown.extend(letter.escape_default()),
        _ => shown.extend(letter.escape_unicode()),
    }
}

/// The same for JSON: the same value, with nothing in its texts that would act on a terminal.
///
/// `json` has no white space but blanks and line breaks outside its texts, as `serde_json` writes it.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    let is_hidden = |letter| letter != '\n' && is_hidden(letter);
    escaped(json, is_hidden, |shown, letter| {
        for unit in letter.encode_utf16(&mut [0; 2]) {
            // Writing to a text does not fail.
            let _ = write!(shown, "\\u{unit:04x}");
        }
    })
}

/// Whether a character acts on a terminal, or is not seen.
///
/// Categories Cc, Zl and Zp of Unicode, those of category Cf that have no shape of their own, what
/// fills room without a shape, and non-characters.
pub fn is_hidden(letter: char) -> bool {
    matches!(u32::from(letter),
        // Control characters: C0, delete, C1.
        0..=0x1F | 0x7F..=0x9F
        // Soft hyphen, grapheme joiner, marks and overrides of direction, fillers.
        | 0xAD | 0x034F | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164
        | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB
        // Shorthand and musical formats, tags, further selectors.
        | 0x1_BCA0..=0x1_BCA3 | 0x1_D173..=0x1_D17A | 0xE_0000..=0xE_0FFF
        // Non-characters in the first plane; the last two of every plane.
        | 0xFDD0..=0xFDEF)
        || u32::from(letter) & 0xFFFE == 0xFFFE
}

/// Has `escape` write every character for which `is_hidden` holds.
fn escaped(
    text: &str,
    is_hidden: impl Fn(char) -> bool,
    mut escape: impl FnMut(&mut String, char),
) -> Cow<'_, str> {
    let Some(first) = text.find(&is_hidden) else { return Cow::Borrowed(text) };
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(&text[..first]);
    for letter in text[first..].chars() {
        if is_hidden(letter) {
            escape(&mut shown, letter);
        } else {
            shown.push(letter);
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Value;

    /// What acts on a terminal, by the words of its standards and not by the list above.
    fn acts(letter: char) -> bool {
        let directs = "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\
                       \u{2066}\u{2067}\u{2068}\u{2069}";
        letter.is_control() || directs.contains(letter)
    }

    /// Every character that there is.
    fn letters() -> impl Iterator<Item = char> {
        (0..=u32::from(char::MAX)).filter_map(char::from_u32)
    }

    #[test]
    fn no_character_acts_on_a_terminal_once_it_is_shown() {
        for letter in letters() {
            let text = letter.to_string();
            assert!(!visible(&text).chars().any(acts), "{letter:?}");
            for shown in [visible_lines(&text), visible_json(&text)] {
                assert!(!shown.chars().any(|it| acts(it) && it != '\n'), "{letter:?}");
            }
            assert!(!visible(&text).chars().any(is_hidden), "{letter:?}");
        }
    }

    #[test]
    fn letters_of_every_writing_stay_as_they_are() {
        for text in ["", "k1", "a\\b \"c\"", "Füße", "ключ", "鍵", "مفتاح", "कुंजी", "✗ ① →", "🔑"]
        {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn what_is_hidden_is_shown_by_its_number() {
        assert_eq!(visible("a\u{1b}[2Jb\n\u{9b}\u{202e}\u{e0041}"), {
            r"a\u{1b}[2Jb\n\u{9b}\u{202e}\u{e0041}"
        });
        assert_eq!(visible_lines("a\n\tb\r\n"), "a\n\\tb\\r\n");
        let json = visible_json("{\"k\":\"\u{9b}\u{202e}\u{e0041}\"}\n");
        assert_eq!(json, "{\"k\":\"\\u009b\\u202e\\udb40\\udc41\"}\n");
    }

    proptest! {
        #[test]
        fn showing_twice_is_showing_once(text in any::<String>()) {
            let once = visible(&text).into_owned();
            prop_assert_eq!(visible(&once), once.as_str());
            let lines = visible_lines(&text).into_owned();
            prop_assert_eq!(lines.matches('\n').count(), text.matches('\n').count());
        }

        #[test]
        fn a_value_prints_nothing_hidden(text in any::<String>()) {
            let text: std::sync::Arc<str> = text.into();
            let values = [
                Value::Str(text.clone()), Value::Keyword(text.clone()), Value::Raw(text.clone()),
            ];
            for value in values {
                let pair = (value.clone(), Value::list([value.clone()]));
                let nested = Value::Map([pair].into());
                prop_assert!(!nested.to_string().chars().any(is_hidden), "{nested}");
            }
        }
    }

    #[cfg(feature = "json")]
    proptest! {
        #[test]
        fn json_that_is_shown_is_the_same_value(texts in any::<Vec<String>>()) {
            let json = serde_json::to_string_pretty(&texts).unwrap();
            let shown = visible_json(&json);
            prop_assert!(!shown.chars().any(|it| is_hidden(it) && it != '\n'), "{shown}");
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&shown).unwrap(), texts);
        }
    }
}
