//! Operations in the words and values of a history, and back: nothing else here knows them.
//!
//! The words are those of [`Event`]. A word alone does not tell an operation: `read` is one of a
//! register, a set, a counter and a list. So the reader says which [`Object`] it is about.

use std::sync::Arc;

use rashomon_checker::{Event, EventKind, ProcessId, Value};

use super::{
    Action, Completion, CounterOp, Key, ListOp, LockOp, MicroOp, MicroReturned, MultiValueOp, Op,
    OrSetOp, QueueOp, RegisterOp, Returned, SetOp,
};

const READ: &str = "read";
const WRITE: &str = "write";
const CAS: &str = "cas";
const ADD: &str = "add";
const REMOVE: &str = "remove";
const APPEND: &str = "append";
const ENQUEUE: &str = "enqueue";
const DEQUEUE: &str = "dequeue";
const ACQUIRE: &str = "acquire";
const RELEASE: &str = "release";
const TRANSACTION: &str = "txn";
const ECHO: &str = "echo";
const GENERATE: &str = "generate";

/// The words of a transaction's parts, which are those of Elle; a comparison is asked for by a word of its
/// own, and one that held has read what it compared with.
const PART_COMPARE: &str = "compare";
const PART_READ: &str = "r";
const PART_WRITE: &str = "w";
const PART_APPEND: &str = "append";

/// What the operations of a history are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// Registers.
    Register,
    /// Grow-only sets.
    Set,
    /// Counters.
    Counter,
    /// Multi-value registers.
    MultiValue,
    /// Observed-remove sets.
    OrSet,
    /// Lists.
    List,
    /// Queues.
    Queue,
    /// Locks.
    Lock,
    /// Several objects at once.
    Transaction,
    /// Nothing.
    Echo,
    /// Identifiers.
    Ids,
}

/// An event that says nothing that an operation says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strange {
    /// The event's function.
    pub f: Arc<str>,
    /// What it was taken to be about.
    pub object: Object,
}

/// Writes operations into events. Holds each word once, so that writing one copies no text.
#[derive(Clone, Debug)]
pub struct Words {
    words: [Arc<str>; 13],
}

impl Default for Words {
    fn default() -> Self {
        let words = [
            READ,
            WRITE,
            CAS,
            ADD,
            REMOVE,
            APPEND,
            ENQUEUE,
            DEQUEUE,
            ACQUIRE,
            RELEASE,
            TRANSACTION,
            ECHO,
            GENERATE,
        ];
        Self { words: words.map(Arc::from) }
    }
}

impl Words {
    /// The event in which `process` invokes `op`: number 0, time 0, no node.
    pub fn invocation(&self, process: ProcessId, op: &Op) -> Event {
        self.event(process, op, EventKind::Invoke, argument(&op.action))
    }

    /// The event in which `process` learns how `op` ended: number 0, time 0, no node.
    pub fn completion(&self, process: ProcessId, op: &Op, completion: &Completion) -> Event {
        match completion {
            Completion::Ok(returned) => {
                self.event(process, op, EventKind::Ok, value(&op.action, returned))
            }
            Completion::Fail(why) => self.ended(process, op, EventKind::Fail, why),
            Completion::Info(why) => self.ended(process, op, EventKind::Info, why),
        }
    }

    fn ended(&self, process: ProcessId, op: &Op, kind: EventKind, why: &str) -> Event {
        let error = Some(Value::str(why));
        Event { error, ..self.event(process, op, kind, argument(&op.action)) }
    }

    fn event(&self, process: ProcessId, op: &Op, kind: EventKind, value: Value) -> Event {
        Event {
            index: 0,
            time: rashomon_checker::Time(0),
            process,
            process_name: None,
            kind,
            f: self.word(&op.action),
            key: op.action.key().map(|key| Value::Str(key.clone())),
            value,
            node: None,
            is_final: op.is_final(),
            error: None,
            extra: Vec::new(),
        }
    }

