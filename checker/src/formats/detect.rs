//! The format of a file, by its looks.

use super::{Format, log};

/// The format of a file that begins with these bytes, as far as they tell.
///
/// All formats in EDN are read alike; which of them it is says only what the file is likely to be
/// about. A few lines are enough. `None` if they are like none of the formats, or only blanks and
/// comments so far.
///
/// ```
/// use rashomon_checker::formats::{Format, detect};
///
/// assert_eq!(detect(br#"{"format":"rashomon-history","version":1}"#), Some(Format::JsonLines));
/// assert_eq!(detect(b"; read by hand\n[{:process 0, :type :invoke"), Some(Format::Knossos));
/// assert_eq!(detect(b"INFO  jepsen.util - 0\t:invoke\t:read\tnil\n"), Some(Format::JepsenLog));
/// assert_eq!(detect(br#"[{"process":0,"#), Some(Format::JsonArray));
/// assert_eq!(detect(b"Dear reader,"), None);
/// ```
pub fn detect(first: &[u8]) -> Option<Format> {
    let first = first.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first);
    let text = after_gap(first);
    match text.first()? {
        b'{' => match after_gap(&text[1..]).first()? {
            b'"' => Some(Format::JsonLines),
            _ => Some(of_map(text)),
        },
        b'#' => Some(Format::Edn),
        b'[' | b'(' => match after_gap(&text[1..]).first() {
            Some(b'{') if text[0] == b'[' => match after_gap(&after_gap(&text[1..])[1..]).first() {
                Some(b'"') => Some(Format::JsonArray),
                Some(_) => Some(Format::Knossos),
                None => None,
            },
            Some(b'{' | b'#' | b']' | b')') => Some(Format::Knossos),
            Some(_) | None => of_lines(first),
        },
        _ => of_lines(first),
    }
}

/// What follows blanks, commas and comments.
fn after_gap(mut text: &[u8]) -> &[u8] {
    loop {
        match text.first() {
            Some(b' ' | b'\t' | b'\n' | b'\r' | b',') => text = &text[1..],
            Some(b';') => {
                let end = text.iter().position(|&byte| byte == b'\n').unwrap_or(text.len());
                text = &text[end..];
            }
            Some(_) | None => return text,
        }
    }
}

/// The format in EDN that begins with this map.
fn of_map(text: &[u8]) -> Format {
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or(text);
    let says = |word: &[u8]| line.windows(word.len()).any(|window| window == word);
    let on_strings = says(b":f :get") || says(b":f :put") || says(b":f :append");
    if says(b":workload ") && !says(b":process ") {
        Format::Elle
    } else if on_strings && says(b":key ") {
        Format::PorcupineKv
    } else {
        Format::Edn
    }
}

/// The format of a file that is not made of maps.
fn of_lines(text: &[u8]) -> Option<Format> {
    let mut lines = text.split(|&byte| byte == b'\n');
    lines.any(log::looks_like_an_event).then_some(Format::JepsenLog)
}
