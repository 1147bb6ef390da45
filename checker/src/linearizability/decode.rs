//! From the words of a history to the ops of a model.

use std::sync::Arc;

use super::Call;
use crate::model::{
    Container, ContainerOp, ContainerRet, Counter, CounterOp, CounterRet, Fifo, LeastFirst, Lifo,
    List, ListOp, ListRet, Register, RegisterOp, RegisterRet, Set, SetOp, SetRet, Text, TextOp,
    TextRet,
};
use crate::monitors::{self, MonitorVerdict};
use crate::{Doubt, History, Model, ModelKind, OpIndex, Outcome, Value, ValueId};

/// What a definite failure of a `cas` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailedCas {
    /// Nothing.
    #[default]
    SaysNothing,
    /// That the comparison failed: the register did not hold the old value. True of histories
    /// whose client fails a `cas` for that reason only, as Jepsen's etcd client does.
    Mismatched,
}

/// Something to be done with a model and the calls it understands.
pub(crate) trait Judge {
    type Answer;

    fn judge<M: Model>(self, model: &M, calls: Vec<Call<M::Op, M::Ret>>) -> Self::Answer;
}

/// Hands `judge` the model called `kind`, and `ops` as that model understands them.
///
/// `None` when the model does not understand one of them.
pub(crate) fn with_model<J: Judge>(
    kind: ModelKind,
    history: &History,
    ops: &[OpIndex],
    failed_cas: FailedCas,
    judge: J,
) -> Result<J::Answer, Doubt> {
    match kind {
        ModelKind::Register | ModelKind::CasRegister => {
            let calls = decode(history, ops, |asked| register(asked, kind, failed_cas))?;
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
        ModelKind::ListAppend => Ok(judge.judge(&List::new(), decode(history, ops, list)?)),
    }
}

/// One operation, as much of it as decoding needs.
struct Asked<'a> {
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
        format!("`{}` is no function of this model, which has {known}", self.f())
    }
}

type Decoded<O, R> = Result<(O, Outcome<R>), String>;

fn decode<O, R>(
    history: &History,
    ops: &[OpIndex],
    translate: impl Fn(&Asked<'_>) -> Decoded<O, R>,
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

fn register(
    asked: &Asked<'_>,
    kind: ModelKind,
    failed_cas: FailedCas,
) -> Decoded<RegisterOp<Value>, RegisterRet<Value>> {
    let some = |value| Some(value).filter(|value| *value != Value::Nil);
    match asked.f() {
        "read" | "get" => {
            Ok((RegisterOp::Read, asked.outcome().map(|ret| RegisterRet::Read(some(ret)))))
        }
        "write" | "put" => {
            let value = some(asked.argument()).ok_or("a write of nil is not supported")?;
            Ok((RegisterOp::Write(value), asked.outcome_id().map(|_| RegisterRet::Written)))
        }
        "cas" if kind == ModelKind::CasRegister => {
            let argument = asked.argument();
            let Some([old, new]) = argument.as_list() else {
                return Err(format!("a cas needs [old new], not {argument}"));
            };
            let new = some(new.clone()).ok_or("a cas to nil is not supported")?;
            let op = RegisterOp::Cas { old: some(old.clone()), new };
            let outcome = match (asked.outcome(), failed_cas) {
                (Outcome::Ok(Value::Bool(false)), _) | (Outcome::Fail, FailedCas::Mismatched) => {
                    Outcome::Ok(RegisterRet::Swapped(false))
                }
                (outcome, _) => outcome.map(|_| RegisterRet::Swapped(true)),
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

fn set(asked: &Asked<'_>) -> Decoded<SetOp<Value>, SetRet<Value>> {
    let done = || asked.outcome_id().map(|_| SetRet::Done);
    match asked.f() {
        "add" => Ok((SetOp::Add(asked.argument()), done())),
        "remove" => Ok((SetOp::Remove(asked.argument()), done())),
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

fn counter(asked: &Asked<'_>) -> Decoded<CounterOp, CounterRet> {
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

type ContainerCall = Call<ContainerOp<Value>, ContainerRet<Value>>;

fn container(
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
        } else {
            Err(asked.unknown_function(&format!("{} and {}", insert[0], take[0])))
        }
    })
}

/// The answer of the monitor for `kind`, if there is one and it understands the operations.
pub(crate) fn monitor(
    kind: ModelKind,
    history: &History,
    ops: &[OpIndex],
) -> Option<MonitorVerdict> {
    match kind {
        ModelKind::Register | ModelKind::CasRegister | ModelKind::Kv | ModelKind::ListAppend => {
            None
        }
        ModelKind::Set => Some(monitors::set::check(&decode(history, ops, set).ok()?)),
        ModelKind::Counter => Some(monitors::counter::check(&decode(history, ops, counter).ok()?)),
        ModelKind::Queue => Some(monitors::queue::check(&container(history, ops, kind).ok()?)),
        ModelKind::Stack => Some(monitors::stack::check(&container(history, ops, kind).ok()?)),
        ModelKind::PriorityQueue => {
            Some(monitors::priority_queue::check(&container(history, ops, kind).ok()?))
        }
    }
}

fn list(asked: &Asked<'_>) -> Decoded<ListOp<Value>, ListRet<Value>> {
    match asked.f() {
        "append" => {
            Ok((ListOp::Append(asked.argument()), asked.outcome_id().map(|_| ListRet::Appended)))
        }
        "read" => {
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