    fn word(&self, action: &Action) -> Arc<str> {
        let [read, write, cas, add, remove, append, enqueue, dequeue, ..] = &self.words;
        let [.., acquire, release, transaction, echo, generate] = &self.words;
        let word = match action {
            Action::Register(_, RegisterOp::Read)
            | Action::Set(_, SetOp::Elements)
            | Action::Counter(_, CounterOp::Read)
            | Action::MultiValue(_, MultiValueOp::Read)
            | Action::OrSet(_, OrSetOp::Read)
            | Action::List(_, ListOp::Read) => read,
            Action::Register(_, RegisterOp::Write(_))
            | Action::MultiValue(_, MultiValueOp::Write(_)) => write,
            Action::Register(_, RegisterOp::Cas { .. }) => cas,
            Action::Set(_, SetOp::Add(_))
            | Action::Counter(_, CounterOp::Add(_))
            | Action::OrSet(_, OrSetOp::Add(_)) => add,
            Action::OrSet(_, OrSetOp::Remove(_)) => remove,
            Action::List(_, ListOp::Append(_)) => append,
            Action::Queue(_, QueueOp::Enqueue(_)) => enqueue,
            Action::Queue(_, QueueOp::Dequeue) => dequeue,
            Action::Lock(_, LockOp::Acquire) => acquire,
            Action::Lock(_, LockOp::Release) => release,
            Action::Transaction(_) => transaction,
            Action::Echo(_) => echo,
            Action::Generate => generate,
        };
        word.clone()
    }
}

/// What an invocation carries.
fn argument(action: &Action) -> Value {
    match action {
        Action::Register(_, RegisterOp::Write(value))
        | Action::Set(_, SetOp::Add(value))
        | Action::Counter(_, CounterOp::Add(value))
        | Action::MultiValue(_, MultiValueOp::Write(value))
        | Action::OrSet(_, OrSetOp::Add(value) | OrSetOp::Remove(value))
        | Action::List(_, ListOp::Append(value))
        | Action::Queue(_, QueueOp::Enqueue(value))
        | Action::Echo(value) => Value::Int(*value),
        Action::Register(_, RegisterOp::Cas { old, new }) => ints(&[*old, *new]),
        Action::Register(_, RegisterOp::Read)
        | Action::Set(_, SetOp::Elements)
        | Action::Counter(_, CounterOp::Read)
        | Action::MultiValue(_, MultiValueOp::Read)
        | Action::OrSet(_, OrSetOp::Read)
        | Action::List(_, ListOp::Read)
        | Action::Queue(_, QueueOp::Dequeue)
        | Action::Lock(..)
        | Action::Generate => Value::Nil,
        Action::Transaction(parts) => Value::list(parts.iter().map(|part| written(part, None))),
    }
}

/// What a completion carries: what was returned, or the argument again where that says no more.
fn value(action: &Action, returned: &Returned) -> Value {
    match (returned, action) {
        (Returned::Done, _) => argument(action),
        (Returned::Mismatch, _) => Value::Bool(false),
        (Returned::Value(value), _) => value.map_or(Value::Nil, Value::Int),
        (Returned::Items(items), _) => ints(items),
        (Returned::Count(count), _) => Value::Int(*count),
        (Returned::Id(id), _) => id.clone(),
        (Returned::Transaction(returned), Action::Transaction(parts)) => {
            Value::list(parts.iter().zip(returned).map(|(part, it)| written(part, Some(it))))
        }
        (Returned::Transaction(_), _) => Value::Nil,
    }
}

/// A part of a transaction, with what it returned, if it did.
fn written(part: &MicroOp, returned: Option<&MicroReturned>) -> Value {
    let (word, key, argument) = match part {
        MicroOp::Compare(key, expected) => {
            let word = if returned.is_some() { PART_READ } else { PART_COMPARE };
            (word, key, expected.map_or(Value::Nil, Value::Int))
        }
        MicroOp::Read(key) => (PART_READ, key, Value::Nil),
        MicroOp::Write(key, value) => (PART_WRITE, key, Value::Int(*value)),
        MicroOp::Append(key, value) => (PART_APPEND, key, Value::Int(*value)),
    };
    let value = match returned {
        None | Some(MicroReturned::Done) => argument,
        Some(MicroReturned::Value(value)) => value.map_or(Value::Nil, Value::Int),
        Some(MicroReturned::Items(items)) => ints(items),
    };
    Value::list([Value::str(word), Value::Str(key.clone()), value])
}

