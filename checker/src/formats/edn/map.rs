//! One map of a history in EDN.

use std::sync::Arc;

use super::parse::{EdnParser, shared};
use crate::Value;
use crate::formats::draft::{self, Draft, Field, Scratch};
use crate::formats::error::{Fault, Problem};
use crate::formats::processes;
use crate::formats::time::{self, Clockface, Stamp};

/// Sets the fields of an event, as far as the map at this place gives them.
pub(super) fn read(
    parser: &mut EdnParser<'_>,
    draft: &mut Draft,
    scratch: &mut Scratch,
) -> Result<(), Fault> {
    let mut place = 0;
    parser.pairs(0, |parser, depth| {
        let guess = scratch.order.guess(place);
        place += 1;
        match guess.filter(|&field| !draft.has(field) && parser.take_word(key(field))) {
            Some(field) => set(draft, field, parser, scratch),
            None => other_pair(place - 1, draft, parser, scratch, depth),
        }
    })
}

/// The key of a field and a blank, as all writers of EDN write them.
fn key(field: Field) -> &'static [u8] {
    match field {
        Field::Index => b":index ",
        Field::Time => b":time ",
        Field::Process => b":process ",
        Field::Kind => b":type ",
        Field::F => b":f ",
        Field::Key => b":key ",
        Field::Value => b":value ",
        Field::Node => b":node ",
        Field::Final => b":final? ",
        Field::Error => b":error ",
    }
}

/// Reads a pair whose key is not the expected one.
fn other_pair(
    place: usize,
    draft: &mut Draft,
    parser: &mut EdnParser<'_>,
    scratch: &mut Scratch,
    depth: usize,
) -> Result<(), Fault> {
    let start = parser.at;
    let is_keyword = parser.peek(depth)? == Some(b':');
    let name = if is_keyword { parser.keyword()? } else { b"" };
    match field(name) {
        Some(field) if draft.has(field) => {
            Err(Fault::wrong(start, Problem::Repeated { field: field.name() }))
        }
        Some(field) => {
            scratch.order.learn(place, field);
            set(draft, field, parser, scratch)
        }
        None => {
            let name = if is_keyword {
                shared(name, start, scratch)?
            } else {
                other_key(parser, scratch, depth)?
            };
            draft.extra.push((name, parser.value(scratch, depth)?));
            Ok(())
        }
    }
}

/// The field of this key.
pub(super) fn field(name: &[u8]) -> Option<Field> {
    if name == b"final?" { Some(Field::Final) } else { Field::named(name) }
}

/// A key that is no keyword, as text.
fn other_key(
    parser: &mut EdnParser<'_>,
    scratch: &mut Scratch,
    depth: usize,
) -> Result<Arc<str>, Fault> {
    let start = parser.at;
    match parser.value(scratch, depth)? {
        Value::Str(text) => Ok(text),
        _ => Ok(Arc::from(String::from_utf8_lossy(parser.slice(start)))),
    }
}

fn set(
    draft: &mut Draft,
    field: Field,
    parser: &mut EdnParser<'_>,
    scratch: &mut Scratch,
) -> Result<(), Fault> {
    parser.peek(1)?;
    let start = parser.at;
    let value = parser.value(scratch, 1)?;
    let wrong = |expected| parser.unexpected(start, expected);
    match field {
        Field::Index => {
            let index = value.as_int().ok_or_else(|| wrong("an event's number"))?;
            draft.index = u64::try_from(index).ok(); // A negative one says that there is none.
        }
        Field::Time => {
            let read = match &value {
                Value::Nil => Some((Stamp::Unknown, Clockface::Nanoseconds)),
                Value::Int(number) => time::of_number(&number.to_string()),
                Value::Str(date) => time::of_date(date),
                Value::Raw(text) => match inst(text) {
                    Some(date) => time::of_date(date),
                    None => time::of_number(text),
                },
                Value::Bool(_) | Value::Keyword(_) | Value::List(_) | Value::Map(_) => None,
            };
            draft.time = Some(scratch.time(read).map_err(wrong)?);
        }
        Field::Process => {
            let who = scratch.processes.of(&value).ok_or_else(|| wrong(processes::EXPECTED))?;
            (draft.process, draft.process_name) = (Some(who.0), who.1);
        }
        Field::Kind => {
            let kind = name_of(&value).and_then(|name| draft::kind(name.as_bytes()));
            draft.kind = Some(kind.ok_or_else(|| wrong("`:invoke`, `:ok`, `:fail` or `:info`"))?);
        }
        Field::F => {
            let name = name_of(&value).ok_or_else(|| wrong("a function, as `:read`"))?;
            draft.f = Some(name.clone());
        }
        Field::Key => draft.key = Some(value),
        Field::Value => draft.value = Some(value),
        Field::Node => draft.node = node(&value),
        Field::Final => {
            draft.is_final = Some(match value {
                Value::Bool(truth) => truth,
                Value::Nil => false,
                Value::Int(_)
                | Value::Str(_)
                | Value::Keyword(_)
                | Value::List(_)
                | Value::Map(_)
                | Value::Raw(_) => return Err(wrong("`true` or `false`")),
            });
        }
        Field::Error => draft.error = Some(value),
    }
    Ok(())
}

/// The date in `#inst "..."`.
fn inst(text: &str) -> Option<&str> {
    text.strip_prefix("#inst")?.trim().strip_prefix('"')?.strip_suffix('"')
}

fn name_of(value: &Value) -> Option<&Arc<str>> {
    match value {
        Value::Keyword(name) | Value::Str(name) | Value::Raw(name) => Some(name),
        Value::Nil | Value::Bool(_) | Value::Int(_) | Value::List(_) | Value::Map(_) => None,
    }
}

fn node(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::Nil => None,
        Value::Keyword(name) | Value::Str(name) | Value::Raw(name) => Some(name.clone()),
        Value::Bool(_) | Value::Int(_) | Value::List(_) | Value::Map(_) => {
            Some(Arc::from(value.to_string()))
        }
    }
}
