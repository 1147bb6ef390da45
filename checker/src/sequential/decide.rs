//! First what is forced, then a search.

use super::order::{NoForcedOrder, Registers};
use super::search::{CutSearch, CutSearched};
use crate::Budget;
use crate::weak::{Evidence, Readers, Reasons, Sessions, Writers};

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
        Ok(order) => {
            let bytes = budget.bytes.saturating_sub(order.bytes());
            let budget = Budget { bytes, ..budget.clone() };
            match CutSearch::new(of, &order, rank).run(&budget, &mut spent) {
                CutSearched::Order => Decided::Order,
                CutSearched::NoOrder(ends) => Decided::NoOrder(ends),
                CutSearched::OutOfBytes => Decided::OutOfBytes,
                CutSearched::OutOfSteps => Decided::OutOfSteps,
            }
        }
    };
    (decided, spent)
}
