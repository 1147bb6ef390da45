//! Sequential objects over plain values, written once more so as to share nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::{ModelKind, Outcome, Value, WitnessOp};

/// The state before the first operation.
pub(super) fn initial(model: ModelKind) -> Value {
    match model {
        ModelKind::Register | ModelKind::CasRegister | ModelKind::Mutex | ModelKind::Echo => {
            Value::Nil
        }
        ModelKind::Kv => Value::str(""),
        ModelKind::Counter => Value::Int(0),
        ModelKind::Set
        | ModelKind::Queue
        | ModelKind::Stack
        | ModelKind::PriorityQueue
        | ModelKind::Deque
        | ModelKind::ListAppend
        | ModelKind::UniqueIds => Value::list([]),
    }
}

/// The state after `op`, if it could have returned what it did.
#[expect(clippy::match_same_arms, reason = "a table: one model after another")]
pub(super) fn apply(model: ModelKind, state: &Value, op: &WitnessOp) -> Option<Value> {
    let ret = match &op.outcome {
        Outcome::Ok(ret) => Some(ret),
        Outcome::Indeterminate => None,
        Outcome::Fail => return None,
    };
    let argument = &op.argument;
    let read = |held: &Value| ret.is_none_or(|ret| ret == held).then(|| state.clone());
    let items = || state.as_list().expect("containers hold lists").to_vec();
    let with = |more: &Value| Value::list(items().into_iter().chain([more.clone()]));
    match (model, &*op.f) {
        (ModelKind::Register | ModelKind::CasRegister, "read" | "get") => read(state),
        (ModelKind::Register | ModelKind::CasRegister, "write" | "put" | "set") => {
            Some(argument.clone())
        }
        (ModelKind::CasRegister, "cas") => {
            let [old, new] = argument.as_list()? else { return None };
            let says = ret.map(|ret| *ret != Value::Bool(false));
            let swaps = old == state;
            (says.is_none_or(|says| says == swaps))
                .then(|| if swaps { new.clone() } else { state.clone() })
        }
        (ModelKind::Kv, "get" | "read") => {
            let empty = *state == Value::str("") && ret == Some(&Value::Nil);
            if empty { Some(state.clone()) } else { read(state) }
        }
        (ModelKind::Kv, "put" | "write") => Some(argument.clone()),
        (ModelKind::Kv, "append") => {
            Some(Value::str(&[state.as_str()?, argument.as_str()?].concat()))
        }
        (ModelKind::Counter, "add") => {
            Some(Value::Int(state.as_int()?.wrapping_add(argument.as_int()?)))
        }
        (ModelKind::Counter, "read") => read(state),
        (ModelKind::Set, "add" | "remove") => {
            let changes = items().contains(argument) == (&*op.f == "remove");
            let next = match &*op.f {
                "add" => as_set(with(argument).as_list()?),
                _ => Value::list(items().into_iter().filter(|item| item != argument)),
            };
            says_change(op).is_none_or(|says| says == changes).then_some(next)
        }
        (ModelKind::Set, "contains") => read(&Value::Bool(items().contains(argument))),
        (ModelKind::Set, "read") => {
            let held = ret.map(|ret| as_set(ret.as_list().unwrap_or_default()));
            held.is_none_or(|held| held == *state).then(|| state.clone())
        }
        (ModelKind::ListAppend, "append") => Some(with(argument)),
        (ModelKind::ListAppend, "read" | "get") if ret == Some(&Value::Nil) => read_empty(state),
        (ModelKind::ListAppend, "read" | "get") => read(state),
        (ModelKind::Mutex, "acquire" | "release") => {
            let (process, refused) = (Value::Int(op.process.0.into()), Value::Bool(false));
            let fits = *state == if &*op.f == "acquire" { Value::Nil } else { process.clone() };
            let next = match &*op.f {
                _ if !fits => state.clone(),
                "acquire" => process,
                _ => Value::Nil,
            };
            ret.is_none_or(|ret| (*ret != refused) == fits).then_some(next)
        }
        (ModelKind::UniqueIds, "generate") => match ret {
            None => Some(state.clone()),
            Some(id) => (!items().contains(id)).then(|| with(id)),
        },
        (ModelKind::Echo, "echo") => ret.is_none_or(|ret| ret == argument).then(|| state.clone()),
        (ModelKind::Deque, "push-front") => {
            Some(Value::list([argument.clone()].into_iter().chain(items())))
        }
        (_, "enqueue" | "push" | "insert" | "push-back") => Some(with(argument)),
        (ModelKind::Deque, "pop-front" | "pop-back" | "peek-front" | "peek-back") => {
            let place =
                if op.f.ends_with("front") { Some(0) } else { items().len().checked_sub(1) };
            let mut left = items();
            let at_end = place.filter(|_| !left.is_empty()).map(|place| left.remove(place));
            let next = if op.f.starts_with("pop") { Value::list(left) } else { state.clone() };
            ret.is_none_or(|ret| *ret == at_end.unwrap_or_default()).then_some(next)
        }
        (_, "dequeue" | "pop" | "delete-min") => take(model, items(), ret),
        (_, "peek") => take(model, items(), ret).map(|_| state.clone()),
        _ => None,
    }
}

