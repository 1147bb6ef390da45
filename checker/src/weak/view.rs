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
use crate::{History, OpIndex, Outcome, ProcessId, Value};

/// The operations of a history that sessions show, and where they stand in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionView {
    /// What the sessions did.
    pub sessions: Sessions,
    /// For each operation of the sessions, by its number, the one of the history.
    pub ops: Vec<OpIndex>,
}

impl SessionView {
    /// The first operation that both read and wrote, if one did.
    pub fn first_update(&self) -> Option<OpIndex> {
        let updates = (0..self.sessions.len()).filter(|&op| self.sessions.is_update(op));
        updates.map(|op| self.ops[op as usize]).min()
    }
}

/// Why a history has no such view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSessionView {
    /// An operation that is neither a read nor a write nor a compare-and-set of a register.
    Function(OpIndex),
    /// A compare-and-set without a list of the value that is expected and the one to write.
    Argument(OpIndex),
    /// A compare-and-set of unknown outcome, whose value was read, expected what nothing wrote.
    LostFromNowhere(OpIndex),
    /// A compare-and-set of unknown outcome, whose value was read, and after which its process went on: what
    /// it read has no place among the reads of its session.
    WentOn(OpIndex),
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
    Update { old: ValueId, new: ValueId },
}

impl Deed {
    fn reads(self) -> Option<ValueId> {
        match self {
            Self::Read(value) | Self::Update { old: value, .. } => Some(value),
            Self::Write(_) => None,
        }
    }

    fn writes(self) -> Option<ValueId> {
        match self {
            Self::Write(value) | Self::Update { new: value, .. } => Some(value),
            Self::Read(_) => None,
        }
    }
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
    let deeds = Deeds::new(history)?;
    let writers = Writers::new(history, &keys, &deeds)?;
    let counts = writers.counting(&deeds)?;
    let mut by_process: Vec<(ProcessId, OpIndex, Deed)> = Vec::new();
    for &(op, deed) in &deeds.0 {
        if counts[op.get()] {
            by_process.push((history.operation(op).process, op, deed));
        }
    }
    by_process.sort_by_key(|&(process, op, _)| (process, op));
    let mut numbered = Numbered::default();
    for of_process in by_process.chunk_by(|one, other| one.0 == other.0) {
        numbered.add(of_process, |op| history.outcome_id(op).ok().is_some())?;
    }
    Ok(numbered.view(&writers))
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
    ) -> Result<(), NoSessionView> {
        let start = self.len();
        let mut branches = Vec::new();
        for (at, &(_, op, deed)) in (1..).zip(of_process) {
            if is_known(op) || at == of_process.len() {
                self.ops.push((op, deed));
            } else if deed.reads().is_some() {
                return Err(NoSessionView::WentOn(op));
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
        Ok(())
    }

    fn len(&self) -> u32 {
        u32::try_from(self.ops.len()).expect("there are at most 2^32 operations")
    }

    fn view(self, writers: &Writers<'_>) -> SessionView {
        let ops: Vec<OpIndex> = self.ops.iter().map(|&(op, _)| op).collect();
        let mut number = vec![0u32; writers.history.len()];
        for (at, op) in (0u32..).zip(&ops) {
            number[op.get()] = at;
        }
        let mut sessions = Sessions::new();
        let mut ends = self.ends.into_iter().peekable();
        for (at, (op, deed)) in (1u32..).zip(self.ops) {
            let source = |value| match writers.of(op, value) {
                None => Source::Initial,
                Some(write) => Source::Write(number[write.get()]),
            };
            let access = match deed {
                Deed::Write(_) => ReadOrWrite::Write,
                Deed::Read(value) => ReadOrWrite::Read(source(value)),
                Deed::Update { old, .. } => ReadOrWrite::Update(source(old)),
            };
            sessions.push(writers.keys.of(op), access);
            match ends.next_if(|end| end.at == at) {
                Some(SessionEnd { trunk: Some(trunk), .. }) => sessions.end_branch(trunk),
                Some(SessionEnd { trunk: None, .. }) => sessions.end_session(),
                None => {}
            }
        }
        SessionView { sessions, ops }
    }
}

/// The operations of clients under load.
fn clients(history: &History) -> impl Iterator<Item = OpIndex> {
    history.indices().filter(|&op| !history.is_final(op))
}

/// What the clients of a history did, in its order.
struct Deeds(Vec<(OpIndex, Deed)>);

impl Deeds {
    fn new(history: &History) -> Result<Self, NoSessionView> {
        let mut ids = ValueIds { history, numbers: None };
        let mut deeds = Vec::new();
        for op in clients(history) {
            if let Some(deed) = ids.deed(op)? {
                deeds.push((op, deed));
            }
        }
        Ok(Self(deeds))
    }
}

/// The numbers of values that stand inside of others.
struct ValueIds<'a> {
    history: &'a History,
    /// Of those that need a table, made when the first is asked for.
    numbers: Option<HashMap<Value, ValueId>>,
}

