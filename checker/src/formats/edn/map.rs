//! One map of a history in EDN.

use std::sync::Arc;

use super::parse::{Parser, shared};
use crate::formats::draft::{self, Actor, Draft, Field, Scratch};
use crate::formats::error::{Fault, Problem};
use crate::{ProcessId, Time, Value};

/// Sets the fields of an event, as far as the map at this place gives them.
pub(super) fn read(
    parser: &mut Parser<'_>,
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

/// Reads a pair of which the key is not the one that was likely.
fn other_pair(
    place: usize,
    draft: &mut Draft,
    parser: &mut Parser<'_>,
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
    parser: &mut Parser<'_>,
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
    parser: &mut Parser<'_>,
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
            const EXPECTED: &str = "nanoseconds since the run began, a whole number";
            let time = if value == Value::Nil { Some(0) } else { value.as_int() };
            let time = time.ok_or_else(|| wrong(EXPECTED))?;
            draft.time = Some(Time(u64::try_from(time).unwrap_or(0)));
        }
        Field::Process => {
            draft.process = Some(actor(&value).ok_or_else(|| {
                wrong("a process, a number from 0 to 4294967295 or a nemesis's name")
            })?);
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

fn actor(value: &Value) -> Option<Actor> {
    match value {
        Value::Int(number) => u32::try_from(*number).ok().map(|id| Actor::Process(ProcessId(id))),
        Value::Keyword(_) | Value::Str(_) => Some(Actor::Nemesis),
        Value::Raw(name) if name.starts_with(char::is_alphabetic) => Some(Actor::Nemesis),
        Value::Raw(_) | Value::Nil | Value::Bool(_) | Value::List(_) | Value::Map(_) => None,
    }
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
