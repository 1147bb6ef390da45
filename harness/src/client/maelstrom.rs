//! Operations as bodies of the Maelstrom protocol (`lin-kv`, `echo` and `unique-ids`), and what its answers mean.

use rashomon_workloads::{Action, Op, OpKind, RegisterOp, Returned};
use serde_json::Value;

use super::reply::{Reply, Why};
use crate::maelstrom::{Raw, Said};

/// The operations that a program may be asked for. Whether it has them shows when it is.
pub(crate) const OFFERED: [OpKind; 5] = [
    OpKind::RegisterRead,
    OpKind::RegisterWrite,
    OpKind::RegisterCas,
    OpKind::Echo,
    OpKind::Generate,
];

/// Codes of errors that say for certain that nothing happened.
const CERTAIN: [i64; 9] = [1, 10, 11, 12, 14, 20, 21, 22, 30];
/// There is no such key.
const NO_SUCH_KEY: i64 = 20;
/// The register held something else.
const PRECONDITION_FAILED: i64 = 22;

/// What asks for `op`; nothing if none of these workloads has such an operation.
pub(crate) fn said(op: &Op) -> Option<Said> {
    Some(match &op.action {
        Action::Register(name, RegisterOp::Read) => Said::Read { key: key(name) },
        Action::Register(name, RegisterOp::Write(value)) => {
            Said::Write { key: key(name), value: *value }
        }
        Action::Register(name, RegisterOp::Cas { old, new }) => {
            Said::Cas { key: key(name), from: *old, to: *new }
        }
        Action::Echo(said) => Said::Echo { echo: (*said).into() },
        Action::Generate => Said::Generate,
        _ => return None,
    })
}

/// Keys are numbers in that protocol's own workload, and programs may rely on it: `k12` is 12.
fn key(name: &str) -> Value {
    let number = name.strip_prefix('k').and_then(|digits| digits.parse::<u64>().ok());
    number.map_or_else(|| name.into(), Value::from)
}

/// What an answer to an operation of this kind means. An error that is in nobody's table, and an answer
/// that is none, leave open what happened.
pub(crate) fn reply(kind: OpKind, body: &Raw) -> Reply {
    let said = body.get("type").and_then(Value::as_str).unwrap_or_default();
    match (kind, said) {
        (OpKind::RegisterRead, "read_ok") => match body.get("value") {
            Some(Value::Null) => Reply::Done(Returned::Value(None)),
            Some(value) if value.is_i64() => Reply::Done(Returned::Value(value.as_i64())),
            _ => Reply::Lost("a read_ok without a whole number as its value".to_owned()),
        },
        (OpKind::RegisterWrite, "write_ok") | (OpKind::RegisterCas, "cas_ok") => {
            Reply::Done(Returned::Done)
        }
        (OpKind::Echo, "echo_ok") => match body.get("echo").and_then(Value::as_i64) {
            Some(said) => Reply::Done(Returned::Value(Some(said))),
            None => Reply::Lost("an echo_ok without a whole number as its echo".to_owned()),
        },
        (OpKind::Generate, "generate_ok") => match body.get("id").and_then(identifier) {
            Some(id) => Reply::Done(Returned::Id(id)),
            None => Reply::Lost("a generate_ok without an id".to_owned()),
        },
        (_, "error") => error(kind, body),
        (_, said) => Reply::Lost(format!("answered with {said:?}")),
    }
}

/// An identifier of any shape. What is neither a number nor a text is taken as its own text.
fn identifier(id: &Value) -> Option<rashomon_checker::Value> {
    match id {
        Value::Null => None,
        Value::String(text) => Some(rashomon_checker::Value::str(text)),
        other => Some(match other.as_i64() {
            Some(number) => rashomon_checker::Value::Int(number),
            None => rashomon_checker::Value::str(&other.to_string()),
        }),
    }
}

fn error(kind: OpKind, body: &Raw) -> Reply {
    let Some(code) = body.get("code").and_then(Value::as_i64) else {
        return Reply::Lost("an error without a code".to_owned());
    };
    let text = body.get("text").and_then(Value::as_str).unwrap_or_default();
    let told = format!("error {code}: {text}");
    match (kind, code) {
        (OpKind::RegisterRead, NO_SUCH_KEY) => Reply::Done(Returned::Value(None)),
        // It ran, and says what the register did not hold: more than a failure tells.
        (OpKind::RegisterCas, NO_SUCH_KEY | PRECONDITION_FAILED) => Reply::Done(Returned::Mismatch),
        (_, code) if CERTAIN.contains(&code) => Reply::refused(Why::Told(told)),
        _ => Reply::Unsure(told),
    }
}