impl ValueIds<'_> {
    /// What an operation did, unless that says nothing: a read without an answer.
    fn deed(&mut self, op: OpIndex) -> Result<Option<Deed>, NoSessionView> {
        let history = self.history;
        match history.f(op) {
            "read" | "get" => Ok(history.outcome_id(op).ok().map(|&value| Deed::Read(value))),
            "write" | "put" | "set" => match history.argument_id(op) {
                ValueId::NIL => Err(NoSessionView::WritesNil(op)),
                value => Ok(Some(Deed::Write(value))),
            },
            "cas" => {
                let operation = history.operation(op);
                let Some([old, new]) = operation.argument.as_list() else {
                    return Err(NoSessionView::Argument(op));
                };
                if *new == Value::Nil {
                    return Err(NoSessionView::WritesNil(op));
                }
                let is_mismatch = operation.outcome == Outcome::Ok(Value::Bool(false));
                let update = Deed::Update { old: self.of(old), new: self.of(new) };
                Ok((!is_mismatch).then_some(update))
            }
            _ => Err(NoSessionView::Function(op)),
        }
    }

    /// The number of a value, one of its own if no event carries that alone.
    fn of(&mut self, value: &Value) -> ValueId {
        if let Some(id) = ValueId::inline(value) {
            return id;
        }
        let history = self.history;
        let numbers = self.numbers.get_or_insert_with(|| {
            let numbers = history.values.iter().cloned().zip((0..).map(ValueId));
            numbers.collect()
        });
        let fresh = ValueId(u32::try_from(numbers.len()).expect("there are at most 2^31 values"));
        *numbers.entry(value.clone()).or_insert(fresh)
    }
}

/// Who wrote each value to each key, failed or not.
struct Writers<'a> {
    history: &'a History,
    keys: &'a Keys,
    by_value: HashMap<(u32, ValueId), OpIndex>,
}

impl<'a> Writers<'a> {
    fn new(history: &'a History, keys: &'a Keys, deeds: &Deeds) -> Result<Self, NoSessionView> {
        let mut by_value = HashMap::new();
        for &(op, deed) in &deeds.0 {
            if let Some(value) = deed.writes()
                && let Some(other) = by_value.insert((keys.of(op), value), op)
            {
                return Err(NoSessionView::WrittenTwice(other, op));
            }
        }
        Ok(Self { history, keys, by_value })
    }

    /// The write whose `value` was read by `op`; none if that is what the register held at first.
    ///
    /// # Panics
    ///
    /// If there is no such write: see [`counting`](Self::counting).
    fn of(&self, op: OpIndex, value: ValueId) -> Option<OpIndex> {
        (value != ValueId::NIL).then(|| self.by_value[&(self.keys.of(op), value)])
    }

