//! Which protocol an operation goes to.

use crate::{KvOp, Operation};

/// A part of the keys that has a protocol of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Namespace {
    /// What must be ordered.
    Records,
    /// What must always be accepted.
    Logs,
}

impl Namespace {
    /// That of an operation: of its key's name before the first `/` (`users`, `accounts`; `logs`, `events`,
    /// `carts`). A key without such a name belongs by what is done with it: registers are records, sets
    /// and counters are logs.
    pub fn of(op: &KvOp) -> Self {
        match op.key().split_once('/').map(|(space, _)| space) {
            Some("users" | "accounts") => Self::Records,
            Some("logs" | "events" | "carts") => Self::Logs,
            _ => Self::of_operation(op.operation()),
        }
    }

    fn of_operation(operation: Operation) -> Self {
        match operation {
            Operation::Get | Operation::Put | Operation::Cas => Self::Records,
            Operation::Add | Operation::Elements | Operation::Increment | Operation::Count => {
                Self::Logs
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_before_a_slash_decides_and_else_what_is_done() {
        let get = |key: &str| Namespace::of(&KvOp::Get { key: key.into() });
        let add = |key: &str| Namespace::of(&KvOp::Add { key: key.into(), element: 1 });
        assert_eq!((get("k1"), add("k1")), (Namespace::Records, Namespace::Logs));
        assert_eq!((get("users/7"), add("users/7")), (Namespace::Records, Namespace::Records));
        assert_eq!((get("events/7"), add("carts/7")), (Namespace::Logs, Namespace::Logs));
        assert_eq!((get("users"), add("other/7")), (Namespace::Records, Namespace::Logs));
    }
}
