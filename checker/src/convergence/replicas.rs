//! What each replica said in the end.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Part;
use crate::{History, OpIndex, Operation, Outcome, Position, Value, visible};

/// The last final read of one replica.
#[derive(Clone, Debug)]
pub(crate) struct FinalRead {
    pub(super) replica: Arc<str>,
    pub(crate) op: OpIndex,
    pub(super) value: Value,
    pub(super) invoked: Position,
}

/// The name of the replica that an operation asked.
pub(super) fn replica_of(operation: &Operation<'_>) -> Arc<str> {
    operation.node.map_or_else(|| Arc::from(operation.who().to_string()), Arc::from)
}

/// The last final read that succeeded at each replica, by name.
pub(crate) fn final_reads(history: &History, part: &Part) -> Vec<FinalRead> {
    let mut last: BTreeMap<Arc<str>, FinalRead> = BTreeMap::new();
    let finals = part.operations.iter().filter(|&&op| history.is_final(op));
    for operation in finals.map(|&op| history.operation(op)) {
        if let ("read" | "get", Outcome::Ok(value)) = (operation.f, &operation.outcome) {
            let (op, invoked) = (operation.index, operation.invoked);
            let replica = replica_of(&operation);
            let read = FinalRead { replica: replica.clone(), op, value: value.clone(), invoked };
            last.insert(replica, read);
        }
    }
    last.into_values().collect()
}

/// Where the first of these reads began.
pub(super) fn start(finals: &[FinalRead]) -> Position {
    let first = finals.iter().map(|read| read.invoked).min();
    first.expect("a part is judged by at least one final read")
}

/// Names joined as prose has it: `n1, n2 and n3`.
pub(super) fn join(names: &[impl AsRef<str>]) -> String {
    let names: Vec<_> = names.iter().map(|name| visible(name.as_ref())).collect();
    match names.as_slice() {
        [] => "nobody".to_owned(),
        [only] => only.to_string(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// What replicas say, each side in its own words: `n1 and n3 hold 5, n2 holds 6`.
pub(super) fn sides(finals: &[FinalRead], one: &str, several: &str) -> String {
    let mut sides: BTreeMap<&Value, Vec<&str>> = BTreeMap::new();
    for read in finals {
        sides.entry(&read.value).or_default().push(&read.replica);
    }
    let mut told = Vec::new();
    for (value, replicas) in sides {
        let verb = if replicas.len() == 1 { one } else { several };
        told.push(format!("{} {verb} {value}", join(&replicas)));
    }
    told.join(", ")
}

/// The first few of many names.
pub(super) fn few(names: &[String]) -> String {
    const SHOWN: usize = 5;
    match names.len().checked_sub(SHOWN) {
        None | Some(0) => join(names),
        Some(rest) => format!("{} and {rest} more", names[..SHOWN].join(", ")),
    }
}

/// `1 element`, `2 elements`.
pub(super) fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
