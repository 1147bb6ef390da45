//! The sessions of a history, where the models that look at sessions alone can judge it.
//!
//! A process is a session. Final reads are separate: they are made after the load, by an observer that reads
//! at each copy. An operation that certainly failed did nothing. A write of which it is unknown whether
//! it happened counts if some read returned its value, and else may be left out: no model asks that a
//! write be seen. Where its process went on, such a write branches off the session: it came after what
//! the process had done, and whether it happened before what the process did next is not known.

use std::collections::HashMap;

use super::{ReadOrWrite, Sessions, Source};
use crate::history::ValueId;
use crate::{History, OpIndex, Outcome, ProcessId};

/// The operations of a history that sessions show, and where they stand in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
    /// What the sessions did.
    pub sessions: Sessions,
    /// For each operation of the sessions, by its number, the one of the history.
    pub ops: Vec<OpIndex>,
}

/// Why a history has no such view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSessionView {
    /// An operation that is neither a read nor a write of a register.
    Function(OpIndex),
    /// Two writes of one value to one key: a read does not name its write.
    WrittenTwice(OpIndex, OpIndex),
    /// A write of the value that stands for "never written".
    WritesNil(OpIndex),
    /// A read returned what nothing wrote. No model allows that.
    FromNowhere(OpIndex),
    /// A read returned what a write that certainly failed had written. No model allows that.
    FromFailed(OpIndex, OpIndex),
}

/// What an operation on a register is.
#[derive(Clone, Copy)]
enum Deed {
    Read(ValueId),
    Write(ValueId),
}

/// Sees a history as its sessions.
///
/// O(n log n) for n operations.
///
/// # Errors
///
/// If it has an operation or a value outside these models, or a read that no model
/// allows.
pub fn session_view(history: &History) -> Result<SessionView, NoSessionView> {
    let keys = Keys::new(history);
    let writes = writes(history, &keys)?;
    let mut read = vec![false; history.len()];
    let mut by_process: Vec<(ProcessId, OpIndex, Deed)> = Vec::new();
    for op in clients(history) {
        let Some(deed) = deed(history, op)? else { continue };
        if let Deed::Read(value) = deed
            && value != ValueId::NIL
        {
            let write = *writes.get(&(keys.of(op), value)).ok_or(NoSessionView::FromNowhere(op))?;
            if matches!(history.outcome_id(write), Outcome::Fail) {
                return Err(NoSessionView::FromFailed(op, write));
            }
            read[write.get()] = true;
        }
        by_process.push((history.operation(op).process, op, deed));
    }
    let counts = |op: OpIndex| history.outcome_id(op).ok().is_some() || read[op.get()];
    by_process.retain(|&(_, op, _)| counts(op));
    by_process.sort_by_key(|&(process, op, _)| (process, op));
    let mut numbered = Numbered::default();
    for of_process in by_process.chunk_by(|one, other| one.0 == other.0) {
        numbered.add(of_process, |op| history.outcome_id(op).ok().is_some());
    }
    let ops: Vec<OpIndex> = numbered.ops.iter().map(|&(op, _)| op).collect();
    let mut number = vec![0u32; history.len()];
    for (at, op) in (0u32..).zip(&ops) {
        number[op.get()] = at;
    }
    let mut sessions = Sessions::new();
    let mut ends = numbered.ends.into_iter().peekable();
    for (at, (op, deed)) in (1u32..).zip(numbered.ops) {
        let access = match deed {
            Deed::Write(_) => ReadOrWrite::Write,
            Deed::Read(ValueId::NIL) => ReadOrWrite::Read(Source::Initial),
            Deed::Read(value) => {
                let write = writes[&(keys.of(op), value)];
                ReadOrWrite::Read(Source::Write(number[write.get()]))
            }
        };
        sessions.push(keys.of(op), access);
        match ends.next_if(|end| end.at == at) {
            Some(SessionEnd { trunk: Some(trunk), .. }) => sessions.end_branch(trunk),
            Some(SessionEnd { trunk: None, .. }) => sessions.end_session(),
            None => {}
        }
    }
    Ok(SessionView { sessions, ops })
}

/// Operations by their numbers in the sessions, and where each session ends.
#[derive(Default)]
struct Numbered {
    ops: Vec<(OpIndex, Deed)>,
    ends: Vec<SessionEnd>,
}

/// Where a session ends: the number of operations up to there, and after which of them it branched off.
struct SessionEnd {
    at: u32,
    trunk: Option<u32>,
}

impl Numbered {
    /// Adds what a process did: a session, and a branch for each write of unknown outcome after which the
    /// process went on.
    fn add(
        &mut self,
        of_process: &[(ProcessId, OpIndex, Deed)],
        is_known: impl Fn(OpIndex) -> bool,
    ) {
        let start = self.len();
        let mut branches = Vec::new();
        for (at, &(_, op, deed)) in (1..).zip(of_process) {
            if is_known(op) || at == of_process.len() {
                self.ops.push((op, deed));
            } else {
                let trunk = self.len().checked_sub(1).filter(|&trunk| trunk >= start);
                branches.push((op, deed, trunk));
            }
        }
        self.ends.push(SessionEnd { at: self.len(), trunk: None });
        for (op, deed, trunk) in branches {
            self.ops.push((op, deed));
            self.ends.push(SessionEnd { at: self.len(), trunk });
        }
    }

