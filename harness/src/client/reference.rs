//! Operations as the reference targets are asked, and what their answers mean.

use rashomon_targets::Returned as Told;
use rashomon_targets::{Answer, FailCode, KvOp, ReadLevel, Request, TargetConfig};
use rashomon_workloads::{Action, Op, OpKind, RegisterOp, Returned, SetOp};

use super::honesty::{Meaning, NOT_REPLICA};

/// The operations that a target offers.
pub(crate) fn offered(target: &TargetConfig) -> Vec<OpKind> {
    let offers = |kind: &OpKind| example(*kind).is_some_and(|op| target.supports(&op));
    OpKind::ALL.into_iter().filter(offers).collect()
}

/// The request that asks for `op`; nothing if the reference targets have no such operation.
pub(crate) fn request(op: &Op) -> Option<Request> {
    let kv = match &op.action {
        Action::Register(key, RegisterOp::Read) => KvOp::Get { key: key.clone() },
        Action::Register(key, RegisterOp::Write(value)) => {
            KvOp::Put { key: key.clone(), value: *value }
        }
        Action::Register(key, RegisterOp::Cas { old, new }) => {
            KvOp::Cas { key: key.clone(), old: *old, new: *new }
        }
        Action::Set(key, SetOp::Elements) => KvOp::Elements { key: key.clone() },
        Action::Set(key, SetOp::Add(element)) => KvOp::Add { key: key.clone(), element: *element },
        Action::Counter(..) | Action::List(..) | Action::Queue(..) | Action::Transaction(_) => {
            return None;
        }
    };
    let read = if op.is_final() { ReadLevel::Local } else { ReadLevel::Default };
    Some(Request { op: kv, read })
}

/// What an answer to `action` means.
pub(super) fn meaning(action: &Action, answer: Answer) -> Meaning {
    match answer {
        Answer::Ok { returned } => match returned_of(action, returned) {
            Some(returned) => Meaning::Done(returned),
            None => Meaning::Lost("an answer to another question".to_owned()),
        },
        // It ran, and says what the register did not hold: more than a failure tells.
        Answer::Fail { code: FailCode::CasMismatch, .. } => Meaning::Done(Returned::Mismatch),
        Answer::Fail { code, .. } => Meaning::Refused(fail_reason(code)),
        Answer::Indeterminate { reason } => Meaning::Lost(reason),
    }
}

/// What `action` returned; nothing if that is no answer to it.
fn returned_of(action: &Action, told: Told) -> Option<Returned> {
    Some(match (action, told) {
        (Action::Register(_, RegisterOp::Read), Told::Value(value)) => Returned::Value(value),
        (Action::Set(_, SetOp::Elements), Told::Elements(items)) => Returned::Items(items),
        (action, Told::Done) if !action.is_read() => Returned::Done,
        (_, Told::Done | Told::Value(_) | Told::Elements(_)) => return None,
    })
}

fn fail_reason(code: FailCode) -> &'static str {
    match code {
        FailCode::CasMismatch => "cas-mismatch",
        FailCode::NotPrimary => "not-primary",
        FailCode::NoQuorum => "no-quorum",
        FailCode::NotReplica => NOT_REPLICA,
        FailCode::NotReady => "not-ready",
        FailCode::Unsupported => "unsupported",
    }
}

/// Some operation of a kind, as the reference targets are asked for it.
fn example(kind: OpKind) -> Option<KvOp> {
    let key = || "k".into();
    Some(match kind {
        OpKind::RegisterRead => KvOp::Get { key: key() },
        OpKind::RegisterWrite => KvOp::Put { key: key(), value: 0 },
        OpKind::RegisterCas => KvOp::Cas { key: key(), old: 0, new: 0 },
        OpKind::SetAdd => KvOp::Add { key: key(), element: 0 },
        OpKind::SetElements => KvOp::Elements { key: key() },
        OpKind::CounterAdd
        | OpKind::CounterRead
        | OpKind::ListAppend
        | OpKind::ListRead
        | OpKind::Enqueue
        | OpKind::Dequeue
        | OpKind::Transaction => return None,
    })
}
