//! The built-in models, by name.

use std::fmt;
use std::str::FromStr;

/// A built-in model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(rename_all = "kebab-case"))]
pub enum ModelKind {
    /// `read`, `write`. Initially nil.
    Register,
    /// `read`, `write`, `cas`. Initially nil.
    CasRegister,
    /// Texts: `get`, `put`, `append`. Initially the empty text.
    Kv,
    /// `add`, `remove`, `contains`, `read`. Initially empty. An `add` or `remove` that returns true
    /// or false says whether it changed anything.
    Set,
    /// `add`, `read`. Initially 0.
    Counter,
    /// First in, first out: `enqueue`, `dequeue`, `peek`. Initially empty.
    Queue,
    /// Last in, first out: `push`, `pop`, `peek`. Initially empty.
    Stack,
    /// Least first: `insert`, `delete-min`, `peek`. Initially empty.
    PriorityQueue,
    /// Two ends: `push-front`, `push-back`, `pop-front`, `pop-back`, `peek-front`, `peek-back`.
    /// Initially empty.
    Deque,
    /// A lock that one process holds at a time: `acquire`, `release`. Initially free.
    Mutex,
    /// One list a key: `append`, `read`. Initially empty.
    ListAppend,
    /// `echo`: what is said comes back. Holds nothing.
    Echo,
    /// `generate`: hands out what was not handed out before.
    UniqueIds,
}

impl ModelKind {
    /// Every built-in model.
    pub const ALL: [Self; 13] = [
        Self::Register,
        Self::CasRegister,
        Self::Kv,
        Self::Set,
        Self::Counter,
        Self::Queue,
        Self::Stack,
        Self::PriorityQueue,
        Self::Deque,
        Self::Mutex,
        Self::ListAppend,
        Self::Echo,
        Self::UniqueIds,
    ];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::CasRegister => "cas-register",
            Self::Kv => "kv",
            Self::Set => "set",
            Self::Counter => "counter",
            Self::Queue => "queue",
            Self::Stack => "stack",
            Self::PriorityQueue => "priority-queue",
            Self::Deque => "deque",
            Self::Mutex => "mutex",
            Self::ListAppend => "list-append",
            Self::Echo => "echo",
            Self::UniqueIds => "unique-ids",
        }
    }

    /// One line about it.
    pub fn summary(self) -> &'static str {
        match self {
            Self::Register => "a value a key: read, write; initially nil",
            Self::CasRegister => "a value a key: read, write, cas; initially nil",
            Self::Kv => "a text a key: get, put, append; initially empty",
            Self::Set => {
                "a set: add, remove (true or false: it changed the set), contains, read; initially empty"
            }
            Self::Counter => "a sum: add, read; initially 0",
            Self::Queue => "first in, first out: enqueue, dequeue, peek; initially empty",
            Self::Stack => "last in, first out: push, pop, peek; initially empty",
            Self::PriorityQueue => "least first: insert, delete-min, peek; initially empty",
            Self::Deque => {
                "two ends: push-front, push-back, pop-front, pop-back, peek-front, peek-back; \
                 initially empty"
            }
            Self::Mutex => {
                "a lock held by one process at a time: acquire, release (false: refused); \
                 initially free"
            }
            Self::ListAppend => "a list a key: append, read; initially empty",
            Self::Echo => "an object that returns its argument: echo; no state",
            Self::UniqueIds => "a source of identifiers: generate; none comes twice",
        }
    }

    /// Every function that the model understands: those that [`summary`](Self::summary) names, in
    /// the same order, then other names for them.
    pub fn functions(self) -> &'static [&'static str] {
        match self {
            Self::Register => &["read", "write", "get", "put", "set"],
            Self::CasRegister => &["read", "write", "cas", "get", "put", "set"],
            Self::Kv => &["get", "put", "append", "read", "write"],
            Self::Set => &["add", "remove", "contains", "read"],
            Self::Counter => &["add", "read"],
            Self::Queue => &["enqueue", "dequeue", "peek"],
            Self::Stack => &["push", "pop", "peek"],
            Self::PriorityQueue => &["insert", "delete-min", "peek", "enqueue", "dequeue"],
            Self::Deque => {
                &["push-front", "push-back", "pop-front", "pop-back", "peek-front", "peek-back"]
            }
            Self::Mutex => &["acquire", "release"],
            Self::ListAppend => &["append", "read", "get"],
            Self::Echo => &["echo"],
            Self::UniqueIds => &["generate"],
        }
    }

    /// Whether the model understands this function.
    pub fn has(self, f: &str) -> bool {
        self.functions().contains(&f)
    }

    /// The models that understand this function.
    pub fn having(f: &str) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |model| model.has(f))
    }
}

impl fmt::Display for ModelKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// There is no built-in model of this name.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no model `{}`", crate::visible(.0))]
pub struct UnknownModel(pub String);

impl FromStr for ModelKind {
    type Err = UnknownModel;

    fn from_str(name: &str) -> Result<Self, UnknownModel> {
        let named = Self::ALL.into_iter().find(|kind| kind.name() == name);
        named.ok_or_else(|| UnknownModel(name.to_owned()))
    }
}
