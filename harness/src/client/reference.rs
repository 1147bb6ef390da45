//! Operations as the reference targets are asked, and what their answers mean.

use rashomon_targets::Returned as Told;
use rashomon_targets::{Answer, Caller, FailCode, KvOp, Operation, Profile, ReadLevel, Request};
use rashomon_workloads::{Action, CounterOp, Op, OpKind, RegisterOp, Returned, SetOp};

use super::reply::{Reply, Why};
use super::sessions::Sessions;

/// The operations that a target offers.
pub(crate) fn offered(profile: &Profile) -> Vec<OpKind> {
    let offers = &profile.offers;
    let offers = |kind: &OpKind| operation(*kind).is_some_and(|it| offers.contains(&it));
    OpKind::ALL.into_iter().filter(offers).collect()
}

/// The request by which `caller` asks for `op`; nothing if the reference targets have no such operation.
pub(crate) fn request(op: &Op, caller: Caller, sessions: &Sessions) -> Option<Request> {
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
        Action::Counter(key, CounterOp::Read) => KvOp::Count { key: key.clone() },
        Action::Counter(key, CounterOp::Add(by)) => KvOp::Increment { key: key.clone(), by: *by },
        Action::List(..)
        | Action::Queue(..)
        | Action::Transaction(_)
        | Action::Echo(_)
        | Action::Generate => return None,
    };
    let read = if op.is_final() { ReadLevel::Local } else { ReadLevel::Default };
    let tokens = sessions.tokens(caller, kv.key());
    Some(Request { op: kv, read, caller: Some(caller), tokens })
}

/// What an answer to an operation of this kind means.
pub(crate) fn reply(kind: OpKind, answer: Answer) -> Reply {
    match answer {
        Answer::Ok { returned } => match returned_of(kind, returned) {
            Some(returned) => Reply::Done(returned),
            None => Reply::Lost("the response is to another operation".to_owned()),
        },
        // It ran, and says what the register did not hold: more than a failure tells.
        Answer::Fail { code: FailCode::CasMismatch, .. } => Reply::Done(Returned::Mismatch),
        Answer::Fail { code, hint } => Reply::Refused { why: why(code), hint },
        Answer::Indeterminate { reason } => Reply::Unsure(reason),
    }
}

/// What an operation of this kind returned; nothing if that is no answer to it.
fn returned_of(kind: OpKind, told: Told) -> Option<Returned> {
    Some(match (kind, told) {
        (OpKind::RegisterRead, Told::Value(value)) => Returned::Value(value),
        (OpKind::SetElements, Told::Elements(items)) => Returned::Items(items),
        (OpKind::CounterRead, Told::Count(count)) => Returned::Count(count),
        (
            OpKind::RegisterWrite | OpKind::RegisterCas | OpKind::SetAdd | OpKind::CounterAdd,
            Told::Done,
        ) => Returned::Done,
        (_, Told::Done | Told::Value(_) | Told::Elements(_) | Told::Count(_)) => return None,
    })
}

fn why(code: FailCode) -> Why {
    let told = |word: &str| Why::Told(word.to_owned());
    match code {
        FailCode::CasMismatch => told("cas-mismatch"),
        FailCode::NotPrimary => Why::NotPrimary,
        FailCode::NoQuorum => told("no-quorum"),
        FailCode::NotReplica => Why::NotReplica,
        FailCode::NotReady => told("not-ready"),
        FailCode::Unsupported => told("unsupported"),
    }
}

/// What the reference targets call an operation; nothing if they have none of its kind.
fn operation(kind: OpKind) -> Option<Operation> {
    Some(match kind {
        OpKind::RegisterRead => Operation::Get,
        OpKind::RegisterWrite => Operation::Put,
        OpKind::RegisterCas => Operation::Cas,
        OpKind::SetAdd => Operation::Add,
        OpKind::SetElements => Operation::Elements,
        OpKind::CounterAdd => Operation::Increment,
        OpKind::CounterRead => Operation::Count,
        OpKind::ListAppend
        | OpKind::ListRead
        | OpKind::Enqueue
        | OpKind::Dequeue
        | OpKind::Transaction
        | OpKind::Echo
        | OpKind::Generate => return None,
    })
}
