//! First what is forced, then a search.

use super::least::Least;
use super::order::{NoForcedOrder, Registers};
use super::search::{CutSearch, CutSearched};
use crate::weak::{Evidence, Readers, Reads, Reasons, Sessions, WeakJudgement, Wiring, Writers};
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
    let (decided, _) = decide(sessions, &rank, budget);
    let least = Least::new(sessions, budget);
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
            let ops = if least.has_no_order(&ops) { ops } else { (0..sessions.len()).collect() };
            WeakJudgement::Broken(least.breach(ops))
        }
        Decided::OutOfBytes => WeakJudgement::out_of_bytes(budget),
        Decided::OutOfSteps => WeakJudgement::out_of_steps(budget),
    }
}

/// What is decided about sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decided {
    Order,
    /// These operations must precede each other.
    Circle(Evidence),
    /// No order was found, of what comes before these ends of the sessions.
    NoOrder(Vec<u32>),
    OutOfBytes,
    OutOfSteps,
}

/// Decides, and says how many configurations that took.
pub(super) fn decide(sessions: &Sessions, rank: &[u32], budget: &Budget) -> (Decided, u64) {
    let session_of = sessions.session_of_each();
    let by_number: Vec<u32>;
    let rank = if rank.len() == session_of.len() {
        rank
    } else {
        by_number = (0..sessions.len()).collect();
        &by_number
    };
    let writers = Writers::new(sessions, &session_of);
    let readers = Readers::new(sessions);
    let of = Registers { sessions, session_of: &session_of, writers: &writers, readers: &readers };
    let mut spent = 0;
    let decided = match of.saturate(budget, &mut spent) {
        Err(NoForcedOrder::OutOfBytes) => Decided::OutOfBytes,
        Err(NoForcedOrder::Stopped) => Decided::OutOfSteps,
        Err(NoForcedOrder::Circle(circle, wiring)) => {
            let reasons = Reasons { sessions, session_of: &session_of, wiring: &wiring };
            Decided::Circle(reasons.of_circle(&circle))
        }
        Ok(order) => match CutSearch::new(of, &order, rank).run(budget, &mut spent) {
            CutSearched::Order => Decided::Order,
            CutSearched::NoOrder(ends) => Decided::NoOrder(ends),
            CutSearched::OutOfBytes => Decided::OutOfBytes,
            CutSearched::OutOfSteps => Decided::OutOfSteps,
        },
    };
    (decided, spent)
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
