//! JSON text to values, without a copy of what needs none.
//!
//! RFC 8259, with a limit on depth. Whole numbers that fit are [`Value::Int`]; all other numbers
//! are [`Value::Raw`], in the words of the file.

use std::borrow::Cow;
use std::sync::Arc;

use crate::Value;
use crate::formats::MAX_DEPTH;
use crate::formats::draft::Scratch;
use crate::formats::error::{Fault, Problem};
use crate::formats::scan::plain_bytes;

/// A place in a line of JSON.
pub(in crate::formats) struct JsonParser<'a> {
    text: &'a str,
    pub(in crate::formats) at: usize,
}

impl<'a> JsonParser<'a> {
    pub(in crate::formats) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The byte at this place, after blanks.
    pub(in crate::formats) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// Goes past `byte`, if it is next.
    pub(in crate::formats) fn take(&mut self, byte: u8) -> bool {
        let taken = self.peek() == Some(byte);
        self.at += usize::from(taken);
        taken
    }

    /// Goes past `word`, if it is next, blanks or not.
    pub(in crate::formats) fn take_word(&mut self, word: &[u8]) -> bool {
        let taken = self.text.as_bytes()[self.at..].starts_with(word);
        self.at += if taken { word.len() } else { 0 };
        taken
    }

    /// Goes past `byte`, which must be next.
    pub(in crate::formats) fn must(
        &mut self,
        byte: u8,
        expected: &'static str,
    ) -> Result<(), Fault> {
        if self.take(byte) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    pub(in crate::formats) fn unexpected(&self, expected: &'static str) -> Fault {
        self.unexpected_at(self.at, expected)
    }

    pub(in crate::formats) fn unexpected_at(&self, at: usize, expected: &'static str) -> Fault {
        Fault::unexpected(self.text.as_bytes(), at, expected)
    }

    /// Only blanks may follow.
    pub(in crate::formats) fn end(&mut self) -> Result<(), Fault> {
        if self.peek().is_none() { Ok(()) } else { Err(self.unexpected("the end of the line")) }
    }

    /// A text in quotes.
    pub(in crate::formats) fn string(
        &mut self,
        expected: &'static str,
    ) -> Result<Cow<'a, str>, Fault> {
        self.must(b'"', expected)?;
        let start = self.at;
        self.skip_plain();
        if self.text.as_bytes().get(self.at) == Some(&b'"') {
            self.at += 1;
            return Ok(Cow::Borrowed(&self.text[start..self.at - 1]));
        }
        self.escaped_string(start).map(Cow::Owned)
    }

    /// Goes to the next byte that means something in a text.
    fn skip_plain(&mut self) {
        self.at += plain_bytes(&self.text.as_bytes()[self.at..]);
    }

    fn escaped_string(&mut self, start: usize) -> Result<String, Fault> {
        let bytes = self.text.as_bytes();
        let mut text = String::new();
        let mut clean = start;
        loop {
            self.skip_plain();
            match bytes.get(self.at) {
                Some(b'"') => {
                    text.push_str(&self.text[clean..self.at]);
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    text.push_str(&self.text[clean..self.at]);
                    let (letter, length) = self.escape()?;
                    text.push(letter);
                    self.at += length;
                    clean = self.at;
                }
                Some(_) => return Err(self.unexpected("a control character to be escaped")),
                None => return Err(self.unexpected("`\"` at the end of a text")),
            }
        }
    }