fn read_empty(state: &Value) -> Option<Value> {
    state.as_list()?.is_empty().then(|| state.clone())
}

fn as_set(items: &[Value]) -> Value {
    Value::list(items.iter().cloned().collect::<BTreeSet<Value>>())
}

/// Whether an addition or removal says that it changed a set; nothing if it does not say. A return
/// that is the element again says nothing.
fn says_change(op: &WitnessOp) -> Option<bool> {
    match op.outcome.ok()? {
        Value::Bool(changed) if Value::Bool(*changed) != op.argument => Some(*changed),
        _ => None,
    }
}

fn take(model: ModelKind, mut items: Vec<Value>, ret: Option<&Value>) -> Option<Value> {
    let least = items.iter().min().cloned();
    let place = match model {
        ModelKind::Stack => items.len().checked_sub(1),
        ModelKind::PriorityQueue => items.iter().position(|item| Some(item) == least.as_ref()),
        _ => (!items.is_empty()).then_some(0),
    };
    let taken = place.map_or(Value::Nil, |place| items.remove(place));
    ret.is_none_or(|ret| *ret == taken).then(|| Value::List(Arc::from(items)))
}

/// Whether an operation leaves every state as it is.
pub(super) fn only_looks(op: &WitnessOp) -> bool {
    let mismatched = &*op.f == "cas" && op.outcome == Outcome::Ok(Value::Bool(false));
    let refused = match &*op.f {
        "add" | "remove" => says_change(op) == Some(false),
        "acquire" | "release" => op.outcome == Outcome::Ok(Value::Bool(false)),
        _ => false,
    };
    let looks = ["read", "get", "contains", "peek", "peek-front", "peek-back", "echo"];
    mismatched || refused || looks.contains(&&*op.f)
}

/// Whether it reads, and never changes anything.
pub(super) fn only_reads(op: &WitnessOp) -> bool {
    matches!(&*op.f, "read" | "get" | "contains")
}

/// What stands for a state that no read left can find any more, however it grows.
const SPOILED: &str = "\0";

/// The state, or what stands for it if it matters no more what exactly it is: a text or list that
/// grows, when none of the reads left begins with it.
pub(super) fn what_matters(model: ModelKind, state: &Value, left: &[&WitnessOp]) -> Value {
    let begins = |op: &&WitnessOp| match (op.outcome.ok(), state) {
        (Some(Value::Str(found)), Value::Str(held)) => found.starts_with(&**held),
        (Some(Value::List(found)), Value::List(held)) => found.starts_with(held),
        (Some(Value::Nil), _) => *state == initial(model),
        (found, _) => found.is_some(),
    };
    let mut reads = left.iter().filter(|op| matches!(&*op.f, "get" | "read"));
    match model {
        ModelKind::Kv if !reads.any(begins) => Value::str(SPOILED),
        ModelKind::ListAppend if !reads.any(begins) => Value::list([Value::keyword(SPOILED)]),
        _ => state.clone(),
    }
}

/// Whether reads are left that nothing left can satisfy.
pub(super) fn is_hopeless(state: &Value, left: &[&WitnessOp]) -> bool {
    let spoiled = match state {
        Value::Str(text) => &**text == SPOILED,
        Value::List(items) => items.first() == Some(&Value::keyword(SPOILED)),
        _ => false,
    };
    let is_read = |op: &&WitnessOp| matches!(&*op.f, "get" | "read") && op.outcome.ok().is_some();
    spoiled && left.iter().any(is_read) && !left.iter().any(|op| matches!(&*op.f, "put" | "write"))
}