#[cfg(test)]
mod tests {
    use rashomon_workloads::Place;

    use serde_json::json;

    use super::*;
    use crate::maelstrom::Body;

    fn object(value: Value) -> Raw {
        let Value::Object(object) = value else { panic!("{value} is no object") };
        object
    }

    #[test]
    fn a_register_is_asked_as_lin_kv_has_it() {
        let asked = |op| {
            let action = Action::Register("k7".into(), op);
            let said = said(&Op { action, place: Place::Any });
            said.map(|said| Value::Object(Body::request(5, said)))
        };
        assert_eq!(asked(RegisterOp::Read), Some(json!({ "type": "read", "key": 7, "msg_id": 5 })));
        assert_eq!(
            asked(RegisterOp::Cas { old: 1, new: 2 }),
            Some(json!({ "type": "cas", "key": 7, "from": 1, "to": 2, "msg_id": 5 }))
        );
    }

    #[test]
    fn only_errors_that_are_certain_are_refusals() {
        let of = |kind, code: i64| {
            reply(kind, &object(json!({ "type": "error", "code": code, "text": "t" })))
        };
        for code in CERTAIN.into_iter().filter(|code| ![20, 22].contains(code)) {
            let refused = of(OpKind::RegisterWrite, code);
            assert!(matches!(refused, Reply::Refused { .. }), "{code}: {refused:?}");
        }
        for code in [0, 13, 99, 1000] {
            let unsure = of(OpKind::RegisterWrite, code);
            assert!(matches!(unsure, Reply::Unsure(_)), "{code}: {unsure:?}");
        }
    }

    #[test]
    fn a_key_that_is_not_there_is_read_as_nothing_and_a_comparison_with_it_took_place() {
        let none = object(json!({ "type": "error", "code": 20, "text": "" }));
        assert_eq!(reply(OpKind::RegisterRead, &none), Reply::Done(Returned::Value(None)));
        assert_eq!(reply(OpKind::RegisterCas, &none), Reply::Done(Returned::Mismatch));
        assert!(matches!(reply(OpKind::RegisterWrite, &none), Reply::Refused { .. }));
    }

    #[test]
    fn an_echo_is_whatever_number_comes_back_and_nothing_else() {
        let action = Action::Echo(7);
        let asked = said(&Op { action, place: Place::Any }).map(|said| Body::request(5, said));
        assert_eq!(asked, Some(object(json!({ "type": "echo", "echo": 7, "msg_id": 5 }))));
        let said = |echo| reply(OpKind::Echo, &object(json!({ "type": "echo_ok", "echo": echo })));
        // Whether it is the number that was said is for the checker to tell.
        assert_eq!(said(json!(8)), Reply::Done(Returned::Value(Some(8))));
        assert!(matches!(said(json!("7")), Reply::Lost(_)));
        let without = reply(OpKind::Echo, &object(json!({ "type": "echo_ok" })));
        assert!(matches!(without, Reply::Lost(_)), "{without:?}");
    }

    #[test]
    fn an_identifier_is_of_any_shape_and_null_is_none() {
        let action = Action::Generate;
        let asked = said(&Op { action, place: Place::Any }).map(|said| Body::request(5, said));
        assert_eq!(asked, Some(object(json!({ "type": "generate", "msg_id": 5 }))));
        let told =
            |id| reply(OpKind::Generate, &object(json!({ "type": "generate_ok", "id": id })));
        let done = |id: rashomon_checker::Value| Reply::Done(Returned::Id(id));
        assert_eq!(told(json!(7)), done(7.into()));
        assert_eq!(told(json!("n1-7")), done("n1-7".into()));
        assert_eq!(told(json!([1, "a"])), done("[1,\"a\"]".into()));
        assert!(matches!(told(Value::Null), Reply::Lost(_)));
    }

    #[test]
    fn an_answer_to_another_question_is_lost() {
        let lost = reply(OpKind::RegisterWrite, &object(json!({ "type": "read_ok", "value": 1 })));
        assert!(matches!(lost, Reply::Lost(_)), "{lost:?}");
        let lost = reply(OpKind::RegisterRead, &object(json!({ "type": "read_ok" })));
        assert!(matches!(lost, Reply::Lost(_)), "{lost:?}");
    }
}
