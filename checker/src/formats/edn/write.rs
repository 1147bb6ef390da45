//! Events to EDN.

use std::io::{self, Write};

use super::parse::{EdnParser, is_keyword_name};
use super::{KEYWORD_TAG, RAW_TAG, map};
use crate::formats::draft::Scratch;
use crate::formats::json::parse::is_raw_number;
use crate::formats::number::{push_signed, push_unsigned};
use crate::{Event, Value};

/// Writes an event as a line of `history.edn`, in a single call to `out`.
///
/// # Errors
///
/// If `out` refuses.
pub fn write_event(out: &mut impl Write, event: &Event) -> io::Result<()> {
    let mut line = String::with_capacity(160);
    push_event(&mut line, event);
    out.write_all(line.as_bytes())
}

/// Appends an event to `out` as a line of `history.edn`.
///
/// ```
/// use rashomon_checker::formats::edn;
/// use rashomon_checker::{Event, EventKind, ProcessId, Value};
///
/// let cas = Value::list([Value::Int(1), Value::Int(2)]);
/// let mut line = String::new();
/// edn::push_event(&mut line, &Event::new(0, ProcessId(3), EventKind::Invoke, "cas", cas));
/// assert_eq!(line, "{:index 0, :time 0, :type :invoke, :process 3, :f :cas, :value [1 2]}\n");
/// ```
pub fn push_event(out: &mut String, event: &Event) {
    push_head(out, event);
    if let Some(key) = &event.key {
        out.push_str(", :key ");
        push_value(out, key);
    }
    out.push_str(", :value ");
    push_value(out, &event.value);
    push_tail(out, event);
}

/// The same, with the value of an event that has a key written as `[key value]`.
pub fn push_independent_event(out: &mut String, event: &Event) {
    push_head(out, event);
    out.push_str(", :value ");
    if let Some(key) = &event.key {
        out.push('[');
        push_value(out, key);
        out.push(' ');
        push_value(out, &event.value);
        out.push(']');
    } else {
        push_value(out, &event.value);
    }
    push_tail(out, event);
}

fn push_head(out: &mut String, event: &Event) {
    out.push_str("{:index ");
    push_unsigned(out, event.index);
    out.push_str(", :time ");
    push_unsigned(out, event.time.0);
    out.push_str(", :type :");
    out.push_str(event.kind.name());
    out.push_str(", :process ");
    match event.process_name.as_deref() {
        Some(name) if name.strip_prefix(':').is_some_and(is_keyword_name) => out.push_str(name),
        Some(name) => push_text(out, name),
        None => push_unsigned(out, u64::from(event.process.0)),
    }
    out.push_str(", :f ");
    if is_keyword_name(&event.f) {
        out.push(':');
        out.push_str(&event.f);
    } else {
        push_text(out, &event.f);
    }
}

fn push_tail(out: &mut String, event: &Event) {
    if let Some(node) = &event.node {
        out.push_str(", :node ");
        push_text(out, node);
    }
    if event.is_final {
        out.push_str(", :final? true");
    }
    if let Some(error) = &event.error {
        out.push_str(", :error ");
        push_value(out, error);
    }
    for (name, value) in &event.extra {
        // A key in quotes is never one of ours.
        if is_keyword_name(name) && map::field(name.as_bytes()).is_none() {
            out.push_str(", :");
            out.push_str(name);
        } else {
            out.push_str(", ");
            push_text(out, name);
        }
        out.push(' ');
        push_value(out, value);
    }
    out.push_str("}\n");
}

/// Appends a value. One that EDN has no words for, such as a name with a blank in it, becomes a
/// literal tagged `#rashomon/keyword` or `#rashomon/raw`, and is itself again when read.
pub fn push_value(out: &mut String, value: &Value) {
    match value {
        Value::Nil => out.push_str("nil"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Int(number) => push_signed(out, *number),
        Value::Str(text) => push_text(out, text),
        Value::Keyword(name) if is_keyword_name(name) => {
            out.push(':');
            out.push_str(name);
        }
        Value::Keyword(name) => push_tagged(out, KEYWORD_TAG, name),
        Value::Raw(text) if is_raw_number(text) || reads_back(value, text) => out.push_str(text),
        Value::Raw(text) => push_tagged(out, RAW_TAG, text),
        Value::List(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { " " });
                push_value(out, item);
            }
            out.push(']');
        }
        Value::Map(pairs) => {
            out.push('{');
            for (place, (key, value)) in pairs.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { ", " });
                push_value(out, key);
                out.push(' ');
                push_value(out, value);
            }
            out.push('}');
        }
    }
}

/// Whether the text, read as EDN, is this value.
fn reads_back(value: &Value, text: &str) -> bool {
    let mut parser = EdnParser::whole(text.as_bytes());
    let read = parser.value(&mut Scratch::once(), 0);
    read.as_ref() == Ok(value) && parser.at == text.len()
}

fn push_tagged(out: &mut String, tag: &str, text: &str) {
    out.push('#');
    out.push_str(tag);
    out.push(' ');
    push_text(out, text);
}

/// Appends a text in quotes.
fn push_text(out: &mut String, text: &str) {
    out.push('"');
    let mut clean = 0;
    for (place, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            _ => continue,
        };
        out.push_str(&text[clean..place]);
        out.push_str(escape);
        clean = place + 1;
    }
    out.push_str(&text[clean..]);
    out.push('"');
}
