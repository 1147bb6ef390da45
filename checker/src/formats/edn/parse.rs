//! EDN text to values.
//!
//! The extensible data notation, <https://github.com/edn-format/edn>, with a limit on depth. A
//! text may stop in the middle of a form; the fault then says so, and the caller may come again
//! with more.

use std::str::Utf8Error;
use std::sync::Arc;

use super::{KEYWORD_TAG, RAW_TAG};
use crate::Value;
use crate::formats::MAX_DEPTH;
use crate::formats::draft::Scratch;
use crate::formats::error::{Fault, Problem};
use crate::formats::json::parse::utf16_unit;

/// A place in a text in EDN.
pub(in crate::formats) struct EdnParser<'a> {
    bytes: &'a [u8],
    pub(in crate::formats) at: usize,
    /// Whether the text goes on beyond these bytes.
    goes_on: bool,
}

/// Whether the byte sets tokens apart and means nothing.
const fn is_blank(byte: u8) -> bool {
    byte <= b' ' || byte == b','
}

/// Whether a token ends before this byte.
fn ends_token(byte: u8) -> bool {
    ENDS_TOKEN[usize::from(byte)]
}

const ENDS_TOKEN: [bool; 256] = {
    let mut ends = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        let bracket = matches!(byte, b'"' | b';' | b'(' | b')' | b'[' | b']' | b'{' | b'}');
        ends[byte as usize] = bracket || is_blank(byte);
        byte += 1;
    }
    ends
};

/// Whether the text can be the name of a keyword.
pub(super) fn is_keyword_name(name: &str) -> bool {
    !name.is_empty() && !name.bytes().any(ends_token)
}

