//! Operations as the reference targets are asked, and what their answers mean.

use rashomon_targets::{
    Answer, Caller, FailCode, KvOp, Micro, Operation, Profile, ReadLevel, Request,
};
use rashomon_targets::{MicroReturned as MicroTold, Returned as Told};
use rashomon_workloads::{
    Action, CounterOp, ListOp, LockOp, MicroOp, MicroReturned, MultiValueOp, Op, OpKind, OrSetOp,
    QueueOp, RegisterOp, Returned, SetOp,
};

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
        Action::MultiValue(key, MultiValueOp::Read) => KvOp::Values { key: key.clone() },
        Action::MultiValue(key, MultiValueOp::Write(value)) => {
            KvOp::Assign { key: key.clone(), value: *value }
        }
        Action::OrSet(key, OrSetOp::Read) => KvOp::Members { key: key.clone() },
        Action::OrSet(key, OrSetOp::Add(element)) => {
            KvOp::Insert { key: key.clone(), element: *element }
        }
        Action::OrSet(key, OrSetOp::Remove(element)) => {
            KvOp::Remove { key: key.clone(), element: *element }
        }
        Action::List(key, ListOp::Append(item)) => KvOp::Append { key: key.clone(), item: *item },
        Action::List(key, ListOp::Read) => KvOp::Items { key: key.clone() },
        Action::Queue(key, QueueOp::Enqueue(item)) => {
            KvOp::Enqueue { key: key.clone(), item: *item }
        }
        Action::Queue(key, QueueOp::Dequeue) => KvOp::Dequeue { key: key.clone() },
        Action::Lock(key, LockOp::Acquire) => {
            KvOp::Acquire { key: key.clone(), owner: owner(caller) }
        }
        Action::Lock(key, LockOp::Release) => {
            KvOp::Release { key: key.clone(), owner: owner(caller) }
        }
        Action::Transaction(parts) => {
            KvOp::Transaction { parts: parts.iter().map(micro).collect() }
        }
        Action::Echo(_) | Action::Generate => return None,
    };
    let read = if op.is_final() { ReadLevel::Local } else { ReadLevel::Default };
    let tokens = sessions.tokens(caller, kv.key());
    Some(Request { op: kv, read, caller: Some(caller), tokens })
}

/// The client as the owner of a lock.
fn owner(caller: Caller) -> i64 {
    caller.client.cast_signed()
}

fn micro(part: &MicroOp) -> Micro {
    match part {
        MicroOp::Compare(key, expected) => Micro::Compare { key: key.clone(), expected: *expected },
        MicroOp::Read(key) => Micro::Read { key: key.clone() },
        MicroOp::Write(key, value) => Micro::Write { key: key.clone(), value: *value },
        MicroOp::Append(key, item) => Micro::Append { key: key.clone(), item: *item },
    }
}

/// What an answer to an operation of this kind means.
pub(crate) fn reply(kind: OpKind, answer: Answer) -> Reply {
    match answer {
        Answer::Ok { returned } => match returned_of(kind, returned) {
            Some(returned) => Reply::Done(returned),
            None => Reply::Lost("the response is to another operation".to_owned()),
        },
        // Nothing of it was done.
        Answer::Fail { code: FailCode::CasMismatch, hint } if kind == OpKind::Transaction => {
            Reply::Refused { why: why(FailCode::CasMismatch), hint }
        }
        // It ran, and says what the register did not hold: more than a failure tells.
        Answer::Fail { code: FailCode::CasMismatch | FailCode::LockRefused, .. } => {
            Reply::Done(Returned::Mismatch)
        }
        Answer::Fail { code, hint } => Reply::Refused { why: why(code), hint },
        Answer::Indeterminate { reason } => Reply::Unsure(reason),
    }
}

/// What an operation of this kind returned; nothing if that is no answer to it.
fn returned_of(kind: OpKind, told: Told) -> Option<Returned> {
    Some(match (kind, told) {
        (OpKind::RegisterRead | OpKind::Dequeue, Told::Value(value)) => Returned::Value(value),
        (OpKind::SetElements | OpKind::OrSetRead, Told::Elements(items))
        | (OpKind::ListRead, Told::Items(items))
        | (OpKind::MultiValueRead, Told::Values(items)) => Returned::Items(items),
        (OpKind::CounterRead, Told::Count(count)) => Returned::Count(count),
        (OpKind::Acquire, Told::Acquired(number)) => Returned::Value(Some(number)),
        (OpKind::Transaction, Told::Transaction(parts)) => {
            Returned::Transaction(parts.into_iter().map(micro_returned).collect())
        }
        (
            OpKind::RegisterWrite
            | OpKind::RegisterCas
            | OpKind::SetAdd
            | OpKind::CounterAdd
            | OpKind::MultiValueWrite
            | OpKind::OrSetAdd
            | OpKind::OrSetRemove
            | OpKind::ListAppend
            | OpKind::Enqueue
            | OpKind::Release,
            Told::Done,
        ) => Returned::Done,
        (
            _,
            Told::Done
            | Told::Value(_)
            | Told::Elements(_)
            | Told::Count(_)
            | Told::Items(_)
            | Told::Values(_)
            | Told::Acquired(_)
            | Told::Transaction(_),
        ) => return None,
    })
}

fn micro_returned(told: MicroTold) -> MicroReturned {
    match told {
        MicroTold::Done => MicroReturned::Done,
        MicroTold::Value(value) => MicroReturned::Value(value),
        MicroTold::Items(items) => MicroReturned::Items(items),
    }
}

fn why(code: FailCode) -> Why {
    let told = |word: &str| Why::Told(word.to_owned());
    match code {
        FailCode::CasMismatch => told("cas-mismatch"),
        FailCode::LockRefused => told("lock-refused"),
        FailCode::NotPrimary => Why::NotPrimary,
        FailCode::NoQuorum => told("no-quorum"),
        FailCode::NotReplica => Why::NotReplica,
        FailCode::NotReady => told("not-ready"),
        FailCode::NotObserved => told("not-observed"),
        FailCode::BadToken => told("bad-token"),
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
        OpKind::MultiValueWrite => Operation::Assign,
        OpKind::MultiValueRead => Operation::Values,
        OpKind::OrSetAdd => Operation::Insert,
        OpKind::OrSetRemove => Operation::Remove,
        OpKind::OrSetRead => Operation::Members,
        OpKind::ListAppend => Operation::Append,
        OpKind::ListRead => Operation::Items,
        OpKind::Enqueue => Operation::Enqueue,
        OpKind::Dequeue => Operation::Dequeue,
        OpKind::Acquire => Operation::Acquire,
        OpKind::Release => Operation::Release,
        OpKind::Transaction => Operation::Transaction,
        OpKind::Echo | OpKind::Generate => return None,
    })
}
