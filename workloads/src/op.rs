//! What is asked of a store, and what it returns: types, with no word of a history in them.

mod words;

use std::fmt;
use std::sync::Arc;

use rashomon_checker::Value;

pub use words::{Object, Strange, Words, read_action, read_completion};

/// The name of an object. Cheap to clone.
pub type Key = Arc<str>;

/// Which node is to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Whichever the process is used to.
    Any,
    /// Another than the process asked before, of those that take such an operation.
    Roam,
    /// The node of this number, counted from 1, following the target's own rules.
    Node(u16),
    /// The node of this number, which is to answer from what it holds itself.
    Local(u16),
}

/// One operation, without process or time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// The action, and its object.
    pub action: Action,
    /// Which node is asked.
    pub place: Place,
}

/// The action of an operation, and its object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Of a register.
    Register(Key, RegisterOp),
    /// Of a grow-only set.
    Set(Key, SetOp),
    /// Of a counter, which begins at 0.
    Counter(Key, CounterOp),
    /// Of a register that keeps the values of concurrent writes beside each other.
    MultiValue(Key, MultiValueOp),
    /// Of a set from which a removal takes only the additions that it observes.
    OrSet(Key, OrSetOp),
    /// Of a list that grows at its end.
    List(Key, ListOp),
    /// Of a first-in first-out queue.
    Queue(Key, QueueOp),
    /// Of a lock that one process holds at a time.
    Lock(Key, LockOp),
    /// Of several objects at once, all or nothing.
    Transaction(Vec<MicroOp>),
    /// Of nobody in particular: say this again.
    Echo(i64),
    /// Of nobody in particular: an identifier that nobody else gets.
    Generate,
}

/// An operation of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterOp {
    /// What does it hold?
    Read,
    /// Hold this.
    Write(i64),
    /// Hold `new` if you hold `old`.
    Cas {
        /// What it must hold.
        old: i64,
        /// What it then holds.
        new: i64,
    },
}

/// An operation of a grow-only set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOp {
    /// Hold this, too.
    Add(i64),
    /// What do you hold?
    Elements,
}

/// An operation of a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterOp {
    /// Grow by this much, which may be negative.
    Add(i64),
    /// How much is it?
    Read,
}

/// An operation of a multi-value register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MultiValueOp {
    /// Hold this in place of what the process has read.
    Write(i64),
    /// What do you hold?
    Read,
}

/// An operation of an observed-remove set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrSetOp {
    /// Hold this, too.
    Add(i64),
    /// Hold it no more.
    Remove(i64),
    /// What do you hold?
    Read,
}

/// An operation of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListOp {
    /// Put this after the last item.
    Append(i64),
    /// What do you hold?
    Read,
}

/// An operation of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueOp {
    /// Put this at the end.
    Enqueue(i64),
    /// Take the first.
    Dequeue,
}

/// An operation of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockOp {
    /// Be held by the process that asks, if nobody holds you.
    Acquire,
    /// Be free, if the process that asks holds you.
    Release,
}

/// A part of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MicroOp {
    /// Go on only if this register held this before the transaction; nothing: it was never written.
    Compare(Key, Option<i64>),
    /// What does this register or list hold?
    Read(Key),
    /// Have this register hold this.
    Write(Key, i64),
    /// Put this at the end of this list.
    Append(Key, i64),
}

/// What an operation that took effect returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returned {
    /// It was done, and there is no more to say.
    Done,
    /// A compare-and-set took place, and the register held something else; or another holds the lock.
    Mismatch,
    /// A register holds this, a dequeue took it, or an echo said it; nothing: it was never written, or
    /// the queue was empty. Of an acquired lock: its number.
    Value(Option<i64>),
    /// A set, a list or a multi-value register holds these.
    Items(Vec<i64>),
    /// A counter is at this.
    Count(i64),
    /// This identifier, which may be of any shape.
    Id(Value),
    /// What each part of a transaction returned.
    Transaction(Vec<MicroReturned>),
}

/// What a part of a transaction returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MicroReturned {
    /// A comparison held, or a write or an append was done.
    Done,
    /// A register holds this; nothing: it was never written, and nor was a list of that key.
    Value(Option<i64>),
    /// A list holds these.
    Items(Vec<i64>),
}

/// How an operation ended, for its process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// It took effect and returned this.
    Ok(Returned),
    /// It did not, and never will; here is why.
    Fail(String),
    /// Nobody knows, and here is why.
    Info(String),
}

/// A kind of operation: what a target offers, and what a workload asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OpKind {
    /// The read of a register.
    RegisterRead,
    /// The write of a register.
    RegisterWrite,
    /// The compare-and-set of a register.
    RegisterCas,
    /// The addition of an element to a set.
    SetAdd,
    /// The read of a whole set.
    SetElements,
    /// The addition to a counter.
    CounterAdd,
    /// The read of a counter.
    CounterRead,
    /// The write of a multi-value register.
    MultiValueWrite,
    /// The read of a multi-value register.
    MultiValueRead,
    /// The addition of an element to an observed-remove set.
    OrSetAdd,
    /// The removal of an element from an observed-remove set.
    OrSetRemove,
    /// The read of a whole observed-remove set.
    OrSetRead,
    /// The appending to a list.
    ListAppend,
    /// The read of a whole list.
    ListRead,
    /// The putting into a queue.
    Enqueue,
    /// The taking from a queue.
    Dequeue,
    /// The acquiring of a lock.
    Acquire,
    /// The releasing of a lock.
    Release,
    /// A transaction.
    Transaction,
    /// The saying of something that is to come back.
    Echo,
    /// The generating of an identifier.
    Generate,
}

