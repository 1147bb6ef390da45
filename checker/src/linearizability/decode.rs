//! From the words of a history to the ops of a model.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::built_in::BuiltIn;
use super::options::FailedCas;
use crate::model::{
    Container, ContainerOp, ContainerRet, Counter, CounterOp, CounterRet, Deque, DequeOp, DequeRet,
    Echo, End, Fifo, LeastFirst, Lifo, List, ListOp, ListRet, Mutex, MutexOp, MutexRet, Register,
    RegisterOp, RegisterRet, Set, SetOp, SetRet, Text, TextOp, TextRet, UniqueIds,
};
use crate::{Call, Doubt, History, ModelKind, OpIndex, Outcome, Value, ValueId, visible};

/// Something to be done with a model and the calls it understands.
pub(crate) trait ModelTask {
    type Answer;

    fn judge<M: BuiltIn>(self, model: &M, calls: Vec<Call<M::Op, M::Ret>>) -> Self::Answer;
}

/// Hands `judge` the model called `kind`, and `ops` as that model understands them.
///
/// `None` when the model does not understand one of them.
pub(crate) fn with_model<J: ModelTask>(
    kind: ModelKind,
    history: &History,
    ops: &[OpIndex],
    failed_cas: FailedCas,
    judge: J,
) -> Result<J::Answer, Doubt> {
    match kind {
        ModelKind::Register | ModelKind::CasRegister => {
            let mut numbers = Numbers::default();
            let calls =
                decode(history, ops, |asked| register(asked, kind, failed_cas, &mut numbers))?;
            Ok(judge.judge(&Register::new(), calls))
        }
        ModelKind::Kv => Ok(judge.judge(&Text, decode(history, ops, text)?)),
        ModelKind::Set => Ok(judge.judge(&Set::new(), decode(history, ops, set)?)),
        ModelKind::Counter => Ok(judge.judge(&Counter, decode(history, ops, counter)?)),
        ModelKind::Queue => {
            let model = Container::<Value, Fifo>::new();
            Ok(judge.judge(&model, container(history, ops, kind)?))
        }
        ModelKind::Stack => {
            let model = Container::<Value, Lifo>::new();
            Ok(judge.judge(&model, container(history, ops, kind)?))
        }
        ModelKind::PriorityQueue => {
            let model = Container::<Value, LeastFirst>::new();
            Ok(judge.judge(&model, container(history, ops, kind)?))
        }
        ModelKind::Deque => Ok(judge.judge(&Deque::new(), decode(history, ops, deque)?)),
        ModelKind::Mutex => Ok(judge.judge(&Mutex, decode(history, ops, mutex)?)),
        ModelKind::Echo => Ok(judge.judge(&Echo, decode(history, ops, echo)?)),
        ModelKind::UniqueIds => Ok(judge.judge(&UniqueIds, decode(history, ops, unique_ids)?)),
        ModelKind::ListAppend => Ok(judge.judge(&List::new(), decode(history, ops, list)?)),
    }
}

/// One operation, as much of it as decoding needs.
pub(super) struct Asked<'a> {
    history: &'a History,
    index: OpIndex,
}

impl Asked<'_> {
    fn f(&self) -> &str {
        self.history.f(self.index)
    }

    fn argument(&self) -> Value {
        self.history.value(self.history.argument_id(self.index))
    }

    fn outcome_id(&self) -> Outcome<ValueId> {
        self.history.outcome_id(self.index)
    }

    fn outcome(&self) -> Outcome<Value> {
        self.outcome_id().map(|ret| self.history.value(ret))
    }

    fn unknown_function(&self, known: &str) -> String {
        format!("`{}` is not a function of this model, which has {known}", visible(self.f()))
    }
}

pub(super) type Decoded<O, R> = Result<(O, Outcome<R>), String>;

/// `ops`, each as `translate` has it.
pub(super) fn decode<'a, O, R>(
    history: &'a History,
    ops: &[OpIndex],
    mut translate: impl FnMut(&Asked<'a>) -> Decoded<O, R>,
) -> Result<Vec<Call<O, R>>, Doubt> {
    let mut calls = Vec::with_capacity(ops.len());
    for &index in ops {
        let (op, outcome) = translate(&Asked { history, index })
            .map_err(|reason| Doubt::Unsupported { op: index, reason })?;
        let completed = history.completed_at(index);
        calls.extend(Call::new(index, op, outcome, history.invoked[index.get()], completed));
    }
    Ok(calls)
}

/// Numbers for the values of a register, so that they are cheap to copy and compare. Those that
/// have one in the history, and may be met within a `cas` too, keep it.
#[derive(Default)]
struct Numbers<'a> {
    others: FxHashMap<&'a Value, u32>,
}

impl<'a> Numbers<'a> {
    /// `None` for nil, which is what an empty register holds.
    fn of(&mut self, value: &'a Value) -> Option<u32> {
        if let Some(id) = ValueId::inline(value) {
            return Some(id.0).filter(|_| id != ValueId::NIL);
        }
        let fresh = u32::try_from(self.others.len()).expect("fewer than operations");
        Some(*self.others.entry(value).or_insert(fresh))
    }

