//! Events to JSON lines.

use std::io::{self, Write};

use crate::formats::draft::Field;
use crate::formats::number::{push_signed, push_unsigned};
use crate::{Event, Value};

/// The first line of every history we write, without its line break.
pub const HEADER: &str = r#"{"format":"rashomon-history","version":1}"#;

/// Writes the first line of a history.
///
/// # Errors
///
/// If `out` refuses.
pub fn write_header(out: &mut impl Write) -> io::Result<()> {
    out.write_all(HEADER.as_bytes())?;
    out.write_all(b"\n")
}

/// Writes an event and its line break, in a single call to `out`, so that what is written without
/// a buffer between is never half a line of ours followed by a line of another.
///
/// To write many events, keep a `String` and uses [`push_event`], or a
/// [`Writer`](crate::formats::Writer), which does so.
///
/// # Errors
///
/// If `out` refuses.
pub fn write_event(out: &mut impl Write, event: &Event) -> io::Result<()> {
    let mut line = String::with_capacity(160);
    push_event(&mut line, event);
    out.write_all(line.as_bytes())
}

/// Appends an event and its line break to `out`. Allocates only when `out` must grow.
///
/// ```
/// use rashomon_checker::formats::json;
/// use rashomon_checker::{Event, EventKind, ProcessId, Time, Value};
///
/// let write = Event::new(17, ProcessId(3), EventKind::Invoke, "write", Value::Int(5));
/// let write = Event { time: Time(1_204_000_123), key: Some(Value::str("k3")), ..write };
/// let mut line = String::new();
/// json::push_event(&mut line, &write);
/// assert_eq!(
///     line,
///     r#"{"index":17,"time":1204000123,"process":3,"type":"invoke","f":"write","key":"k3","value":5}
/// "#
/// );
/// ```
pub fn push_event(out: &mut String, event: &Event) {
    out.push_str("{\"index\":");
    push_unsigned(out, event.index);
    out.push_str(",\"time\":");
    push_unsigned(out, event.time.0);
    out.push_str(",\"process\":");
    match &event.process_name {
        Some(name) => push_text(out, name),
        None => push_unsigned(out, u64::from(event.process.0)),
    }
    out.push_str(",\"type\":\"");
    out.push_str(event.kind.name());
    out.push_str("\",\"f\":");
    push_text(out, &event.f);
    if let Some(key) = &event.key {
        out.push_str(",\"key\":");
        push_value(out, key);
    }
    out.push_str(",\"value\":");
    push_value(out, &event.value);
    if let Some(node) = &event.node {
        out.push_str(",\"node\":");
        push_text(out, node);
    }
    if event.is_final {
        out.push_str(",\"final\":true");
    }
    if let Some(error) = &event.error {
        out.push_str(",\"error\":");
        push_value(out, error);
    }
    for (name, value) in &event.extra {
        out.push(',');
        push_extra_name(out, name);
        out.push(':');
        push_value(out, value);
    }
    out.push_str("}\n");
}

/// A name of a field that is not ours gets a `$` if it could be mistaken for one that is.
fn push_extra_name(out: &mut String, name: &str) {
    if name.starts_with('$') || Field::named(name.as_bytes()).is_some() {
        push_text(out, &format!("${name}"));
    } else {
        push_text(out, name);
    }
}

/// Appends a value, in the form that `serde_json` gives it too, except that a [`Value::Raw`] that
/// is a number in JSON, such as `1.5`, is written as that number.
pub fn push_value(out: &mut String, value: &Value) {
    match value {
        Value::Nil => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Int(number) => push_signed(out, *number),
        Value::Str(text) => push_text(out, text),
        Value::Keyword(name) => push_tagged(out, "$name", name),
        Value::Raw(text) if super::parse::is_raw_number(text) => out.push_str(text),
        Value::Raw(text) => push_tagged(out, "$raw", text),
        Value::List(items) => {
            let mut before = '[';
            for item in items.iter() {
                out.push(before);
                push_value(out, item);
                before = ',';
            }
            out.push_str(if items.is_empty() { "[]" } else { "]" });
        }
        Value::Map(pairs) => push_map(out, pairs),
    }
}

fn push_map(out: &mut String, pairs: &[(Value, Value)]) {
    let plain = |key: &Value| key.as_str().is_some_and(|text| !text.starts_with('$'));
    if !pairs.iter().all(|(key, _)| plain(key)) {
        out.push_str("{\"$map\":[");
        for (place, (key, value)) in pairs.iter().enumerate() {
            out.push_str(if place == 0 { "[" } else { ",[" });
            push_value(out, key);
            out.push(',');
            push_value(out, value);
            out.push(']');
        }
        out.push_str("]}");
        return;
    }
    out.push('{');
    for (place, (key, value)) in pairs.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        push_value(out, key);
        out.push(':');
        push_value(out, value);
    }
    out.push('}');
}

fn push_tagged(out: &mut String, tag: &str, text: &str) {
    out.push_str("{\"");
    out.push_str(tag);
    out.push_str("\":");
    push_text(out, text);
    out.push('}');
}

/// Appends a text in quotes.
fn push_text(out: &mut String, text: &str) {
    out.push('"');
    let mut clean = 0;
    for (place, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[clean..place]);
        clean = place + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => {
                out.push_str(if control < 0x10 { "\\u000" } else { "\\u001" });
                out.push(char::from(b"0123456789abcdef"[usize::from(control & 15)]));
            }
        }
    }
    out.push_str(&text[clean..]);
    out.push('"');
}
