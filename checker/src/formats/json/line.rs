//! One line of a history in JSON.

use std::sync::Arc;

use crate::formats::draft::{self, Draft, Field, Scratch};
use crate::formats::error::{Fault, Problem};
use crate::formats::json::parse::JsonParser;
use crate::formats::processes::{self, NamedActor};
use crate::formats::time::{self, Clockface, Stamp};
use crate::{EventKind, Time, Value};

/// The version of the format that we write, and the newest that we read.
pub const VERSION: u64 = 1;

/// The name of the format, in its first line.
const FORMAT: &str = "rashomon-history";

/// Sets the fields of an event, as far as the line gives them.
pub(in crate::formats) fn read(
    line: &str,
    draft: &mut Draft,
    scratch: &mut Scratch,
) -> Result<(), Fault> {
    let mut parser = JsonParser::new(line);
    parser.must(b'{', EVENT)?;
    let mut place = 0;
    let mut more = !parser.take(b'}');
    while more {
        let guess = scratch.order.guess(place);
        match guess.filter(|&field| !draft.has(field) && parser.take_word(key(field))) {
            Some(field) => set(draft, field, &mut parser, scratch)?,
            None => other_field(place, draft, &mut parser, scratch)?,
        }
        place += 1;
        more = !parser.take(b'}');
        if more {
            parser.must(b',', "`,` or `}`")?;
        }
    }
    parser.end()
}

/// What stands for an event in the errors.
const EVENT: &str = "an object, as `{\"index\":0, ...}`";

/// The name of a field and the sign after it, as writers of JSON lines write them.
fn key(field: Field) -> &'static [u8] {
    match field {
        Field::Index => b"\"index\":",
        Field::Time => b"\"time\":",
        Field::Process => b"\"process\":",
        Field::Kind => b"\"type\":",
        Field::F => b"\"f\":",
        Field::Key => b"\"key\":",
        Field::Value => b"\"value\":",
        Field::Node => b"\"node\":",
        Field::Final => b"\"final\":",
        Field::Error => b"\"error\":",
    }
}

/// Reads a field that is not the one that was likely.
fn other_field(
    place: usize,
    draft: &mut Draft,
    parser: &mut JsonParser<'_>,
    scratch: &mut Scratch,
) -> Result<(), Fault> {
    parser.peek();
    let start = parser.at;
    let name = parser.field_name()?;
    match Field::named(name.as_bytes()) {
        Some(field) if draft.has(field) => {
            Err(Fault::wrong(start, Problem::Repeated { field: field.name() }))
        }
        Some(field) => {
            scratch.order.learn(place, field);
            set(draft, field, parser, scratch)
        }
        None => {
            let name = scratch.names.get(name.strip_prefix('$').unwrap_or(&name));
            draft.extra.push((name, parser.value(scratch, 1)?));
            Ok(())
        }
    }
}

/// Whether the text is a whole value in JSON, whatever it says.
pub(in crate::formats) fn is_whole(text: &str) -> bool {
    let mut parser = JsonParser::new(text);
    parser.value(&mut Scratch::once(), 0).is_ok() && parser.end().is_ok()
}

fn set(
    draft: &mut Draft,
    field: Field,
    parser: &mut JsonParser<'_>,
    scratch: &mut Scratch,
) -> Result<(), Fault> {
    match field {
        Field::Index => draft.index = Some(parser.unsigned("an event's number, from 0")?),
        Field::Time => draft.time = Some(time(parser, scratch)?),
        Field::Process => {
            let (process, name) = actor(parser, scratch)?;
            (draft.process, draft.process_name) = (Some(process), name);
        }
        Field::Kind => {
            const EXPECTED: &str = "`\"invoke\"`, `\"ok\"`, `\"fail\"` or `\"info\"`";
            parser.peek();
            if parser.take_word(b"\"invoke\"") {
                draft.kind = Some(EventKind::Invoke);
                return Ok(());
            }
            let at = parser.at;
            let kind = draft::kind(parser.string(EXPECTED)?.as_bytes());
            draft.kind = Some(kind.ok_or_else(|| parser.unexpected_at(at, EXPECTED))?);
        }
        Field::F => draft.f = Some(scratch.names.get(&parser.string("a function's name")?)),
        Field::Key => draft.key = Some(parser.value(scratch, 1)?),
        Field::Value => draft.value = Some(parser.value(scratch, 1)?),
        Field::Node => draft.node = node(parser, scratch)?,
        Field::Final => draft.is_final = Some(truth(parser)?),
        Field::Error => draft.error = Some(parser.value(scratch, 1)?),
    }
    Ok(())
}