    /// Whether each operation counts: those that are known to have taken effect, and of the others those
    /// whose values were read by such as count.
    fn counting(&self, deeds: &Deeds) -> Result<Vec<bool>, NoSessionView> {
        let mut counts = vec![false; self.history.len()];
        let mut deed_of = HashMap::new();
        let is_ok = |op: OpIndex| self.history.outcome_id(op).ok().is_some();
        let mut open: Vec<(OpIndex, Deed)> = Vec::new();
        for &(op, deed) in deeds.0.iter().rev() {
            counts[op.get()] = is_ok(op);
            if counts[op.get()] {
                open.push((op, deed));
            } else {
                deed_of.insert(op, deed);
            }
        }
        while let Some((op, deed)) = open.pop() {
            let Some(value) = deed.reads().filter(|&value| value != ValueId::NIL) else { continue };
            let Some(&write) = self.by_value.get(&(self.keys.of(op), value)) else {
                let is_lost = !is_ok(op);
                let why = if is_lost {
                    NoSessionView::LostFromNowhere
                } else {
                    NoSessionView::FromNowhere
                };
                return Err(why(op));
            };
            if matches!(self.history.outcome_id(write), Outcome::Fail) {
                return Err(NoSessionView::FromFailed(op, write));
            }
            if !std::mem::replace(&mut counts[write.get()], true) {
                open.push((write, deed_of[&write]));
            }
        }
        Ok(counts)
    }
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
    use crate::{Budget, Event, EventKind, causal};

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
    fn a_compare_and_set_is_an_update_if_it_took_effect_or_was_read() {
        let cas = |at, process, kind, old, new| {
            let value = Value::list([Value::Int(old), Value::Int(new)]);
            Event::new(at, ProcessId(process), kind, "cas", value)
        };
        let read = |at, kind, value| Event::new(at, ProcessId(9), kind, "read", value);
        let (invoke, ok) = (EventKind::Invoke, EventKind::Ok);
        let mut events = vec![
            Event::new(0, ProcessId(0), invoke, "write", Value::Int(1)),
            Event::new(1, ProcessId(0), ok, "write", Value::Int(1)),
            cas(2, 1, invoke, 1, 2),
            cas(3, 1, EventKind::Info, 1, 2),
            cas(4, 2, invoke, 2, 3),
            cas(5, 2, EventKind::Info, 2, 3),
            cas(6, 3, invoke, 7, 4),
            cas(7, 3, EventKind::Fail, 7, 4),
            read(8, invoke, Value::Nil),
            read(9, ok, Value::Int(3)),
        ];
        let view = |events: &[Event]| session_view(&History::from_events(events.to_vec()).unwrap());
        // The second was read, and so the first, which it read.
        assert_eq!(line(&view(&events).unwrap().sessions), "wa0 | ua0:1 | ua1:2 | ra2");
        events[9].value = Value::Int(4);
        let failed = NoSessionView::FromFailed(OpIndex(4), OpIndex(3));
        assert_eq!(view(&events), Err(failed), "it read what a failed one would have written");
        events[7] = cas(7, 3, ok, 7, 4);
        assert_eq!(view(&events), Err(NoSessionView::FromNowhere(OpIndex(3))), "nothing wrote 7");
        events[7] = cas(7, 3, EventKind::Info, 7, 4);
        assert_eq!(view(&events), Err(NoSessionView::LostFromNowhere(OpIndex(3))));
        events[9].value = Value::Int(2);
        events.extend([
            Event::new(10, ProcessId(1), invoke, "read", Value::Nil),
            Event::new(11, ProcessId(1), ok, "read", Value::Int(2)),
        ]);
        assert_eq!(view(&events), Err(NoSessionView::WentOn(OpIndex(1))));
    }

    #[test]
    fn what_these_models_do_not_speak_of_and_what_none_allows_is_told_by_operation() {
        let told = |lines| session_view(&history_of_events(lines)).unwrap_err();
        let at = OpIndex;
        assert_eq!(told("0 invoke swap\n0 info swap"), NoSessionView::Function(at(0)));
        assert_eq!(told("0 invoke cas 1\n0 info cas"), NoSessionView::Argument(at(0)));
        let twice = "0 invoke write 1\n0 ok write 1\n0 invoke write 1\n0 ok write 1";
        assert_eq!(told(twice), NoSessionView::WrittenTwice(at(0), at(1)));
        assert_eq!(told("0 invoke write\n0 ok write"), NoSessionView::WritesNil(at(0)));
        assert_eq!(told("0 invoke read\n0 ok read 7"), NoSessionView::FromNowhere(at(0)));
        let failed = "0 invoke write 1\n0 fail write 1\n1 invoke read\n1 ok read 1";
        assert_eq!(told(failed), NoSessionView::FromFailed(at(1), at(0)));
    }
}