    fn len(&self) -> u32 {
        u32::try_from(self.ops.len()).expect("there are at most 2^32 operations")
    }
}

/// The operations of clients under load.
fn clients(history: &History) -> impl Iterator<Item = OpIndex> {
    history.indices().filter(|&op| !history.is_final(op))
}

/// What an operation did, unless that says nothing: a read without an answer.
fn deed(history: &History, op: OpIndex) -> Result<Option<Deed>, NoSessionView> {
    match history.f(op) {
        "read" | "get" => Ok(history.outcome_id(op).ok().map(|&value| Deed::Read(value))),
        "write" | "put" | "set" => match history.argument_id(op) {
            ValueId::NIL => Err(NoSessionView::WritesNil(op)),
            value => Ok(Some(Deed::Write(value))),
        },
        _ => Err(NoSessionView::Function(op)),
    }
}

/// Who wrote each value to each key, failed or not.
fn writes(
    history: &History,
    keys: &Keys,
) -> Result<HashMap<(u32, ValueId), OpIndex>, NoSessionView> {
    let mut writes = HashMap::new();
    for op in clients(history) {
        if let Some(Deed::Write(value)) = deed(history, op)?
            && let Some(other) = writes.insert((keys.of(op), value), op)
        {
            return Err(NoSessionView::WrittenTwice(other, op));
        }
    }
    Ok(writes)
}

/// The keys of a history by number, in the order of their first use.
struct Keys(Vec<u32>);

impl Keys {
    fn new(history: &History) -> Self {
        let mut numbers = HashMap::new();
        let number = |op| {
            let fresh = u32::try_from(numbers.len()).expect("there are fewer keys than operations");
            *numbers.entry(history.key_of(op)).or_insert(fresh)
        };
        Self(history.indices().map(number).collect())
    }

    fn of(&self, op: OpIndex) -> u32 {
        self.0[op.get()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weak::{history_of_events, line};
    use crate::{Budget, causal};

    #[test]
    fn a_process_is_a_session_and_a_read_names_its_write() {
        let lines = "0 invoke write 5\n1 invoke read\n0 ok write 5\n1 ok read 5\n0 invoke read\n\
                     0 ok read";
        let view = session_view(&history_of_events(lines)).unwrap();
        assert_eq!(line(&view.sessions), "wa0 ra_ | ra0");
        assert_eq!(view.ops.iter().map(|op| op.get()).collect::<Vec<_>>(), [0, 2, 1]);
        let [all, convergent] = causal::check(&view.sessions, &Budget::default());
        assert!(format!("{all:?} {convergent:?}").contains("Broken"), "its own write is not seen");
    }

    #[test]
    fn a_write_of_unknown_outcome_counts_if_it_was_read() {
        let lines = "0 invoke write 5\n0 info write\n1 invoke write 6\n1 info write\n2 invoke read\n\
                     2 ok read 6";
        let view = session_view(&history_of_events(lines)).unwrap();
        assert_eq!(line(&view.sessions), "wa0 | ra0");
    }

    #[test]
    fn a_write_of_unknown_outcome_branches_off_if_its_process_went_on() {
        let lines = "0 invoke write 5\n0 ok write\n0 invoke write 6\n0 info write\n0 invoke read\n\
                     0 ok read 5\n0 invoke write 7\n0 info write\n1 invoke read\n1 ok read 6\n\
                     1 invoke read\n1 ok read 7";
        let view = session_view(&history_of_events(lines)).unwrap();
        assert_eq!(line(&view.sessions), "wa0 wa3? ra0 wa2 | ra3 ra2");
        assert_eq!(view.ops.iter().map(|op| op.get()).collect::<Vec<_>>(), [0, 2, 3, 1, 4, 5]);
    }

    #[test]
    fn what_these_models_do_not_speak_of_and_what_none_allows_is_told_by_operation() {
        let told = |lines| session_view(&history_of_events(lines)).unwrap_err();
        let at = OpIndex;
        assert_eq!(told("0 invoke cas\n0 info cas"), NoSessionView::Function(at(0)));
        let twice = "0 invoke write 1\n0 ok write 1\n0 invoke write 1\n0 ok write 1";
        assert_eq!(told(twice), NoSessionView::WrittenTwice(at(0), at(1)));
        assert_eq!(told("0 invoke write\n0 ok write"), NoSessionView::WritesNil(at(0)));
        assert_eq!(told("0 invoke read\n0 ok read 7"), NoSessionView::FromNowhere(at(0)));
        let failed = "0 invoke write 1\n0 fail write 1\n1 invoke read\n1 ok read 1";
        assert_eq!(told(failed), NoSessionView::FromFailed(at(1), at(0)));
    }
}