    fn of_id(&mut self, history: &'a History, id: ValueId) -> Option<u32> {
        match history.listed(id) {
            Some(value) => self.of(value),
            None => Some(id.0),
        }
    }
}

fn register<'a>(
    asked: &Asked<'a>,
    kind: ModelKind,
    failed_cas: FailedCas,
    numbers: &mut Numbers<'a>,
) -> Decoded<RegisterOp<u32>, RegisterRet<u32>> {
    let history = asked.history;
    let argument = history.argument_id(asked.index);
    match asked.f() {
        "read" | "get" => {
            let read = |ret| RegisterRet::Read(numbers.of_id(history, ret));
            Ok((RegisterOp::Read, asked.outcome_id().map(read)))
        }
        "write" | "put" | "set" => {
            let value = numbers.of_id(history, argument);
            let value = value.ok_or("a write of nil is not supported")?;
            Ok((RegisterOp::Write(value), asked.outcome_id().map(|_| RegisterRet::Written)))
        }
        "cas" if kind == ModelKind::CasRegister => {
            let Some([old, new]) = history.listed(argument).and_then(Value::as_list) else {
                return Err(format!("a cas needs [old new], not {}", asked.argument()));
            };
            let new = numbers.of(new).ok_or("a cas to nil is not supported")?;
            let op = RegisterOp::Cas { old: numbers.of(old), new };
            let says_not = |ret| history.listed(ret) == Some(&Value::Bool(false));
            let outcome = match (asked.outcome_id(), failed_cas) {
                (Outcome::Fail, FailedCas::Mismatched) => Outcome::Ok(RegisterRet::Swapped(false)),
                (outcome, _) => outcome.map(|ret| RegisterRet::Swapped(!says_not(ret))),
            };
            Ok((op, outcome))
        }
        _ if kind == ModelKind::CasRegister => Err(asked.unknown_function("read, write and cas")),
        _ => Err(asked.unknown_function("read and write")),
    }
}

fn text(asked: &Asked<'_>) -> Decoded<TextOp, TextRet> {
    let text = |value: &Value| match value {
        Value::Nil => Ok(Arc::from("")),
        Value::Str(text) => Ok(text.clone()),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Keyword(_)
        | Value::Raw(_)
        | Value::List(_)
        | Value::Map(_) => Err(format!("{value} is not a text")),
    };
    let done = || asked.outcome_id().map(|_| TextRet::Done);
    match asked.f() {
        "get" | "read" => {
            let outcome = match asked.outcome() {
                Outcome::Ok(ret) => Outcome::Ok(TextRet::Got(text(&ret)?)),
                Outcome::Fail => Outcome::Fail,
                Outcome::Indeterminate => Outcome::Indeterminate,
            };
            Ok((TextOp::Get, outcome))
        }
        "put" | "write" => Ok((TextOp::Put(text(&asked.argument())?), done())),
        "append" => Ok((TextOp::Append(text(&asked.argument())?), done())),
        _ => Err(asked.unknown_function("get, put and append")),
    }
}

/// The elements of a list. Nil stands for no elements.
fn elements(value: &Value) -> Result<&[Value], String> {
    match value {
        Value::Nil => Ok(&[]),
        Value::List(items) => Ok(items),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Keyword(_)
        | Value::Raw(_)
        | Value::Str(_)
        | Value::Map(_) => Err(format!("{value} is not a list of elements")),
    }
}

pub(super) fn set(asked: &Asked<'_>) -> Decoded<SetOp<Value>, SetRet<Value>> {
    let argument = asked.argument();
    // A return that is the element again says nothing, be the element true or false.
    let changed = |ret| match ret {
        Value::Bool(changed) if ret != argument => SetRet::Changed(changed),
        _ => SetRet::Done,
    };
    match asked.f() {
        "add" => Ok((SetOp::Add(asked.argument()), asked.outcome().map(changed))),
        "remove" => Ok((SetOp::Remove(asked.argument()), asked.outcome().map(changed))),
        "contains" => {
            let outcome = match asked.outcome() {
                Outcome::Ok(Value::Bool(held)) => Outcome::Ok(SetRet::Contains(held)),
                Outcome::Ok(ret) => return Err(format!("{ret} is neither true nor false")),
                Outcome::Fail => Outcome::Fail,
                Outcome::Indeterminate => Outcome::Indeterminate,
            };
            Ok((SetOp::Contains(asked.argument()), outcome))
        }
        "read" => {
            let outcome = match asked.outcome() {
                Outcome::Ok(ret) => {
                    let held = elements(&ret)?.iter().cloned().collect();
                    Outcome::Ok(SetRet::Elements(Arc::new(held)))
                }
                Outcome::Fail => Outcome::Fail,
                Outcome::Indeterminate => Outcome::Indeterminate,
            };
            Ok((SetOp::Read, outcome))
        }
        _ => Err(asked.unknown_function("add, remove, contains and read")),
    }
}