impl OpKind {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::RegisterRead,
        Self::RegisterWrite,
        Self::RegisterCas,
        Self::SetAdd,
        Self::SetElements,
        Self::CounterAdd,
        Self::CounterRead,
        Self::MultiValueWrite,
        Self::MultiValueRead,
        Self::OrSetAdd,
        Self::OrSetRemove,
        Self::OrSetRead,
        Self::ListAppend,
        Self::ListRead,
        Self::Enqueue,
        Self::Dequeue,
        Self::Acquire,
        Self::Release,
        Self::Transaction,
        Self::Echo,
        Self::Generate,
    ];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::RegisterRead => "register read",
            Self::RegisterWrite => "register write",
            Self::RegisterCas => "register compare-and-set",
            Self::SetAdd => "set add",
            Self::SetElements => "set read",
            Self::CounterAdd => "counter add",
            Self::CounterRead => "counter read",
            Self::MultiValueWrite => "multi-value register write",
            Self::MultiValueRead => "multi-value register read",
            Self::OrSetAdd => "observed-remove set add",
            Self::OrSetRemove => "observed-remove set remove",
            Self::OrSetRead => "observed-remove set read",
            Self::ListAppend => "list append",
            Self::ListRead => "list read",
            Self::Enqueue => "queue enqueue",
            Self::Dequeue => "queue dequeue",
            Self::Acquire => "lock acquire",
            Self::Release => "lock release",
            Self::Transaction => "transaction",
            Self::Echo => "echo",
            Self::Generate => "identifiers",
        }
    }
}

impl fmt::Display for OpKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Op {
    /// Whether it is one of the reads that look at every replica after a run.
    pub fn is_final(&self) -> bool {
        matches!(self.place, Place::Local(_))
    }
}

impl MicroOp {
    /// The object it is about.
    fn key(&self) -> &Key {
        match self {
            Self::Compare(key, _)
            | Self::Read(key)
            | Self::Write(key, _)
            | Self::Append(key, _) => key,
        }
    }
}

impl Action {
    /// Which kind of operation it is.
    pub fn kind(&self) -> OpKind {
        match self {
            Self::Register(_, RegisterOp::Read) => OpKind::RegisterRead,
            Self::Register(_, RegisterOp::Write(_)) => OpKind::RegisterWrite,
            Self::Register(_, RegisterOp::Cas { .. }) => OpKind::RegisterCas,
            Self::Set(_, SetOp::Add(_)) => OpKind::SetAdd,
            Self::Set(_, SetOp::Elements) => OpKind::SetElements,
            Self::Counter(_, CounterOp::Add(_)) => OpKind::CounterAdd,
            Self::Counter(_, CounterOp::Read) => OpKind::CounterRead,
            Self::MultiValue(_, MultiValueOp::Write(_)) => OpKind::MultiValueWrite,
            Self::MultiValue(_, MultiValueOp::Read) => OpKind::MultiValueRead,
            Self::OrSet(_, OrSetOp::Add(_)) => OpKind::OrSetAdd,
            Self::OrSet(_, OrSetOp::Remove(_)) => OpKind::OrSetRemove,
            Self::OrSet(_, OrSetOp::Read) => OpKind::OrSetRead,
            Self::List(_, ListOp::Append(_)) => OpKind::ListAppend,
            Self::List(_, ListOp::Read) => OpKind::ListRead,
            Self::Queue(_, QueueOp::Enqueue(_)) => OpKind::Enqueue,
            Self::Queue(_, QueueOp::Dequeue) => OpKind::Dequeue,
            Self::Lock(_, LockOp::Acquire) => OpKind::Acquire,
            Self::Lock(_, LockOp::Release) => OpKind::Release,
            Self::Transaction(_) => OpKind::Transaction,
            Self::Echo(_) => OpKind::Echo,
            Self::Generate => OpKind::Generate,
        }
    }

    /// The object it is about; nothing of a transaction, which may be about several, nor of an echo or
    /// an identifier.
    pub fn key(&self) -> Option<&Key> {
        match self {
            Self::Register(key, _)
            | Self::Set(key, _)
            | Self::Counter(key, _)
            | Self::MultiValue(key, _)
            | Self::OrSet(key, _)
            | Self::List(key, _)
            | Self::Queue(key, _)
            | Self::Lock(key, _) => Some(key),
            Self::Transaction(_) | Self::Echo(_) | Self::Generate => None,
        }
    }

    /// All objects it is about, each once for each part of a transaction.
    pub fn keys(&self) -> Vec<&Key> {
        match self {
            Self::Transaction(parts) => parts.iter().map(MicroOp::key).collect(),
            _ => self.key().into_iter().collect(),
        }
    }

    /// Whether it changes nothing. A dequeue takes what it returns, so it is no read.
    pub fn is_read(&self) -> bool {
        match self {
            Self::Register(_, RegisterOp::Read)
            | Self::Set(_, SetOp::Elements)
            | Self::Counter(_, CounterOp::Read)
            | Self::MultiValue(_, MultiValueOp::Read)
            | Self::OrSet(_, OrSetOp::Read)
            | Self::List(_, ListOp::Read)
            | Self::Echo(_) => true,
            Self::Transaction(parts) => parts.iter().all(|it| matches!(it, MicroOp::Read(_))),
            Self::Register(_, RegisterOp::Write(_) | RegisterOp::Cas { .. })
            | Self::Set(_, SetOp::Add(_))
            | Self::Counter(_, CounterOp::Add(_))
            | Self::MultiValue(_, MultiValueOp::Write(_))
            | Self::OrSet(_, OrSetOp::Add(_) | OrSetOp::Remove(_))
            | Self::List(_, ListOp::Append(_))
            | Self::Queue(_, _)
            | Self::Lock(_, _)
            | Self::Generate => false,
        }
    }
}
