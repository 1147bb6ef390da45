//! Every history of few operations.

use super::agreed;
use crate::weak::{ReadOrWrite, Sessions, Source, branched};

const SESSIONS: usize = 3;
const KEYS: usize = 2;
const VALUES: usize = 2;

/// What an operation does: to which key, and for a read the number of the write among those to the key,
/// in the order of the operations; none for the initial value.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Write,
    Read(Option<usize>),
    Update(Option<usize>),
}

impl Kind {
    fn is_write(self) -> bool {
        match self {
            Self::Write | Self::Update(_) => true,
            Self::Read(_) => false,
        }
    }
}

/// What operations there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// Reads and writes.
    Plain,
    /// Updates too.
    WithUpdates,
}

/// Judges every history of three sessions, `ops` operations, two keys and two values by every checker
/// and by brute force, and counts them; and each with any one of its writes as a branch. Of those that
/// differ in the names of keys or values, or in the order of the sessions, at least one is judged.
///
/// # Errors
///
/// Tells the first history on which they disagree.
pub fn every_weak_case(ops: usize, alphabet: Alphabet) -> Result<u64, String> {
    let mut count = 0;
    every_history(ops, alphabet, &mut |sessions| {
        count += 1;
        agreed(sessions)?;
        let goes_on = |op: &u32| op + 1 < sessions.ops(sessions.session(*op)).end;
        let is_write = |&op: &u32| sessions.access(op) == ReadOrWrite::Write;
        let writes = (0..sessions.len()).filter(is_write);
        for write in writes.filter(goes_on) {
            count += 1;
            agreed(&branched(sessions, |op| op == write))?;
        }
        Ok(())
    })?;
    Ok(count)
}

/// Shows every such history to `visit`, until that fails.
///
/// # Errors
///
/// If `visit` fails.
pub(crate) fn every_history(
    ops: usize,
    alphabet: Alphabet,
    visit: &mut Visit<'_>,
) -> Result<(), String> {
    // How many operations each session has: never more than the one before.
    for first in 0..=ops {
        for second in 0..=first.min(ops - first) {
            let third = ops - first - second;
            if third <= second {
                let lengths = [first, second, third];
                Every { lengths, alphabet, plan: Vec::new(), visit: &mut *visit }.extend(ops)?;
            }
        }
    }
    Ok(())
}

/// What is done with each history.
type Visit<'a> = dyn FnMut(&Sessions) -> Result<(), String> + 'a;

struct Every<'a, 'b> {
    lengths: [usize; SESSIONS],
    alphabet: Alphabet,
    plan: Vec<(usize, Kind)>,
    visit: &'a mut Visit<'b>,
}

impl Every<'_, '_> {
    /// Judges every history that begins with the plan.
    fn extend(&mut self, ops: usize) -> Result<(), String> {
        if self.plan.len() == ops {
            let Some(sessions) = self.sessions() else { return Ok(()) };
            return (self.visit)(&sessions);
        }
        let keys = if self.plan.is_empty() { 1 } else { KEYS };
        for key in 0..keys {
            let is_written = |&&(to, kind): &&(usize, Kind)| to == key && kind.is_write();
            let written = self.plan.iter().filter(is_written).count();
            let sources = || (0..VALUES).map(Some).chain([None]);
            let has_updates = self.alphabet == Alphabet::WithUpdates;
            let updates = sources().filter(|_| has_updates);
            let kinds = sources().map(Kind::Read).chain([Kind::Write]);
            for kind in kinds.chain(updates.map(Kind::Update)) {
                // A value that an update reads is not the one that it writes.
                let is_own = kind == Kind::Update(Some(written));
                if !kind.is_write() || written < VALUES && !is_own {
                    self.plan.push((key, kind));
                    self.extend(ops)?;
                    self.plan.pop();
                }
            }
        }
        Ok(())
    }

    /// The history, if each read is of a value that is written.
    fn sessions(&self) -> Option<Sessions> {
        let mut writes = [const { Vec::new() }; KEYS];
        for (op, &(key, kind)) in (0u32..).zip(&self.plan) {
            if kind.is_write() {
                writes[key].push(op);
            }
        }
        let mut sessions = Sessions::new();
        let mut left = self.plan.iter();
        for length in self.lengths {
            for &(key, kind) in left.by_ref().take(length) {
                let source = |value: Option<usize>| match value {
                    None => Some(Source::Initial),
                    Some(value) => writes[key].get(value).copied().map(Source::Write),
                };
                let access = match kind {
                    Kind::Write => ReadOrWrite::Write,
                    Kind::Read(value) => ReadOrWrite::Read(source(value)?),
                    Kind::Update(value) => ReadOrWrite::Update(source(value)?),
                };
                sessions.push(u32::try_from(key).expect("there are few keys"), access);
            }
            sessions.end_session();
        }
        Some(sessions)
    }
}
