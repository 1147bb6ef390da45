//! Which protocol an operation goes to.

use crate::{Key, KvOp, Operation};

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
    /// `carts`). A key without such a name belongs by what is done with it: sets, counters and multi-value
    /// registers are logs, all else is a record. A transaction with one key among logs is of logs, which
    /// have no transactions: nothing spans the two.
    pub fn of(op: &KvOp) -> Self {
        let mut named = op.keys().filter_map(Self::named);
        let first = named.next().unwrap_or_else(|| Self::of_operation(op.operation()));
        if named.any(|other| other == Self::Logs) { Self::Logs } else { first }
    }

    /// That of a name before the first `/`.
    fn named(key: &Key) -> Option<Self> {
        match key.split_once('/')?.0 {
            "users" | "accounts" => Some(Self::Records),
            "logs" | "events" | "carts" => Some(Self::Logs),
            _ => None,
        }
    }

    fn of_operation(operation: Operation) -> Self {
        match operation {
            Operation::Add
            | Operation::Elements
            | Operation::Increment
            | Operation::Count
            | Operation::Values
            | Operation::Assign
            | Operation::Insert
            | Operation::Remove
            | Operation::Members => Self::Logs,
            Operation::Get
            | Operation::Put
            | Operation::Cas
            | Operation::Append
            | Operation::Items
            | Operation::Enqueue
            | Operation::Dequeue
            | Operation::Acquire
            | Operation::Release
            | Operation::Transaction => Self::Records,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Micro;

    #[test]
    fn a_name_before_a_slash_decides_and_else_what_is_done() {
        let get = |key: &str| Namespace::of(&KvOp::Get { key: key.into() });
        let add = |key: &str| Namespace::of(&KvOp::Add { key: key.into(), element: 1 });
        assert_eq!((get("k1"), add("k1")), (Namespace::Records, Namespace::Logs));
        assert_eq!((get("users/7"), add("users/7")), (Namespace::Records, Namespace::Records));
        assert_eq!((get("events/7"), add("carts/7")), (Namespace::Logs, Namespace::Logs));
        assert_eq!((get("users"), add("other/7")), (Namespace::Records, Namespace::Logs));
    }

    #[test]
    fn a_transaction_is_of_records_unless_one_of_its_keys_is_a_log() {
        let of = |keys: &[&str]| {
            let read = |key: &&str| Micro::Read { key: (*key).into() };
            Namespace::of(&KvOp::Transaction { parts: keys.iter().map(read).collect() })
        };
        for records in [&["a", "b"][..], &["accounts/1", "users/2"], &[]] {
            assert_eq!(of(records), Namespace::Records, "{records:?}");
        }
        for mixed in [&["logs/1"][..], &["accounts/1", "logs/1"], &["logs/1", "a"]] {
            assert_eq!(of(mixed), Namespace::Logs, "{mixed:?}");
        }
    }
}
