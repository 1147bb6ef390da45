//! Numbers for the processes of a file.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::{ProcessId, Value};

/// Whose event it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Actor {
    Process(ProcessId),
    /// The nemesis, whose events are no part of the history.
    Nemesis,
}

/// Numbers for the processes of a file, which may have numbers, names, or some of each.
///
/// A process with a number from 0 to 2^32 - 1 keeps it. One with a name gets the highest number
/// that is free, in the order in which names first appear, so that the same file gives the same
/// numbers however often it is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Processes {
    named: FxHashMap<Arc<str>, ProcessId>,
    /// Numbers that names were given.
    given: FxHashSet<u32>,
    /// Numbers in the upper half that processes of the file have themselves.
    high: FxHashSet<u32>,
    /// How many numbers from the top have been given or passed over.
    used: u32,
    /// Bytes of the names.
    heap: usize,
}

/// What counts as a name is never given a number below this.
const LOWEST: u32 = 1 << 31;

/// The one name that is no process's.
const NEMESIS: &str = "nemesis";

/// What stands for a process in the errors.
pub(super) const EXPECTED: &str = "a process: a number, or a name such as `\"client-1\"`";

/// A process, and its name if it has one.
pub(super) type NamedActor = (Actor, Option<Arc<str>>);

impl Processes {
    /// The process of this number.
    pub(super) fn numbered(&mut self, number: u32) -> NamedActor {
        if number < LOWEST || !self.given.contains(&number) {
            if number >= LOWEST {
                self.high.insert(number);
            }
            return (Actor::Process(ProcessId(number)), None);
        }
        self.process(Arc::from(number.to_string()))
    }

    /// The process that a scalar names; `None` if it is no scalar, or nil.
    pub(super) fn of(&mut self, value: &Value) -> Option<NamedActor> {
        match value {
            Value::Int(number) => Some(match u32::try_from(*number) {
                Ok(number) => self.numbered(number),
                Err(_) => self.process(Arc::from(number.to_string())),
            }),
            Value::Str(name) | Value::Raw(name) => Some(self.named(name.clone())),
            Value::Keyword(name) if &**name == NEMESIS => Some((Actor::Nemesis, None)),
            Value::Keyword(name) => Some(self.process(Arc::from(format!(":{name}")))),
            Value::Bool(truth) => Some(self.process(Arc::from(truth.to_string()))),
            Value::Nil | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The process of this name, or the nemesis.
    pub(super) fn named(&mut self, name: Arc<str>) -> NamedActor {
        if &*name == NEMESIS { (Actor::Nemesis, None) } else { self.process(name) }
    }

    fn process(&mut self, name: Arc<str>) -> NamedActor {
        if let Some((name, &process)) = self.named.get_key_value(&name) {
            return (Actor::Process(process), Some(name.clone()));
        }
        while self.high.contains(&(u32::MAX - self.used)) {
            self.used += 1;
        }
        let process = ProcessId(u32::MAX - self.used);
        self.used += 1;
        assert!(self.used < LOWEST, "memory ends before the numbers do");
        self.heap += name.len() + 16;
        self.given.insert(process.0);
        self.named.insert(name.clone(), process);
        (Actor::Process(process), Some(name))
    }

    /// Bytes held for names.
    pub(super) fn bytes(&self) -> usize {
        self.heap + self.named.capacity() * 32 + (self.given.capacity() + self.high.capacity()) * 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_number_are_never_the_same_process() {
        let mut processes = Processes::default();
        let named = processes.of(&Value::str("w1")).unwrap();
        assert_eq!(named.0, Actor::Process(ProcessId(u32::MAX)));
        let (number, name) = processes.numbered(u32::MAX);
        assert_ne!(number, named.0);
        assert_eq!(name.as_deref(), Some("4294967295"));
        assert_eq!(processes.numbered(u32::MAX), (number, name), "it stays what it is");
        assert_eq!(processes.numbered(u32::MAX - 2).1, None);
        let third = processes.of(&Value::str("w2")).unwrap();
        assert_eq!(third.0, Actor::Process(ProcessId(u32::MAX - 3)), "its number is taken");
        assert_eq!(processes.of(&Value::str("w1")), Some(named));
    }

    #[test]
    fn only_the_nemesis_is_the_nemesis() {
        let mut processes = Processes::default();
        for name in [Value::str("nemesis"), Value::Keyword("nemesis".into())] {
            assert_eq!(processes.of(&name), Some((Actor::Nemesis, None)));
        }
        for name in [Value::str("Nemesis"), Value::Keyword("w1".into()), Value::Bool(true)] {
            assert!(matches!(processes.of(&name), Some((Actor::Process(_), Some(_)))), "{name}");
        }
        assert_eq!(processes.of(&Value::Nil), None);
    }
}
