//! Random histories of sessions; a replicated store could have produced about half of them.

use crate::agreement::Chance;
use crate::weak::{ReadOrWrite, Sessions, Source, branched};

/// What an operation of the plan does: a read of `None` is of the initial value, and a write is named by
/// its place in the plan.
#[derive(Clone, Copy)]
pub(super) enum PlannedOp {
    Write,
    Read(Option<usize>),
}

/// A history of at most seven operations.
pub(super) fn sessions(chance: &mut Chance) -> Sessions {
    let (count, keys) = (1 + chance.below(3), 1 + chance.below(3));
    let ops = 3 + chance.below(5);
    let sessions = sized(chance, count, keys, ops);
    with_branches(chance, &sessions)
}

/// One history in three has writes of unknown outcome after which their process went on.
pub(super) fn with_branches(chance: &mut Chance, sessions: &Sessions) -> Sessions {
    if chance.one_in(3) { branched(sessions, |_| chance.one_in(2)) } else { sessions.clone() }
}

/// A history of `count` sessions and `ops` operations on `keys` keys.
pub(super) fn sized(chance: &mut Chance, count: usize, keys: usize, ops: usize) -> Sessions {
    let is_random = chance.one_in(3);
    let mut plan: Vec<(usize, usize, PlannedOp)> = Vec::new();
    // What each session's replica holds, and has applied.
    let mut held = vec![vec![None; keys]; count];
    let mut applied = vec![vec![false; ops]; count];
    for place in 0..ops {
        let (session, key) = (chance.below(count), chance.below(keys));
        for _ in 0..chance.below(4) {
            deliver(chance, &plan, session, &mut held[session], &mut applied[session]);
        }
        let step =
            if chance.one_in(2) { PlannedOp::Write } else { PlannedOp::Read(held[session][key]) };
        if matches!(step, PlannedOp::Write) {
            held[session][key] = Some(place);
            applied[session][place] = true;
        }
        plan.push((session, key, step));
    }
    for place in 0..ops {
        let (_, key, step) = plan[place];
        if matches!(step, PlannedOp::Read(_)) && (is_random || chance.one_in(12)) {
            let writes = |at: &usize| matches!(plan[*at], (_, to, PlannedOp::Write) if to == key);
            let mut choice: Vec<Option<usize>> = (0..ops).filter(writes).map(Some).collect();
            choice.push(None);
            plan[place].2 = PlannedOp::Read(choice[chance.below(choice.len())]);
        }
    }
    in_sessions(&plan, count)
}

/// Has a replica apply one write of the plan that it may not have.
fn deliver(
    chance: &mut Chance,
    plan: &[(usize, usize, PlannedOp)],
    session: usize,
    held: &mut [Option<usize>],
    applied: &mut [bool],
) {
    if plan.is_empty() {
        return;
    }
    let place = chance.below(plan.len());
    let (from, key, step) = plan[place];
    let is_stale = chance.one_in(2) && held[key].is_some_and(|it| it > place);
    if matches!(step, PlannedOp::Write) && from != session && !applied[place] && !is_stale {
        held[key] = Some(place);
        applied[place] = true;
    }
}

pub(super) fn in_sessions(plan: &[(usize, usize, PlannedOp)], count: usize) -> Sessions {
    let mut number = vec![0; plan.len()];
    let places = |session: usize| (0..plan.len()).filter(move |&it| plan[it].0 == session);
    for (op, place) in (0u32..).zip((0..count).flat_map(places)) {
        number[place] = op;
    }
    let mut sessions = Sessions::new();
    for session in 0..count {
        for place in places(session) {
            let (_, key, step) = plan[place];
            let access = match step {
                PlannedOp::Write => ReadOrWrite::Write,
                PlannedOp::Read(None) => ReadOrWrite::Read(Source::Initial),
                PlannedOp::Read(Some(write)) => ReadOrWrite::Read(Source::Write(number[write])),
            };
            sessions.push(u32::try_from(key).expect("there are few keys"), access);
        }
        sessions.end_session();
    }
    sessions
}