    /// The character of the escape at this place, and its length.
    fn escape(&self) -> Result<(char, usize), Fault> {
        let wrong = || self.unexpected("an escape such as `\\n` or `\\u00e9`");
        let letter = *self.text.as_bytes().get(self.at + 1).ok_or_else(wrong)?;
        let plain = match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = self.unit(self.at).ok_or_else(wrong)?;
                if let Some(letter) = char::from_u32(u32::from(high)) {
                    return Ok((letter, 6));
                }
                let low = self.unit(self.at + 6).ok_or_else(wrong)?;
                let pair = char::decode_utf16([high, low]).next().and_then(Result::ok);
                return Ok((pair.ok_or_else(wrong)?, 12));
            }
            _ => return Err(wrong()),
        };
        Ok((plain, 2))
    }

    /// The number in `\u1234`.
    fn unit(&self, at: usize) -> Option<u16> {
        utf16_unit(self.text.as_bytes().get(at..at + 6)?)
    }

    /// A whole number that is not negative.
    pub(in crate::formats) fn unsigned(&mut self, expected: &'static str) -> Result<u64, Fault> {
        self.peek();
        let start = self.at;
        self.digits().ok_or_else(|| self.unexpected_at(start, expected))
    }

    /// The number at this place, if it consists of digits only and fits.
    fn digits(&mut self) -> Option<u64> {
        let bytes = &self.text.as_bytes()[self.at..];
        let mut number: u64 = 0;
        let mut length = 0;
        while let Some(digit @ b'0'..=b'9') = bytes.get(length) {
            number = number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
            length += 1;
        }
        let ends = !matches!(bytes.get(length), Some(b'.' | b'e' | b'E' | b'-' | b'+'));
        let leads = length > 1 && bytes[0] == b'0';
        if length == 0 || leads || !ends {
            return None;
        }
        self.at += length;
        Some(number)
    }

    fn number_token(&mut self) -> &'a str {
        let start = self.at;
        let part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        self.at += self.text.as_bytes()[start..].iter().take_while(|byte| part(byte)).count();
        &self.text[start..self.at]
    }

    fn number(&mut self) -> Result<Value, Fault> {
        let start = self.at;
        if let Some(Ok(number)) = self.digits().map(i64::try_from) {
            return Ok(Value::Int(number));
        }
        self.at = start;
        let token = self.number_token();
        if !is_number(token) {
            return Err(self.unexpected_at(start, "a number"));
        }
        Ok(token.parse().map_or_else(|_| Value::Raw(Arc::from(token)), Value::Int))
    }

    /// Any value.
    pub(in crate::formats) fn value(
        &mut self,
        scratch: &mut Scratch,
        depth: usize,
    ) -> Result<Value, Fault> {
        match self.peek() {
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'"') => Ok(Value::Str(scratch.names.get(&self.string("a text")?))),
            Some(b'n') => self.word("null", Value::Nil),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'[' | b'{') if depth == MAX_DEPTH => {
                Err(Fault::wrong(self.at, Problem::TooDeep { limit: MAX_DEPTH }))
            }
            Some(b'[') => self.list(scratch, depth + 1),
            Some(b'{') => self.object(scratch, depth + 1),
            Some(_) | None => Err(self.unexpected("a value")),
        }
    }

    fn word(&mut self, word: &'static str, value: Value) -> Result<Value, Fault> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.unexpected("`null`, `true` or `false`"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn list(&mut self, scratch: &mut Scratch, depth: usize) -> Result<Value, Fault> {
        self.must(b'[', "a list")?;
        let mark = scratch.items.len();
        if !self.take(b']') {
            loop {
                let item = self.value(scratch, depth)?;
                scratch.items.push(item);
                if self.take(b']') {
                    break;
                }
                self.must(b',', "`,` or `]`")?;
            }
        }
        Ok(Value::List(scratch.items.drain(mark..).collect()))
    }

    /// The pairs of an object, each handed to `each` at its value.
    pub(in crate::formats) fn fields(
        &mut self,
        mut each: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.must(b'{', "an object, as `{\"index\":0, ...}`")?;
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            let name = self.field_name()?;
            each(self, name)?;
            if self.take(b'}') {
                return Ok(());
            }
            self.must(b',', "`,` or `}`")?;
        }
    }

    /// The name of a field, and the sign after it.
    pub(in crate::formats) fn field_name(&mut self) -> Result<Cow<'a, str>, Fault> {
        let name = self.string("a field's name in quotes")?;
        self.must(b':', "`:`")?;
        Ok(name)
    }

    fn object(&mut self, scratch: &mut Scratch, depth: usize) -> Result<Value, Fault> {
        let start = self.at;
        let mut pairs: Vec<(Value, Value)> = Vec::new();
        let mut tagged: Option<Value> = None;
        self.fields(|parser, name| {
            let alone = pairs.is_empty() && tagged.is_none();
            match &*name {
                "$name" | "$raw" if alone => {
                    let text = scratch.names.get(&parser.string("a text")?);
                    let name = name == "$name";
                    tagged = Some(if name { Value::Keyword(text) } else { Value::Raw(text) });
                }
                "$map" if alone => {
                    let at = parser.at;
                    let list = parser.value(scratch, depth)?;
                    let map = as_pairs(&list).map(Value::Map);
                    let wrong = || parser.unexpected_at(at, "a list of pairs");
                    tagged = Some(map.ok_or_else(wrong)?);
                }
                _ => pairs
                    .push((Value::Str(scratch.names.get(&name)), parser.value(scratch, depth)?)),
            }
            Ok(())
        })?;
        match tagged {
            Some(value) if pairs.is_empty() => Ok(value),
            Some(_) => Err(self.unexpected_at(start, "no other field beside one that begins `$`")),
            None => Ok(Value::Map(Arc::from(pairs))),
        }
    }
}

/// The value that a text in JSON is, if it is one.
///
/// ```
/// use rashomon_checker::Value;
/// use rashomon_checker::formats::json;
///
/// assert_eq!(json::value("[1, null]"), Some(Value::list([Value::Int(1), Value::Nil])));
/// assert_eq!(json::value("[1"), None);
/// ```
pub fn value(text: &str) -> Option<Value> {
    let mut parser = JsonParser::new(text);
    let value = parser.value(&mut Scratch::once(), 0).ok()?;
    parser.end().ok().map(|()| value)
}

/// The number in `\u1234`, in JSON and EDN alike.
pub(in crate::formats) fn utf16_unit(escape: &[u8]) -> Option<u16> {
    let digits = escape.strip_prefix(b"\\u")?.iter();
    let digit = |&digit: &u8| char::from(digit).to_digit(16);
    let number = digits.map(digit).try_fold(0, |sum, digit| Some(sum * 16 + digit?))?;
    u16::try_from(number).ok()
}

fn as_pairs(list: &Value) -> Option<Arc<[(Value, Value)]>> {
    let pair = |item: &Value| match item.as_list()? {
        [key, value] => Some((key.clone(), value.clone())),
        _ => None,
    };
    list.as_list()?.iter().map(pair).collect()
}

/// Whether the text is a number in JSON that [`Value::Int`] cannot hold.
pub(in crate::formats) fn is_raw_number(text: &str) -> bool {
    is_number(text) && text.parse::<i64>().is_err()
}

fn is_number(text: &str) -> bool {
    fn digits(text: &str) -> Option<&str> {
        let rest = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
        (rest.len() < text.len()).then_some(rest)
    }
    fn after_sign(text: &str) -> Option<&str> {
        let whole = text.strip_prefix('-').unwrap_or(text);
        let mut rest = match whole.strip_prefix('0') {
            Some(rest) => rest,
            None => digits(whole)?,
        };
        if let Some(fraction) = rest.strip_prefix('.') {
            rest = digits(fraction)?;
        }
        if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
            rest = digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))?;
        }
        Some(rest)
    }
    after_sign(text) == Some("")
}
