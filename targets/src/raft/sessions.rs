//! What each client did last, so that a retry is done once (thesis, section 6.3).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Answer, Caller};

/// The last write of a client that was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct LastWrite {
    seq: u64,
    /// What it was answered.
    answer: Answer,
}

/// The last write of every client: a part of what the log makes, equal on every node.
///
/// A client has one operation at a time under way, so none that is earlier than its last is wanted any
/// more. Sessions do not expire: the table has an entry for each client that ever wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(u64, LastWrite)>", into = "Vec<(u64, LastWrite)>")] // Numbers are no keys in JSON.
pub(super) struct LastWrites(BTreeMap<u64, LastWrite>);

impl From<Vec<(u64, LastWrite)>> for LastWrites {
    fn from(pairs: Vec<(u64, LastWrite)>) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl From<LastWrites> for Vec<(u64, LastWrite)> {
    fn from(LastWrites(last): LastWrites) -> Self {
        last.into_iter().collect()
    }
}

impl LastWrites {
    /// What a write was answered when it was applied; nothing if it was not. What an earlier write than
    /// the last was answered is forgotten, and nobody waits for it.
    pub(super) fn answer(&self, Caller { client, seq }: Caller) -> Option<Answer> {
        let last = self.0.get(&client).filter(|last| last.seq >= seq)?;
        Some(if last.seq == seq {
            last.answer.clone()
        } else {
            Answer::Indeterminate { reason: "the client has invoked later operations".to_owned() }
        })
    }

    /// A write was applied, and answered so.
    pub(super) fn note(&mut self, Caller { client, seq }: Caller, answer: Answer) {
        self.0.insert(client, LastWrite { seq, answer });
    }
}