pub(super) fn counter(asked: &Asked<'_>) -> Decoded<CounterOp, CounterRet> {
    let number =
        |value: &Value| value.as_int().ok_or_else(|| format!("{value} is not a whole number"));
    match asked.f() {
        "add" => {
            let op = CounterOp::Add(number(&asked.argument())?);
            Ok((op, asked.outcome_id().map(|_| CounterRet::Added)))
        }
        "read" => {
            let outcome = match asked.outcome() {
                Outcome::Ok(ret) => Outcome::Ok(CounterRet::Sum(number(&ret)?)),
                Outcome::Fail => Outcome::Fail,
                Outcome::Indeterminate => Outcome::Indeterminate,
            };
            Ok((CounterOp::Read, outcome))
        }
        _ => Err(asked.unknown_function("add and read")),
    }
}

pub(crate) type ContainerCall = Call<ContainerOp<Value>, ContainerRet<Value>>;

pub(crate) fn container(
    history: &History,
    ops: &[OpIndex],
    kind: ModelKind,
) -> Result<Vec<ContainerCall>, Doubt> {
    let (insert, take): (&[&str], &[&str]) = match kind {
        ModelKind::Stack => (&["push"], &["pop"]),
        ModelKind::PriorityQueue => (&["insert", "enqueue"], &["delete-min", "dequeue"]),
        _ => (&["enqueue"], &["dequeue"]),
    };
    decode(history, ops, |asked| {
        if insert.contains(&asked.f()) {
            let op = ContainerOp::Insert(asked.argument());
            Ok((op, asked.outcome_id().map(|_| ContainerRet::Inserted)))
        } else if take.contains(&asked.f()) {
            let taken = |ret| Some(ret).filter(|ret| *ret != Value::Nil);
            Ok((ContainerOp::Take, asked.outcome().map(|ret| ContainerRet::Taken(taken(ret)))))
        } else if asked.f() == "peek" {
            let found = |ret| Some(ret).filter(|ret| *ret != Value::Nil);
            Ok((ContainerOp::Peek, asked.outcome().map(|ret| ContainerRet::Peeked(found(ret)))))
        } else {
            Err(asked.unknown_function(&format!("{}, {} and peek", insert[0], take[0])))
        }
    })
}

fn deque(asked: &Asked<'_>) -> Decoded<DequeOp<Value>, DequeRet<Value>> {
    let pushed = || asked.outcome_id().map(|_| DequeRet::Pushed);
    let found = || {
        let found = |ret| DequeRet::Found(Some(ret).filter(|ret| *ret != Value::Nil));
        asked.outcome().map(found)
    };
    Ok(match asked.f() {
        "push-front" => (DequeOp::Push(End::Front, asked.argument()), pushed()),
        "push-back" => (DequeOp::Push(End::Back, asked.argument()), pushed()),
        "pop-front" => (DequeOp::Pop(End::Front), found()),
        "pop-back" => (DequeOp::Pop(End::Back), found()),
        "peek-front" => (DequeOp::Peek(End::Front), found()),
        "peek-back" => (DequeOp::Peek(End::Back), found()),
        _ => return Err(asked.unknown_function("push, pop and peek, each -front and -back")),
    })
}

pub(super) fn mutex(asked: &Asked<'_>) -> Decoded<MutexOp, MutexRet> {
    let process = asked.history.process[asked.index.get()];
    let op = match asked.f() {
        "acquire" => MutexOp::Acquire(process),
        "release" => MutexOp::Release(process),
        _ => return Err(asked.unknown_function("acquire and release")),
    };
    let told = |ret| if ret == Value::Bool(false) { MutexRet::Refused } else { MutexRet::Done };
    Ok((op, asked.outcome().map(told)))
}

fn echo(asked: &Asked<'_>) -> Decoded<Value, Value> {
    match asked.f() {
        "echo" => Ok((asked.argument(), asked.outcome())),
        _ => Err(asked.unknown_function("echo")),
    }
}

pub(super) fn unique_ids(asked: &Asked<'_>) -> Decoded<(), Value> {
    match asked.f() {
        "generate" => Ok(((), asked.outcome())),
        _ => Err(asked.unknown_function("generate")),
    }
}

fn list(asked: &Asked<'_>) -> Decoded<ListOp<Value>, ListRet<Value>> {
    match asked.f() {
        "append" => {
            Ok((ListOp::Append(asked.argument()), asked.outcome_id().map(|_| ListRet::Appended)))
        }
        "read" | "get" => {
            let outcome = match asked.outcome() {
                Outcome::Ok(ret) => Outcome::Ok(ListRet::Elements(Arc::from(elements(&ret)?))),
                Outcome::Fail => Outcome::Fail,
                Outcome::Indeterminate => Outcome::Indeterminate,
            };
            Ok((ListOp::Read, outcome))
        }
        _ => Err(asked.unknown_function("append and read")),
    }
}
