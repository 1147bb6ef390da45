//! Random histories that are often sequentially consistent, and seldom linearizable.

use super::generate::{PlannedOp, in_sessions, sized, with_branches};
use crate::agreement::Chance;
use crate::weak::Sessions;

/// A history of up to sixteen operations: of replicas that lag behind one log, or of replicas that tell
/// each other. Some reads are changed.
pub(super) fn sessions(chance: &mut Chance) -> Sessions {
    let sessions = plain(chance);
    with_branches(chance, &sessions)
}

fn plain(chance: &mut Chance) -> Sessions {
    let (count, ops) = (2 + chance.below(3), 6 + chance.below(11));
    let keys = 1 + chance.below(4);
    if chance.one_in(3) {
        return sized(chance, count, keys, ops);
    }
    let mut plan: Vec<(usize, usize, PlannedOp)> = Vec::new();
    // The places in the plan of the writes to each key, in the order of the log.
    let mut log: Vec<(usize, usize)> = Vec::new();
    let mut reached = vec![0; count];
    for place in 0..ops {
        let (session, key) = (chance.below(count), chance.below(keys));
        if chance.one_in(2) {
            let seen = log.iter().rev().find(|(to, _)| *to == key).map(|&(_, place)| place);
            let is_update = chance.one_in(4);
            log.push((key, place));
            reached[session] = log.len();
            let step = if is_update { PlannedOp::Update(seen) } else { PlannedOp::Write };
            plan.push((session, key, step));
            continue;
        }
        reached[session] += chance.below(log.len() - reached[session] + 1);
        let mut seen = log[..reached[session]].iter().rev();
        let last = seen.find(|(to, _)| *to == key).map(|&(_, place)| place);
        plan.push((session, key, PlannedOp::Read(last)));
    }
    for _ in 0..chance.below(3) {
        let place = chance.below(ops);
        let (_, key, step) = plan[place];
        if !matches!(step, PlannedOp::Write) {
            let others = log.iter().filter(|&&(to, at)| to == key && at != place);
            let choice: Vec<Option<usize>> =
                others.map(|&(_, place)| Some(place)).chain([None]).collect();
            plan[place].2 = step.of(choice[chance.below(choice.len())]);
        }
    }
    in_sessions(&plan, count)
}