/// A time, most often nanoseconds.
fn time(parser: &mut JsonParser<'_>, scratch: &mut Scratch) -> Result<Stamp, Fault> {
    parser.peek();
    let at = parser.at;
    let plain = parser.unsigned(time::EXPECTED).ok();
    let read = match plain {
        Some(number) => Some((Stamp::At(Time(number)), Clockface::Nanoseconds)),
        None => match parser.value(scratch, 1)? {
            Value::Nil => return Ok(Stamp::Unknown),
            Value::Int(number) => time::of_number(&number.to_string()),
            Value::Raw(number) => time::of_number(&number),
            Value::Str(date) => time::of_date(&date),
            Value::Bool(_) | Value::Keyword(_) | Value::List(_) | Value::Map(_) => None,
        },
    };
    scratch.time(read).map_err(|expected| parser.unexpected_at(at, expected))
}

fn actor(parser: &mut JsonParser<'_>, scratch: &mut Scratch) -> Result<NamedActor, Fault> {
    if let Some(b'0'..=b'9') = parser.peek() {
        let at = parser.at;
        if let Ok(Ok(number)) = parser.unsigned(processes::EXPECTED).map(u32::try_from) {
            return Ok(scratch.processes.numbered(number));
        }
        parser.at = at;
    }
    let at = parser.at;
    let value = parser.value(scratch, 1)?;
    scratch.processes.of(&value).ok_or_else(|| parser.unexpected_at(at, processes::EXPECTED))
}

fn node(parser: &mut JsonParser<'_>, scratch: &mut Scratch) -> Result<Option<Arc<str>>, Fault> {
    const EXPECTED: &str = "a node's name in quotes, or `null`";
    if parser.peek() == Some(b'"') {
        return Ok(Some(scratch.names.get(&parser.string(EXPECTED)?)));
    }
    let at = parser.at;
    match parser.value(scratch, 1) {
        Ok(Value::Nil) => Ok(None),
        Ok(_) | Err(_) => Err(parser.unexpected_at(at, EXPECTED)),
    }
}

fn truth(parser: &mut JsonParser<'_>) -> Result<bool, Fault> {
    parser.peek();
    let at = parser.at;
    match parser.value(&mut Scratch::once(), 1) {
        Ok(Value::Bool(truth)) => Ok(truth),
        Ok(_) | Err(_) => Err(parser.unexpected_at(at, "`true` or `false`")),
    }
}

/// Whether the first line is a header of ours. `false` if it is something else, an event perhaps.
///
/// A header of another format, or of a version to come, is refused.
pub(in crate::formats) fn is_header(line: &str, scratch: &mut Scratch) -> Result<bool, Fault> {
    let mut format = None;
    let mut version = None;
    let mut is_event = false;
    let mut parser = JsonParser::new(line);
    parser.fields(|parser, name| {
        parser.peek();
        let at = parser.at;
        let value = parser.value(scratch, 1)?;
        match &*name {
            "format" => format = Some((at, value)),
            "version" => version = Some((at, value)),
            "type" | "process" => is_event = true,
            _ => {} // A header may say more than we know.
        }
        Ok(())
    })?;
    parser.end()?;
    let Some((at, format)) = format.filter(|_| !is_event) else { return Ok(false) };
    if format.as_str() != Some(FORMAT) {
        return Err(Fault::wrong(at, Problem::OtherFormat { found: format.to_string() }));
    }
    let wrong = |at| Fault::unexpected(line.as_bytes(), at, "`\"version\":1`");
    let (at, version) = version.ok_or_else(|| wrong(line.len()))?;
    match version.as_int().and_then(|number| u64::try_from(number).ok()) {
        Some(VERSION) => Ok(true),
        Some(found) if found > VERSION => {
            Err(Fault::wrong(at, Problem::NewerVersion { found, reads: VERSION }))
        }
        Some(_) | None => Err(wrong(at)),
    }
}