impl<'a> EdnParser<'a> {
    /// A text that is all there is.
    pub(in crate::formats) fn whole(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, goes_on: false }
    }

    /// Bytes of a text from `at`; more may follow.
    pub(super) fn part(bytes: &'a [u8], at: usize, goes_on: bool) -> Self {
        Self { bytes, at, goes_on }
    }

    pub(super) fn unexpected(&self, at: usize, expected: &'static str) -> Fault {
        Fault::unexpected(self.bytes, at, expected)
    }

    pub(super) fn slice(&self, start: usize) -> &'a [u8] {
        &self.bytes[start..self.at]
    }

    /// Goes past `word`, if it is next.
    pub(super) fn take_word(&mut self, word: &[u8]) -> bool {
        let taken = self.bytes[self.at..].starts_with(word);
        self.at += if taken { word.len() } else { 0 };
        taken
    }

    /// Whether only blanks and comments follow.
    pub(in crate::formats) fn is_at_end(&mut self) -> Result<bool, Fault> {
        Ok(self.peek(1)?.is_none())
    }

    /// The next byte, after blanks, comments and discarded forms.
    pub(super) fn peek(&mut self, depth: usize) -> Result<Option<u8>, Fault> {
        loop {
            match self.bytes.get(self.at) {
                Some(&byte) if is_blank(byte) => self.at += 1,
                Some(b';') => self.comment()?,
                Some(b'#') if self.bytes.get(self.at + 1) == Some(&b'_') => {
                    self.enter(depth)?;
                    self.at += 2;
                    self.value(&mut Scratch::once(), depth + 1)?;
                }
                Some(&byte) => return Ok(Some(byte)),
                None => return Ok(None),
            }
        }
    }

    fn comment(&mut self) -> Result<(), Fault> {
        let rest = &self.bytes[self.at..];
        match rest.iter().position(|&byte| byte == b'\n') {
            Some(length) => self.at += length,
            None if self.goes_on => {
                return Err(Fault::incomplete(self.at, "the end of this comment"));
            }
            None => self.at = self.bytes.len(),
        }
        Ok(())
    }

    fn enter(&self, depth: usize) -> Result<(), Fault> {
        if depth < MAX_DEPTH {
            return Ok(());
        }
        Err(Fault::wrong(self.at, Problem::TooDeep { limit: MAX_DEPTH }))
    }

    /// Any value.
    pub(in crate::formats) fn value(
        &mut self,
        scratch: &mut Scratch,
        depth: usize,
    ) -> Result<Value, Fault> {
        const EXPECTED: &str = "a value";
        let Some(byte) = self.peek(depth)? else {
            return Err(Fault::incomplete(self.at, EXPECTED));
        };
        match byte {
            b'0'..=b'9' | b'-' | b'+' => self.number(scratch),
            b':' => {
                let start = self.at + 1;
                let name = self.keyword()?;
                shared(name, start, scratch).map(Value::Keyword)
            }
            b'"' => self.string(scratch).map(Value::Str),
            b'[' => self.items(b']', "`]` to close the vector that begins here", scratch, depth),
            b'(' => self.items(b')', "`)` to close the list that begins here", scratch, depth),
            b'{' => self.map(scratch, depth),
            b'#' => self.dispatch(scratch, depth),
            b'\\' => self.character(),
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'_'
            | b'*'
            | b'!'
            | b'?'
            | b'$'
            | b'%'
            | b'&'
            | b'='
            | b'<'
            | b'>'
            | b'/'
            | b'.'
            | 0x80.. => self.symbol(scratch),
            _ => Err(self.unexpected(self.at, EXPECTED)),
        }
    }

    /// What stands from `start` to the next byte that ends a token.
    fn token(&mut self, start: usize) -> Result<&'a [u8], Fault> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|&byte| ends_token(byte));
        if length.is_none() && self.goes_on {
            return Err(Fault::incomplete(start, "the end of this token"));
        }
        self.at += length.unwrap_or(rest.len());
        Ok(&self.bytes[start..self.at])
    }

    fn text(&self, start: usize, end: usize) -> Result<&'a str, Fault> {
        std::str::from_utf8(&self.bytes[start..end])
            .map_err(|error| Fault::wrong(start + error.valid_up_to(), Problem::NotText))
    }

    /// The name of a keyword.
    pub(super) fn keyword(&mut self) -> Result<&'a [u8], Fault> {
        let start = self.at;
        self.at += 1;
        let token = self.token(start)?;
        if token.len() == 1 {
            return Err(self.unexpected(start, "a keyword's name after `:`"));
        }
        Ok(&token[1..])
    }

    fn symbol(&mut self, scratch: &mut Scratch) -> Result<Value, Fault> {
        let start = self.at;
        Ok(match self.token(start)? {
            b"nil" => Value::Nil,
            b"true" => Value::Bool(true),
            b"false" => Value::Bool(false),
            symbol => Value::Raw(shared(symbol, start, scratch)?),
        })
    }

    fn number(&mut self, scratch: &mut Scratch) -> Result<Value, Fault> {
        let start = self.at;
        let token = self.token(start)?;
        match whole_number(token) {
            Some(number) => Ok(Value::Int(number)),
            None => shared(token, start, scratch).map(Value::Raw),
        }
    }

    fn character(&mut self) -> Result<Value, Fault> {
        let start = self.at;
        self.at += 1;
        // Any character may follow, one that ends tokens too.
        match self.bytes.get(self.at) {
            None => return Err(Fault::incomplete(start, "a character")),
            Some(&byte) if is_blank(byte) && byte != b',' => {
                return Err(self.unexpected(start, "a character after the backslash"));
            }
            Some(_) => self.at += 1,
        }
        self.token(start)?;
        Ok(Value::Raw(Arc::from(self.text(start, self.at)?)))
    }

    /// A text in quotes.
    fn string(&mut self, scratch: &mut Scratch) -> Result<Arc<str>, Fault> {
        let start = self.at + 1;
        let rest = &self.bytes[start..];
        let stop = rest.iter().position(|&byte| byte == b'"' || byte == b'\\');
        match stop.map(|length| (start + length, rest[length])) {
            Some((end, b'"')) => {
                self.at = end + 1;
                shared(&self.bytes[start..end], start, scratch)
            }
            Some((end, _)) => self.escaped_string(start, end),
            None => Err(Fault::incomplete(self.at, "`\"` to end the text that begins here")),
        }
    }

    /// A text in quotes with its first backslash at `stop`.
    fn escaped_string(&mut self, start: usize, mut stop: usize) -> Result<Arc<str>, Fault> {
        let mut text = String::new();
        let mut clean = start;
        loop {
            text.push_str(self.text(clean, stop)?);
            if self.bytes[stop] == b'"' {
                self.at = stop + 1;
                return Ok(Arc::from(text));
            }
            let (letter, length) = self.escape(stop, start - 1)?;
            text.push(letter);
            clean = stop + length;
            let rest = &self.bytes[clean..];
            let next = rest.iter().position(|&byte| byte == b'"' || byte == b'\\');
            let incomplete =
                || Fault::incomplete(start - 1, "`\"` to end the text that begins here");
            stop = clean + next.ok_or_else(incomplete)?;
        }
    }

    /// The character of the escape at `at`, and its length.
    fn escape(&self, at: usize, text: usize) -> Result<(char, usize), Fault> {
        const EXPECTED: &str = "an escape such as `\\n` or `\\u00e9`";
        let wrong = || self.unexpected(at, EXPECTED);
        let Some(&letter) = self.bytes.get(at + 1) else {
            return Err(Fault::incomplete(text, EXPECTED));
        };
        let plain = match letter {
            b'"' | b'\\' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                if self.bytes.len() < at + 12 && !self.bytes[at..].contains(&b'"') {
                    return Err(Fault::incomplete(text, EXPECTED));
                }
                let high = self.unit(at).ok_or_else(wrong)?;
                if let Some(letter) = char::from_u32(u32::from(high)) {
                    return Ok((letter, 6));
                }
                let low = self.unit(at + 6).ok_or_else(wrong)?;
                let pair = char::decode_utf16([high, low]).next().and_then(Result::ok);
                return Ok((pair.ok_or_else(wrong)?, 12));
            }
            _ => return Err(wrong()),
        };
        Ok((plain, 2))
    }

    /// The number in `\u1234`.
    fn unit(&self, at: usize) -> Option<u16> {
        utf16_unit(self.bytes.get(at..at + 6)?)
    }

    fn items(
        &mut self,
        close: u8,
        expected: &'static str,
        scratch: &mut Scratch,
        depth: usize,
    ) -> Result<Value, Fault> {
        self.enter(depth)?;
        let start = self.at;
        self.at += 1;
        let mark = scratch.items.len();
        loop {
            match self.peek(depth)? {
                Some(byte) if byte == close => break,
                Some(b')' | b']' | b'}') => return Err(self.unexpected(self.at, expected)),
                Some(_) => {
                    let item = self.value(scratch, depth + 1)?;
                    scratch.items.push(item);
                }
                None => return Err(Fault::incomplete(start, expected)),
            }
        }
        self.at += 1;
        Ok(Value::List(scratch.items.drain(mark..).collect()))
    }

    fn map(&mut self, scratch: &mut Scratch, depth: usize) -> Result<Value, Fault> {
        let mut pairs = Vec::new();
        self.pairs(depth, |parser, depth| {
            let key = parser.value(scratch, depth)?;
            pairs.push((key, parser.value(scratch, depth)?));
            Ok(())
        })?;
        Ok(Value::Map(Arc::from(pairs)))
    }

    /// The pairs of a map, each read by `each`.
    pub(super) fn pairs(
        &mut self,
        depth: usize,
        mut each: impl FnMut(&mut Self, usize) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        const EXPECTED: &str = "`}` to close the map that begins here";
        self.enter(depth)?;
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek(depth)? {
                Some(b'}') => break,
                Some(_) => each(self, depth + 1)?,
                None => return Err(Fault::incomplete(start, EXPECTED)),
            }
        }
        self.at += 1;
        Ok(())
    }

    /// A set, a tagged literal, or a number that is none.
    fn dispatch(&mut self, scratch: &mut Scratch, depth: usize) -> Result<Value, Fault> {
        let start = self.at;
        self.at += 1;
        match self.bytes.get(self.at) {
            Some(b'{') => {
                let close = "`}` to close the set that begins here";
                let set = self.items(b'}', close, scratch, depth)?;
                let mut items = set.as_list().unwrap_or_default().to_vec();
                items.sort_unstable();
                Ok(Value::List(Arc::from(items)))
            }
            Some(b'#') => {
                let token = self.token(start)?;
                shared(token, start, scratch).map(Value::Raw)
            }
            Some(_) => {
                self.enter(depth)?;
                self.at = start;
                let tag = self.tag()?;
                let content = self.value(scratch, depth + 1)?;
                match (tag, content) {
                    (RAW_TAG, Value::Str(text)) => Ok(Value::Raw(text)),
                    (KEYWORD_TAG, Value::Str(text)) => Ok(Value::Keyword(text)),
                    _ => Ok(Value::Raw(Arc::from(self.text(start, self.at)?))),
                }
            }
            None => Err(Fault::incomplete(start, "a set or a tag")),
        }
    }

    /// The name of a tag.
    pub(super) fn tag(&mut self) -> Result<&'a str, Fault> {
        let start = self.at;
        self.at += 1;
        self.token(start)?;
        let tag = self.text(start + 1, self.at)?;
        let first = tag.chars().next();
        if first.is_some_and(|first| first.is_alphabetic() || first == ':') {
            return Ok(tag);
        }
        Err(self.unexpected(start, "a set or a tag, as `#{1 2}` or `#inst \"...\"`"))
    }

    /// A name: a keyword, or a text, or a symbol.
    pub(in crate::formats) fn name(
        &mut self,
        scratch: &mut Scratch,
        expected: &'static str,
    ) -> Result<Arc<str>, Fault> {
        self.peek(1)?;
        let start = self.at;
        match self.value(scratch, 1)? {
            Value::Keyword(name) | Value::Str(name) => Ok(name),
            Value::Raw(name) if !name.starts_with(['#', '\\']) => Ok(name),
            Value::Raw(_)
            | Value::Nil
            | Value::Bool(_)
            | Value::Int(_)
            | Value::List(_)
            | Value::Map(_) => Err(self.unexpected(start, expected)),
        }
    }
}

/// The text of bytes that stand at `at`.
pub(super) fn shared(bytes: &[u8], at: usize, scratch: &mut Scratch) -> Result<Arc<str>, Fault> {
    let not_text = |error: Utf8Error| Fault::wrong(at + error.valid_up_to(), Problem::NotText);
    scratch.names.get_bytes(bytes).map_err(not_text)
}

/// The number, if the token is a whole one that fits.
fn whole_number(token: &[u8]) -> Option<i64> {
    let signed = token.strip_suffix(b"N").unwrap_or(token);
    let digits = signed.strip_prefix(b"-").or(signed.strip_prefix(b"+")).unwrap_or(signed);
    let negative = signed.first() == Some(&b'-');
    let octal = digits.len() > 1 && digits[0] == b'0';
    if octal || digits.is_empty() {
        return None;
    }
    let add = |number: i64, &digit: &u8| {
        let digit = i64::from(char::from(digit).to_digit(10)?);
        let shifted = number.checked_mul(10)?;
        if negative { shifted.checked_sub(digit) } else { shifted.checked_add(digit) }
    };
    digits.iter().try_fold(0, add)
}