fn ints(numbers: &[i64]) -> Value {
    Value::list(numbers.iter().copied().map(Value::Int))
}

/// The operation that an invocation of a history about `object` says.
///
/// # Errors
/// If the event is another than [`Words`] writes.
pub fn read_action(object: Object, event: &Event) -> Result<Action, Strange> {
    let asked = || {
        if object == Object::Transaction {
            return parts(&event.value).map(Action::Transaction);
        }
        if object == Object::Echo {
            return event.value.as_int().filter(|_| &*event.f == ECHO).map(Action::Echo);
        }
        if object == Object::Ids {
            return (&*event.f == GENERATE).then_some(Action::Generate);
        }
        let key: Key = match event.key.as_ref()? {
            Value::Str(key) => key.clone(),
            _ => return None,
        };
        let int = event.value.as_int();
        Some(match (object, &*event.f) {
            (Object::Register, READ) => Action::Register(key, RegisterOp::Read),
            (Object::Register, WRITE) => Action::Register(key, RegisterOp::Write(int?)),
            (Object::Register, CAS) => {
                let [old, new] = numbers(&event.value)?[..] else { return None };
                Action::Register(key, RegisterOp::Cas { old, new })
            }
            (Object::Set, READ) => Action::Set(key, SetOp::Elements),
            (Object::Set, ADD) => Action::Set(key, SetOp::Add(int?)),
            (Object::Counter, READ) => Action::Counter(key, CounterOp::Read),
            (Object::Counter, ADD) => Action::Counter(key, CounterOp::Add(int?)),
            (Object::MultiValue, READ) => Action::MultiValue(key, MultiValueOp::Read),
            (Object::MultiValue, WRITE) => Action::MultiValue(key, MultiValueOp::Write(int?)),
            (Object::OrSet, READ) => Action::OrSet(key, OrSetOp::Read),
            (Object::OrSet, ADD) => Action::OrSet(key, OrSetOp::Add(int?)),
            (Object::OrSet, REMOVE) => Action::OrSet(key, OrSetOp::Remove(int?)),
            (Object::List, READ) => Action::List(key, ListOp::Read),
            (Object::List, APPEND) => Action::List(key, ListOp::Append(int?)),
            (Object::Queue, ENQUEUE) => Action::Queue(key, QueueOp::Enqueue(int?)),
            (Object::Queue, DEQUEUE) => Action::Queue(key, QueueOp::Dequeue),
            (Object::Lock, ACQUIRE) => Action::Lock(key, LockOp::Acquire),
            (Object::Lock, RELEASE) => Action::Lock(key, LockOp::Release),
            _ => return None,
        })
    };
    asked().ok_or_else(|| Strange { f: event.f.clone(), object })
}

/// How `action` ended, as a completion says it.
///
/// # Errors
/// If the event is another than [`Words`] writes.
pub fn read_completion(action: &Action, event: &Event) -> Result<Completion, Strange> {
    let object = object(action);
    let why = || {
        let told = event.error.as_ref().and_then(Value::as_str);
        told.ok_or_else(|| Strange { f: event.f.clone(), object }).map(str::to_owned)
    };
    match event.kind {
        EventKind::Fail => why().map(Completion::Fail),
        EventKind::Info => why().map(Completion::Info),
        EventKind::Ok => {
            let returned = returned(action, &event.value).map(Completion::Ok);
            returned.ok_or_else(|| Strange { f: event.f.clone(), object })
        }
        EventKind::Invoke => Err(Strange { f: event.f.clone(), object }),
    }
}

impl Object {
    const ALL: [(Self, &'static str); 11] = [
        (Self::Register, "register"),
        (Self::Set, "set"),
        (Self::Counter, "counter"),
        (Self::MultiValue, "multi-value"),
        (Self::OrSet, "or-set"),
        (Self::List, "list"),
        (Self::Queue, "queue"),
        (Self::Lock, "lock"),
        (Self::Transaction, "transaction"),
        (Self::Echo, "echo"),
        (Self::Ids, "ids"),
    ];

    /// What an action is about.
    pub fn of(action: &Action) -> Self {
        object(action)
    }

    /// Its name in files.
    pub fn name(self) -> &'static str {
        let named = Self::ALL.into_iter().find(|(object, _)| *object == self);
        named.map_or("", |(_, name)| name) // The list has all of them; a test says so.
    }

