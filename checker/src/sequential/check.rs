//! The judgement: what was decided, and the least part that shows it.

use super::decide::{Decided, decide};
use super::least::Least;
use crate::weak::{CLOCKS_AND_STATES, Reads, Reasons, Sessions, WeakJudgement, Wiring};
use crate::{Budget, OpIndex};

/// Judges [sequential consistency](crate::Consistency::Sequential).
///
/// `begun` says in which order the operations began, as
/// [`SessionView::ops`](crate::weak::SessionView::ops) does: a guess of the order that is tried first,
/// which decides nothing but how long it takes. It may be empty.
///
/// A configuration of the budget is 64 operations passed in a round of saturation, or one operation
/// taken in the search.
pub fn check(sessions: &Sessions, begun: &[OpIndex], budget: &Budget) -> WeakJudgement {
    let rank: Vec<u32> = begun.iter().map(|op| op.0).collect();
    let (decided, spent) = decide(sessions, &rank, budget);
    let least = Least::new(sessions, &rank, budget, spent);
    match decided {
        Decided::Order => WeakJudgement::Holds,
        Decided::Circle(evidence) => {
            let wiring = Wiring::new(Reads::All);
            let session_of = sessions.session_of_each();
            let reasons = Reasons { sessions, session_of: &session_of, wiring: &wiring };
            WeakJudgement::Broken(least.breach(reasons.closed(evidence)))
        }
        Decided::NoOrder(ends) => {
            let mut least = least;
            let ops = region(sessions, &ends);
            let all: Vec<u32> = (0..sessions.len()).collect();
            let is_enough = ops == all || least.has_no_order(&ops);
            let ops = if is_enough { ops } else { all };
            WeakJudgement::Broken(least.breach(ops))
        }
        Decided::OutOfBytes => WeakJudgement::out_of_bytes(CLOCKS_AND_STATES, budget),
        Decided::OutOfSteps => WeakJudgement::out_of_steps(budget),
    }
}

/// What comes before these ends of the sessions, and the writes that it reads.
fn region(sessions: &Sessions, ends: &[u32]) -> Vec<u32> {
    let mut is_in = vec![false; sessions.len() as usize];
    for (session, &end) in ends.iter().enumerate() {
        for op in sessions.ops(session).start..end {
            let mut next = Some(op);
            while let Some(op) = next.filter(|&op| !is_in[op as usize]) {
                is_in[op as usize] = true;
                next = sessions.write_read(op);
            }
        }
    }
    (0..sessions.len()).filter(|&op| is_in[op as usize]).collect()
}
