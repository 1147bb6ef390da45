//! What requests, answers, records and nodes say, in the words of a trace.

use rashomon_results::NodeWord;
use rashomon_targets::{Answer, KvOp, Micro, MicroReturned, Returned, TraceEvent};
use serde::Serialize;

/// The longest text of a record, in bytes.
const LONGEST: usize = 400;

/// An operation, as a node is asked it.
pub(super) fn request(op: &KvOp) -> String {
    match op {
        KvOp::Get { key } => format!("get {key}"),
        KvOp::Put { key, value } => format!("put {key} {value}"),
        KvOp::Cas { key, old, new } => format!("cas {key} {old} {new}"),
        KvOp::Add { key, element } => format!("add {key} {element}"),
        KvOp::Elements { key } => format!("elements {key}"),
        KvOp::Increment { key, by } => format!("increment {key} {by}"),
        KvOp::Count { key } => format!("count {key}"),
        KvOp::Values { key } => format!("values {key}"),
        KvOp::Assign { key, value } => format!("assign {key} {value}"),
        KvOp::Insert { key, element } => format!("insert {key} {element}"),
        KvOp::Remove { key, element } => format!("remove {key} {element}"),
        KvOp::Members { key } => format!("members {key}"),
        KvOp::Append { key, item } => format!("append {key} {item}"),
        KvOp::Items { key } => format!("items {key}"),
        KvOp::Enqueue { key, item } => format!("enqueue {key} {item}"),
        KvOp::Dequeue { key } => format!("dequeue {key}"),
        KvOp::Acquire { key, owner } => format!("acquire {key} {owner}"),
        KvOp::Release { key, owner } => format!("release {key} {owner}"),
        KvOp::Transaction { parts } => {
            let parts: Vec<String> = parts.iter().map(micro).collect();
            format!("transaction {}", parts.join(", "))
        }
    }
}

fn micro(part: &Micro) -> String {
    match part {
        Micro::Compare { key, expected: None } => format!("compare {key} nil"),
        Micro::Compare { key, expected: Some(value) } => format!("compare {key} {value}"),
        Micro::Read { key } => format!("read {key}"),
        Micro::Write { key, value } => format!("write {key} {value}"),
        Micro::Append { key, item } => format!("append {key} {item}"),
    }
}

/// An answer of a node.
pub(super) fn answer(answer: &Answer) -> String {
    match answer {
        Answer::Ok { returned: Returned::Done } => "ok".to_owned(),
        Answer::Ok { returned: Returned::Value(None) } => "ok nil".to_owned(),
        Answer::Ok { returned: Returned::Value(Some(value)) } => format!("ok {value}"),
        Answer::Ok {
            returned:
                Returned::Elements(values) | Returned::Items(values) | Returned::Values(values),
        } => format!("ok {}", json(values)),
        Answer::Ok { returned: Returned::Count(number) | Returned::Acquired(number) } => {
            format!("ok {number}")
        }
        Answer::Ok { returned: Returned::Transaction(parts) } => {
            let parts: Vec<String> = parts.iter().map(micro_answer).collect();
            format!("ok {}", parts.join(", "))
        }
        Answer::Fail { code, hint: None } => format!("fail {}", word(code)),
        Answer::Fail { code, hint: Some(node) } => format!("fail {}, ask {node}", word(code)),
        Answer::Indeterminate { reason } => format!("info {reason}"),
    }
}

fn micro_answer(returned: &MicroReturned) -> String {
    match returned {
        MicroReturned::Done => "done".to_owned(),
        MicroReturned::Value(None) => "nil".to_owned(),
        MicroReturned::Value(Some(value)) => value.to_string(),
        MicroReturned::Items(items) => json(items),
    }
}

fn word(code: &impl Serialize) -> String {
    json(code).trim_matches('"').to_owned()
}

/// A record as JSON, cut where it is long.
pub(super) fn json(record: &impl Serialize) -> String {
    let text = serde_json::to_string(record);
    let mut text = text.unwrap_or_else(|error| format!("it cannot be written: {error}"));
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push_str("...");
    }
    text
}

/// What a node tells of itself.
pub(super) fn node_word(event: &TraceEvent) -> NodeWord {
    match *event {
        TraceEvent::Leads { epoch, last: (index, made) } => NodeWord::Leads { epoch, index, made },
        TraceEvent::Counts { epoch, voter } => NodeWord::Counts { epoch, voter: voter.to_string() },
        TraceEvent::Follows { epoch, leader } => {
            NodeWord::Follows { epoch, leader: leader.map(|node| node.to_string()) }
        }
        TraceEvent::Applied { index, epoch } => NodeWord::Applied { index, epoch },
        TraceEvent::Installed { index, epoch } => NodeWord::Installed { index, epoch },
        TraceEvent::Forgot { len } => NodeWord::Forgot { len },
        TraceEvent::Holds { ref key, version: (counter, by, life) } => {
            NodeWord::Holds { key: key.to_string(), counter, by: by.to_string(), life }
        }
    }
}
