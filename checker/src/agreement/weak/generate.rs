//! Random histories of sessions; a replicated store could have produced about half of them.

use crate::agreement::Chance;
use crate::weak::{ReadOrWrite, Sessions, Source, branched};

/// What an operation of the plan does: a read of `None` is of the initial value, and a write is named by
/// its place in the plan. An update reads, then writes.
#[derive(Clone, Copy)]
pub(super) enum PlannedOp {
    Write,
    Read(Option<usize>),
    Update(Option<usize>),
}

impl PlannedOp {
    fn is_write(self) -> bool {
        match self {
            Self::Write | Self::Update(_) => true,
            Self::Read(_) => false,
        }
    }

    /// The same, of what another write wrote.
    pub(super) fn of(self, write: Option<usize>) -> Self {
        match self {
            Self::Write => Self::Write,
            Self::Read(_) => Self::Read(write),
            Self::Update(_) => Self::Update(write),
        }
    }
}

/// Operations, each with its session and its key.
pub(super) type SessionPlan = Vec<(usize, usize, PlannedOp)>;

/// Updates of a history at most.
const UPDATES_MAX: usize = 2;

/// Brute force tries two to the power of this at most: writes times reads, and updates are both.
const SETS_MAX: usize = 12;

/// A history of at most seven operations.
pub(super) fn sessions(chance: &mut Chance) -> Sessions {
    let (count, keys) = (1 + chance.below(3), 1 + chance.below(3));
    let ops = 3 + chance.below(5);
    let mut plan = planned(chance, count, keys, ops);
    make_cheap(&mut plan);
    with_branches(chance, &in_sessions(&plan, count))
}

/// Makes writes of updates until brute force can try every set of writes for every read.
fn make_cheap(plan: &mut SessionPlan) {
    let sets = |plan: &SessionPlan| {
        let writes = plan.iter().filter(|(.., step)| step.is_write()).count();
        let reads = plan.iter().filter(|(.., step)| !matches!(step, PlannedOp::Write)).count();
        writes * reads
    };
    while sets(plan) > SETS_MAX {
        let update = plan.iter_mut().find(|(.., step)| matches!(step, PlannedOp::Update(_)));
        let Some((.., step)) = update else { break };
        *step = PlannedOp::Write;
    }
}

/// One history in three has writes of unknown outcome after which their process went on.
pub(super) fn with_branches(chance: &mut Chance, sessions: &Sessions) -> Sessions {
    if chance.one_in(3) { branched(sessions, |_| chance.one_in(2)) } else { sessions.clone() }
}

/// A history of `count` sessions and `ops` operations on `keys` keys.
pub(super) fn sized(chance: &mut Chance, count: usize, keys: usize, ops: usize) -> Sessions {
    in_sessions(&planned(chance, count, keys, ops), count)
}

fn planned(chance: &mut Chance, count: usize, keys: usize, ops: usize) -> SessionPlan {
    let is_random = chance.one_in(3);
    let mut updates_left = if chance.one_in(2) { UPDATES_MAX } else { 0 };
    let mut plan: SessionPlan = Vec::new();
    // What each session's replica holds, and has applied.
    let mut held = vec![vec![None; keys]; count];
    let mut applied = vec![vec![false; ops]; count];
    for place in 0..ops {
        let (session, key) = (chance.below(count), chance.below(keys));
        for _ in 0..chance.below(4) {
            deliver(chance, &plan, session, &mut held[session], &mut applied[session]);
        }
        let step = if chance.one_in(2) {
            PlannedOp::Read(held[session][key])
        } else if updates_left > 0 && chance.one_in(2) {
            updates_left -= 1;
            PlannedOp::Update(held[session][key])
        } else {
            PlannedOp::Write
        };
        if step.is_write() {
            held[session][key] = Some(place);
            applied[session][place] = true;
        }
        plan.push((session, key, step));
    }
    for place in 0..ops {
        let (_, key, step) = plan[place];
        if !matches!(step, PlannedOp::Write) && (is_random || chance.one_in(12)) {
            let writes = |at: &usize| {
                let (_, to, step) = plan[*at];
                to == key && step.is_write() && *at != place
            };
            let mut choice: Vec<Option<usize>> = (0..ops).filter(writes).map(Some).collect();
            choice.push(None);
            plan[place].2 = step.of(choice[chance.below(choice.len())]);
        }
    }
    plan
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
    if step.is_write() && from != session && !applied[place] && !is_stale {
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
            let source = |write: Option<usize>| {
                write.map_or(Source::Initial, |write| Source::Write(number[write]))
            };
            let access = match step {
                PlannedOp::Write => ReadOrWrite::Write,
                PlannedOp::Read(write) => ReadOrWrite::Read(source(write)),
                PlannedOp::Update(write) => ReadOrWrite::Update(source(write)),
            };
            sessions.push(u32::try_from(key).expect("there are few keys"), access);
        }
        sessions.end_session();
    }
    sessions
}