    /// That of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find_map(|(object, its)| (its == name).then_some(object))
    }
}

fn object(action: &Action) -> Object {
    match action {
        Action::Register(..) => Object::Register,
        Action::Set(..) => Object::Set,
        Action::Counter(..) => Object::Counter,
        Action::MultiValue(..) => Object::MultiValue,
        Action::OrSet(..) => Object::OrSet,
        Action::List(..) => Object::List,
        Action::Queue(..) => Object::Queue,
        Action::Lock(..) => Object::Lock,
        Action::Transaction(_) => Object::Transaction,
        Action::Echo(_) => Object::Echo,
        Action::Generate => Object::Ids,
    }
}

fn returned(action: &Action, value: &Value) -> Option<Returned> {
    let optional = || match value {
        Value::Nil => Some(None),
        Value::Int(value) => Some(Some(*value)),
        _ => None,
    };
    match action {
        Action::Register(_, RegisterOp::Read)
        | Action::Queue(_, QueueOp::Dequeue)
        | Action::Echo(_) => optional().map(Returned::Value),
        Action::Register(_, RegisterOp::Cas { .. }) | Action::Lock(..)
            if *value == Value::Bool(false) =>
        {
            Some(Returned::Mismatch)
        }
        Action::Lock(_, LockOp::Acquire) => value.as_int().map(Some).map(Returned::Value),
        Action::Set(_, SetOp::Elements)
        | Action::List(_, ListOp::Read)
        | Action::MultiValue(_, MultiValueOp::Read)
        | Action::OrSet(_, OrSetOp::Read) => numbers(value).map(Returned::Items),
        Action::Counter(_, CounterOp::Read) => value.as_int().map(Returned::Count),
        Action::Generate => Some(Returned::Id(value.clone())),
        Action::Transaction(asked) => {
            let told = value.as_list()?.iter();
            let each = asked.iter().zip(told).map(|(part, told)| part_returned(part, told));
            each.collect::<Option<_>>().map(Returned::Transaction)
        }
        Action::Register(_, RegisterOp::Write(_) | RegisterOp::Cas { .. })
        | Action::Set(_, SetOp::Add(_))
        | Action::Counter(_, CounterOp::Add(_))
        | Action::MultiValue(_, MultiValueOp::Write(_))
        | Action::OrSet(_, OrSetOp::Add(_) | OrSetOp::Remove(_))
        | Action::List(_, ListOp::Append(_))
        | Action::Queue(_, QueueOp::Enqueue(_))
        | Action::Lock(_, LockOp::Release) => Some(Returned::Done),
    }
}

fn part_returned(part: &MicroOp, told: &Value) -> Option<MicroReturned> {
    let [_, _, value] = told.as_list()? else { return None };
    match (part, value) {
        (MicroOp::Compare(..) | MicroOp::Write(..) | MicroOp::Append(..), _) => {
            Some(MicroReturned::Done)
        }
        (MicroOp::Read(_), Value::Nil) => Some(MicroReturned::Value(None)),
        (MicroOp::Read(_), Value::Int(value)) => Some(MicroReturned::Value(Some(*value))),
        (MicroOp::Read(_), list) => numbers(list).map(MicroReturned::Items),
    }
}

fn parts(value: &Value) -> Option<Vec<MicroOp>> {
    let part = |part: &Value| {
        let [Value::Str(word), Value::Str(key), argument] = part.as_list()? else { return None };
        let key = key.clone();
        Some(match &**word {
            PART_COMPARE if *argument == Value::Nil => MicroOp::Compare(key, None),
            PART_COMPARE => MicroOp::Compare(key, Some(argument.as_int()?)),
            PART_READ => MicroOp::Read(key),
            PART_WRITE => MicroOp::Write(key, argument.as_int()?),
            PART_APPEND => MicroOp::Append(key, argument.as_int()?),
            _ => return None,
        })
    };
    value.as_list()?.iter().map(part).collect()
}

fn numbers(value: &Value) -> Option<Vec<i64>> {
    value.as_list()?.iter().map(Value::as_int).collect()
}

#[cfg(test)]
mod tests;
