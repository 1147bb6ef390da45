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
}

/// Judges every history of three sessions, `ops` operations, two keys and two values by every checker
/// and by brute force, and counts them; and each with any one of its writes as a branch. Of those that differ in the names of keys or values, or in the
/// order of the sessions, at least one is judged.
///
/// # Errors
///
/// Tells the first history on which they disagree.
pub fn every_weak_case(ops: usize) -> Result<u64, String> {
    let mut count = 0;
    every_history(ops, &mut |sessions| {
        count += 1;
        agreed(sessions)?;
        let goes_on = |op: &u32| op + 1 < sessions.ops(sessions.session(*op)).end;
        let writes = (0..sessions.len()).filter(|&op| sessions.is_write(op));
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
pub(crate) fn every_history(ops: usize, visit: &mut Visit<'_>) -> Result<(), String> {
    // How many operations each session has: never more than the one before.
    for first in 0..=ops {
        for second in 0..=first.min(ops - first) {
            let third = ops - first - second;
            if third <= second {
                let lengths = [first, second, third];
                Every { lengths, plan: Vec::new(), visit: &mut *visit }.extend(ops)?;
            }
        }
    }
    Ok(())
}

/// What is done with each history.
type Visit<'a> = dyn FnMut(&Sessions) -> Result<(), String> + 'a;

struct Every<'a, 'b> {
    lengths: [usize; SESSIONS],
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
            let written = self.plan.iter().filter(|&&it| it == (key, Kind::Write)).count();
            let reads = (0..VALUES).map(|value| Kind::Read(Some(value)));
            for kind in reads.chain([Kind::Read(None), Kind::Write]) {
                if kind != Kind::Write || written < VALUES {
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
            if kind == Kind::Write {
                writes[key].push(op);
            }
        }
        let mut sessions = Sessions::new();
        let mut left = self.plan.iter();
        for length in self.lengths {
            for &(key, kind) in left.by_ref().take(length) {
                let access = match kind {
                    Kind::Write => ReadOrWrite::Write,
                    Kind::Read(None) => ReadOrWrite::Read(Source::Initial),
                    Kind::Read(Some(value)) => {
                        ReadOrWrite::Read(Source::Write(*writes[key].get(value)?))
                    }
                };
                sessions.push(u32::try_from(key).expect("there are few keys"), access);
            }
            sessions.end_session();
        }
        Some(sessions)
    }
}
